/** Rows of survival data that no analysis can use: the hospital takes no part, and its own console says why. Never with a value. */

import { DureError, type Text, text } from "@dure/kernel";

export interface Words {
  readonly what: Text;
  readonly remedy: Text;
}

export const negativeTime = (column: string): DureError => cannotContribute("negative-time", NEGATIVE_TIME, column);

export const eventNotBoolean = (column: string): DureError => cannotContribute("event-not-boolean", EVENT_NOT_BOOLEAN, column);

/** `federation/<code>`, of the study's column. */
export const cannotContribute = (code: string, words: Words, column?: string): DureError =>
  new DureError({ code: `federation/${code}`, severity: "error", place: column === undefined ? {} : { column }, ...words });

const NEGATIVE_TIME: Words = {
  what: text("a follow-up time is below 0.", "추적 기간이 0보다 작은 행이 있습니다."),
  remedy: text(
    "Correct the dates in the table, or leave such rows out with `include` and count them.",
    "표의 날짜를 바로잡거나 `include` 로 해당 행을 제외해 주십시오.",
  ),
};
const EVENT_NOT_BOOLEAN: Words = {
  what: text("the event of a row is neither 0 nor 1.", "사건 값이 0도 1도 아닌 행이 있습니다."),
  remedy: text("Correct the expression of the event in the study.", "연구 문서에서 사건의 식을 바로잡아 주십시오."),
};
