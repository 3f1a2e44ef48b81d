/** The gate of a study's own variables: a hospital whose rows do not show what the study asks for takes no part in it. */

import { DureError, type Problem, type Text, text } from "@dure/kernel";
import { judgeVariables, type QualityAspect, type QualityJudgement } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { ReadTable } from "./table-source.ts";

export const judgeQuality = (
  study: StudyDocument,
  { source, evidence }: Pick<ReadTable, "source" | "evidence">,
): readonly QualityJudgement[] => judgeVariables(study, source, evidence);

/**
 * @throws DureError `site/quality-not-shown` with one problem for each requirement that is not met. It says what was asked and not what was
 * found: the problem goes to those who run the study, the figure is for this hospital's steward, who sees it in the review.
 */
export function requireQuality(study: StudyDocument, read: Pick<ReadTable, "source" | "evidence">): void {
  const unmet = judgeQuality(study, read).filter(({ isMet }) => !isMet);
  if (unmet.length > 0) throw new DureError(unmet.map(notShown));
}

export const QUALITY_ASPECTS: Readonly<Record<QualityAspect, Text>> = {
  complete: text("rows with a value", "값이 있는 행"),
  plausible: text("values in the plausible range", "타당한 범위의 값"),
  mapped: text("records with a standard concept", "표준 개념이 있는 기록"),
  unit: text("records with the right unit", "단위가 맞는 기록"),
};

export const percentOf = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

function notShown({ variable, aspect, required }: QualityJudgement): Problem {
  const words = QUALITY_ASPECTS[aspect];
  return {
    code: "site/quality-not-shown",
    severity: "error",
    place: { path: `data.variables.${variable}.quality.${aspect}` },
    what: text(
      `This hospital's rows do not show what the study asks of ${variable}: ${words.en}, at least ${percentOf(required)}.`,
      `이 병원의 자료가 연구에서 요구하는 ${variable}의 조건(${words.ko} ${percentOf(required)} 이상)을 충족하지 못합니다.`,
    ),
    remedy: text(
      "See the figures in `dure site review`, mend mapping or units, and load again.",
      "`dure site review`에서 수치를 확인하고 매핑이나 단위를 고친 뒤 다시 적재해 주십시오.",
    ),
  };
}
