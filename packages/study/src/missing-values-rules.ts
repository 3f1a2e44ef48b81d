/** Missing values may be filled in only where the analysis is a model of the features. */

import { text } from "@dure/kernel";
import type { RuledVariable } from "./meta-analysis-rules.ts";
import type { Finding } from "./problem-report.ts";
import { type FieldFinding, valueAt } from "./schema-problems.ts";

const KINDS_THAT_IMPUTE = ["logistic-regression", "generalised-linear-model", "cox"];

export function checkMissingValues(
  document: unknown,
  variables: readonly Pick<RuledVariable, "path" | "role">[],
  report: (finding: FieldFinding) => void,
): void {
  const method = valueAt(document, ["data", "missing", "method"]);
  const kind = valueAt(document, ["analysis", "kind"]);
  if (typeof method !== "string" || method === "complete-case" || typeof kind !== "string") return;
  if (!KINDS_THAT_IMPUTE.includes(kind)) report({ path: ["data", "missing", "method"], ...imputationNotForKind(kind) });
  for (const { path, role } of variables) if (role === "person") report({ path: [...path, "role"], ...PERSON_WITH_IMPUTATION });
  if (method === "multiple-imputation") checkMultiple(document, report);
}

/** Judging a model on rows that were filled in by it would flatter it; and a fold left out would have helped to fill the others in. */
function checkMultiple(document: unknown, report: (finding: FieldFinding) => void): void {
  for (const field of ["localModels", "leaveOneSiteOut", "thresholds", "decisionCurve"]) {
    const value = valueAt(document, ["evaluation", field]);
    if (value !== undefined && value !== false) report({ path: ["evaluation", field], ...NOT_JUDGED });
  }
  if (valueAt(document, ["analysis", "penalty"]) !== undefined) report({ path: ["analysis", "penalty"], ...PENALTY_WITH_IMPUTATION });
}

const imputationNotForKind = (kind: string): Finding => ({
  code: "study/imputation-not-for-kind",
  what: text(
    `missing values are filled in for ${KINDS_THAT_IMPUTE.join(", ")}; ${kind} leaves such rows out.`,
    `결측 대체는 ${KINDS_THAT_IMPUTE.join(", ")} 분석에서만 합니다. ${kind} 분석에서는 결측이 있는 행을 제외합니다.`,
  ),
  remedy: text(
    "Write `missing: { method: complete-case }`, or leave it out.",
    "`missing: { method: complete-case }`로 쓰거나 항목을 지우십시오.",
  ),
});

const PERSON_WITH_IMPUTATION: Finding = {
  code: "study/imputation-of-several-rows",
  what: text(
    "rows of one person are not independent, and imputation takes them as if they were.",
    "한 사람의 여러 행은 서로 독립이 아니지만 결측 대체는 독립으로 봅니다.",
  ),
  remedy: text("Leave rows with a missing value out, or use one row a person.", "결측이 있는 행을 제외하거나 한 사람당 한 행을 쓰십시오."),
};

const PENALTY_WITH_IMPUTATION: Finding = {
  code: "study/imputation-with-penalty",
  what: text(
    "penalised coefficients have no standard errors, so that Rubin's rules have nothing to combine.",
    "벌점을 준 계수에는 표준오차가 없어 루빈의 규칙으로 합칠 수 없습니다.",
  ),
  remedy: text("Remove the penalty, or choose single-imputation.", "penalty를 지우거나 single-imputation을 선택하십시오."),
};

const NOT_JUDGED: Finding = {
  code: "study/imputed-model-not-judged",
  what: text(
    "a model of multiply imputed data is not judged on its own rows: those were filled in with the outcome's help.",
    "다중 대체 자료로 만든 모형은 같은 행에서 평가하지 않습니다. 결과 변수를 이용해 채운 행이기 때문입니다.",
  ),
  remedy: text(
    "Remove it, or choose complete-case or single-imputation.",
    "이 항목을 지우거나 complete-case 또는 single-imputation을 선택하십시오.",
  ),
};
