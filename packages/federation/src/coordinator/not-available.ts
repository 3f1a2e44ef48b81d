/** An analysis that this version cannot run yet is refused by name, before anything is asked of a hospital. */

import { DureError, text } from "@dure/kernel";
import type { StudyDocument } from "@dure/study";

export function analysisNotAvailable(study: StudyDocument, available: readonly string[]): DureError {
  const { kind } = study.analysis;
  return new DureError({
    code: "federation/analysis-not-available",
    severity: "error",
    place: { path: "analysis.kind" },
    what: text(
      `This version cannot run the analysis "${kind}"; it runs ${available.join(", ")}.`,
      `이 버전에서는 "${kind}" 분석을 실행할 수 없습니다. 실행할 수 있는 분석: ${available.join(", ")}.`,
    ),
    remedy: text(
      "Wait for a version that has it, or choose an analysis that is available.",
      "해당 분석을 지원하는 버전을 기다리시거나 사용할 수 있는 분석을 선택해 주십시오.",
    ),
  });
}
