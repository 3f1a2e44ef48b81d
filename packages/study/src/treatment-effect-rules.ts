/** Which variables, times and estimators an outcome model of a treatment's effect goes with. */

import { text } from "@dure/kernel";
import type { VariableRole, VariableType } from "./document.ts";
import type { Finding } from "./problem-report.ts";
import { missingRole, roleNotTaken, wrongTypeOfRole } from "./rule-findings.ts";
import { type FieldFinding, valueAt } from "./schema-problems.ts";
import type { Path } from "./source.ts";

interface RuledVariable {
  readonly path: Path;
  readonly role: VariableRole | undefined;
  readonly type: VariableType | undefined;
}

interface ModelRules {
  readonly takes: readonly VariableRole[];
  readonly outcomes: readonly VariableType[];
  readonly estimators: readonly string[];
  /** Fields of the time grid. */
  readonly hasGrid: boolean;
  /** Negative controls are held against ratios; subgroups need one figure of an effect. */
  readonly optional: readonly VariableRole[];
}

const EVERY_ESTIMATOR = ["iptw", "overlap", "aipw", "g-computation"];
const WEIGHTINGS = ["iptw", "overlap"];
const SURVIVAL = { takes: ["time", "event"], outcomes: [], estimators: WEIGHTINGS } as const;
const MEASURED = { takes: ["outcome"], estimators: EVERY_ESTIMATOR, hasGrid: false } as const;

const MODELS: ReadonlyMap<unknown, ModelRules> = new Map<unknown, ModelRules>([
  ["linear", { ...MEASURED, outcomes: ["boolean", "number"], optional: ["subgroup"] }],
  ["logistic", { ...MEASURED, outcomes: ["boolean"], optional: ["subgroup", "negative-control"] }],
  ["poisson", { ...MEASURED, outcomes: ["boolean", "number"], optional: ["subgroup", "negative-control"] }],
  ["cox", { ...SURVIVAL, hasGrid: false, optional: ["subgroup", "negative-control"] }],
  ["kaplan-meier", { ...SURVIVAL, hasGrid: true, optional: [] }],
]);

const OF_MODEL: readonly VariableRole[] = ["outcome", "time", "event"];
const OPTIONAL: readonly VariableRole[] = ["subgroup", "negative-control"];
const GRID = ["horizonDays", "timeBinDays", "at"];

type Report = (finding: FieldFinding) => void;

export function checkTreatmentEffect(document: unknown, variables: readonly RuledVariable[], report: Report): void {
  const model = valueAt(document, ["analysis", "outcomeModel"]);
  const rules = MODELS.get(model);
  if (valueAt(document, ["analysis", "kind"]) !== "treatment-effect" || rules === undefined) return;
  checkVariables(`treatment-effect, outcomeModel: ${model}`, rules, { variables, report });
  for (const field of GRID) {
    if (!rules.hasGrid && valueAt(document, ["analysis", field]) !== undefined)
      report({ path: ["analysis", field], ...gridNotUsed(field) });
  }
  if (rules.hasGrid && valueAt(document, ["analysis", "horizonDays"]) === undefined)
    report({ path: ["analysis", "horizonDays"], ...HORIZON_MISSING });
  checkEstimators(document, rules, { variables, report });
}

interface Checking {
  readonly variables: readonly RuledVariable[];
  readonly report: Report;
}

function checkVariables(kind: string, rules: ModelRules, { variables, report }: Checking): void {
  const everyRoleKnown = variables.every(({ role }) => role !== undefined);
  for (const role of OF_MODEL) {
    const found = variables.filter((variable) => variable.role === role);
    const isTaken = rules.takes.includes(role);
    if (isTaken && found.length === 0 && everyRoleKnown) report({ path: ["data", "variables"], ...missingRole(kind, role) });
    for (const { path, type } of found) {
      if (!isTaken) report({ path: [...path, "role"], ...roleNotTaken({ kind, role, most: 0, found: found.length }) });
      else if (role === "outcome" && type !== undefined && !rules.outcomes.includes(type))
        report({ path: [...path, "type"], ...wrongTypeOfRole({ role, type, allowed: rules.outcomes }) });
    }
  }
  for (const { role, path } of variables) {
    if (role === undefined || !OPTIONAL.includes(role) || rules.optional.includes(role)) continue;
    report({ path: [...path, "role"], ...roleNotTaken({ kind, role, most: 0, found: 1 }) });
  }
}

function checkEstimators(document: unknown, rules: ModelRules, { variables, report }: Checking): void {
  const asked = valueAt(document, ["analysis", "estimators"]);
  const estimators: readonly unknown[] = Array.isArray(asked) ? asked : [];
  for (const [i, estimator] of estimators.entries()) {
    const path = ["analysis", "estimators", i];
    if (typeof estimator !== "string" || !EVERY_ESTIMATOR.includes(estimator)) continue;
    if (estimators.indexOf(estimator) < i) report({ path, ...ESTIMATOR_TWICE });
    else if (!rules.estimators.includes(estimator)) report({ path, ...estimatorNotOfModel(estimator, rules.estimators) });
  }
  if (estimators.length === 0) return;
  const weighs = estimators.some((estimator) => estimator === "iptw" || estimator === "overlap" || estimator === "aipw");
  const weighted = variables.find(({ role }) => role !== undefined && OPTIONAL.includes(role));
  if (!weighs && weighted !== undefined) report({ path: [...weighted.path, "role"], ...NEEDS_WEIGHTS });
  const usesInverse = estimators.some((estimator) => estimator === "iptw" || estimator === "aipw");
  if (!usesInverse && valueAt(document, ["analysis", "truncation"]) !== undefined)
    report({ path: ["analysis", "truncation"], ...NOTHING_TO_TRUNCATE });
  const onlyOverlap = estimators.every((estimator) => estimator === "overlap");
  if (onlyOverlap && valueAt(document, ["analysis", "estimand"]) === "att")
    report({ path: ["analysis", "estimand"], ...OVERLAP_HAS_ITS_OWN });
}

const gridNotUsed = (field: string): Finding => ({
  code: "study/grid-not-used",
  what: text(
    `only weighted survival curves (kaplan-meier) have a time grid; \`${field}\` says nothing here.`,
    `시간 격자는 가중 생존 곡선(kaplan-meier)에만 쓰므로 여기서 ${field} 항목은 쓰이지 않습니다.`,
  ),
  remedy: text("Remove it.", "이 항목을 지우십시오."),
});

const HORIZON_MISSING: Finding = {
  code: "study/horizon-missing",
  what: text("survival curves over hospitals need a public time grid.", "여러 병원의 생존 곡선에는 공개된 시간 격자가 필요합니다."),
  remedy: text("Add horizonDays.", "horizonDays 항목을 추가하십시오."),
};

const ESTIMATOR_TWICE: Finding = {
  code: "study/estimator-twice",
  what: text("the estimator stands twice.", "같은 추정법이 두 번 나옵니다."),
  remedy: text("Name each once.", "한 번씩만 쓰십시오."),
};

const estimatorNotOfModel = (estimator: string, allowed: readonly string[]): Finding => ({
  code: "study/estimator-not-of-model",
  what: text(
    `there is no "${estimator}" for a time to an event here; there are: ${allowed.join(", ")}.`,
    `사건까지의 시간에는 "${estimator}" 추정법을 쓸 수 없습니다(쓸 수 있는 것: ${allowed.join(", ")}).`,
  ),
  remedy: text("Choose one of these, or an outcome by a given day.", "이 가운데 고르거나, 정해진 날까지의 결과를 변수로 쓰십시오."),
});

const NEEDS_WEIGHTS: Finding = {
  code: "study/needs-weights",
  what: text(
    "subgroups and negative controls are compared under weights; no estimator of the study makes any.",
    "하위 집단과 음성 대조 결과는 가중하여 비교하지만, 가중치를 만드는 추정법이 없습니다.",
  ),
  remedy: text("Add iptw, overlap or aipw to the estimators.", "estimators에 iptw, overlap 또는 aipw를 추가하십시오."),
};

const NOTHING_TO_TRUNCATE: Finding = {
  code: "study/nothing-to-truncate",
  what: text(
    "only inverse propensities (iptw, aipw) are truncated; overlap weights have a limit of their own.",
    "절단은 역확률 가중(iptw, aipw)에만 적용합니다. 중첩 가중치는 그 자체로 상한이 있습니다.",
  ),
  remedy: text("Remove truncation.", "truncation 항목을 지우십시오."),
};

const OVERLAP_HAS_ITS_OWN: Finding = {
  code: "study/overlap-has-its-own-estimand",
  what: text(
    "overlap weights estimate the effect in patients who could have had either treatment, not in the treated.",
    "중첩 가중은 치료받은 환자가 아니라 두 치료가 모두 가능한 환자에서의 효과를 추정합니다.",
  ),
  remedy: text("Remove estimand, or add another estimator.", "estimand 항목을 지우거나 다른 추정법을 추가하십시오."),
};
