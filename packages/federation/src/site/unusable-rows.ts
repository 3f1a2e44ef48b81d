/** Rows of survival data that no analysis can use: the hospital takes no part, and its own console says why. Never with a value. */

import { DureError, type Text, text } from "@dure/kernel";

export interface Words {
  readonly what: Text;
  readonly remedy: Text;
}

export const negativeTime = (column: string): DureError => cannotContribute("negative-time", NEGATIVE_TIME, column);

export const eventNotBoolean = (column: string): DureError => cannotContribute("event-not-boolean", EVENT_NOT_BOOLEAN, column);

export const eventNotALevel = (column: string): DureError => cannotContribute("event-not-a-level", EVENT_NOT_A_LEVEL, column);

export const entryNotBeforeTime = (column: string): DureError => cannotContribute("entry-not-before-time", ENTRY_NOT_BEFORE_TIME, column);

export const overlappingRows = (column: string): DureError => cannotContribute("overlapping-rows", OVERLAPPING_ROWS, column);

export const rowsAfterTheEvent = (column: string): DureError => cannotContribute("rows-after-the-event", ROWS_AFTER_THE_EVENT, column);

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
const EVENT_NOT_A_LEVEL: Words = {
  what: text("the event of a row is none of the levels that the study names.", "사건 값이 연구에서 정한 수준에 없는 행이 있습니다."),
  remedy: text(
    "Name every code of the event in the study's levels, or correct the expression of the event.",
    "사건의 모든 코드를 연구 문서의 수준(levels)에 적거나 사건의 식을 바로잡아 주십시오.",
  ),
};
const ENTRY_NOT_BEFORE_TIME: Words = {
  what: text(
    "a row's follow-up begins on or after the day on which it ends.",
    "추적 시작일이 추적 종료일과 같거나 그보다 늦은 행이 있습니다.",
  ),
  remedy: text(
    "Correct the dates in the table, or leave such rows out with `include` and count them.",
    "표의 날짜를 바로잡거나 `include` 로 해당 행을 제외해 주십시오.",
  ),
};
const OVERLAPPING_ROWS: Words = {
  what: text(
    "two rows of one person overlap in time, so that the person would be at risk twice.",
    "한 사람의 두 행이 시간상 겹쳐, 같은 사람이 위험집단에 두 번 포함됩니다.",
  ),
  remedy: text(
    "Let each row of a person begin where the one before ends: a variable with the role entry says where.",
    "한 사람의 각 행이 앞 행의 종료 시점에서 시작하도록 고쳐 주십시오. 시작 시점은 역할이 entry인 변수에 적습니다.",
  ),
};
const ROWS_AFTER_THE_EVENT: Words = {
  what: text(
    "a person has a row after the event; the event ends the follow-up.",
    "사건이 발생한 뒤의 행이 있는 사람이 있습니다. 사건이 발생하면 추적이 끝납니다.",
  ),
  remedy: text(
    "Leave rows after the first event out, or define the event so that it occurs once.",
    "첫 사건 이후의 행을 제외하거나 사건이 한 번만 발생하도록 정의해 주십시오.",
  ),
};
