/** What goes with which family of a generalised linear model, and what does not go with a penalty. */

import { text } from "@dure/kernel";
import type { VariableRole, VariableType } from "./document.ts";
import type { Finding } from "./problem-report.ts";
import { wrongTypeOfRole } from "./rule-findings.ts";
import { type FieldFinding, valueAt } from "./schema-problems.ts";
import type { Path } from "./source.ts";
import { noSuchFeature } from "./term-findings.ts";

/** What is known of a variable before the schema has accepted it. */
interface RuledVariable {
  readonly name: string;
  readonly path: Path;
  readonly role: VariableRole | undefined;
  readonly type: VariableType | undefined;
}

type Report = (finding: FieldFinding) => void;

/** The first is taken where the study names none. */
const LINKS: Readonly<Record<string, readonly string[]>> = {
  linear: ["identity"],
  logistic: ["logit"],
  poisson: ["log"],
  "negative-binomial": ["log"],
  gamma: ["log", "inverse"],
};

export function checkGeneralisedLinearModel(document: unknown, variables: readonly RuledVariable[], report: Report): void {
  const field = (name: string): unknown => valueAt(document, ["analysis", name]);
  const family = field("family");
  if (field("kind") !== "generalised-linear-model" || typeof family !== "string") return;
  const links = LINKS[family];
  const link = field("link");
  if (links !== undefined && typeof link === "string" && !links.includes(link))
    report({ path: ["analysis", "link"], ...linkOfFamily(family, links) });
  checkVariables({ family, link: link ?? links?.[0] }, variables, report);
  checkComparison(field, variables, report);
  checkEvaluation(document, report);
  if (field("penalty") !== undefined) checkPenalty(family, { field, document, variables, report });
}

interface Model {
  readonly family: string;
  readonly link: unknown;
}

function checkVariables({ family, link }: Model, variables: readonly RuledVariable[], report: Report): void {
  const needed: VariableType = family === "logistic" ? "boolean" : "number";
  for (const { path, role, type } of variables) {
    if (role === "outcome" && type !== undefined && type !== needed && (type === "boolean" || type === "number")) {
      report({ path: [...path, "type"], ...wrongTypeOfRole({ role, type, allowed: [needed] }) });
    }
    if (role === "offset" && link === "inverse") report({ path: [...path, "role"], ...OFFSET_OF_INVERSE });
  }
}

function checkComparison(field: (name: string) => unknown, variables: readonly RuledVariable[], report: Report): void {
  const compared = field("heterogeneity");
  if (typeof compared !== "string") return;
  const features = variables.filter(({ role }) => role === "feature").map(({ name }) => name);
  if (!features.includes(compared)) report({ path: ["analysis", "heterogeneity"], ...noSuchFeature(compared, features) });
  if (field("siteEffects") === undefined) report({ path: ["analysis", "heterogeneity"], ...COMPARISON_WITHOUT_SITES });
}

/** What is asked for and would not be told must not pass in silence. */
function checkEvaluation(document: unknown, report: Report): void {
  for (const name of ["localModels", "thresholds", "decisionCurve", "leaveOneSiteOut"]) {
    const value = valueAt(document, ["evaluation", name]);
    if (value !== undefined && value !== false) report({ path: ["evaluation", name], ...notJudgedSo(name) });
  }
}

interface PenaltyCheck {
  readonly field: (name: string) => unknown;
  readonly document: unknown;
  readonly variables: readonly RuledVariable[];
  readonly report: Report;
}

function checkPenalty(family: string, { field, document, variables, report }: PenaltyCheck): void {
  if (valueAt(document, ["analysis", "penalty", "kind"]) === "ridge" && valueAt(document, ["analysis", "penalty", "mix"]) !== undefined) {
    report({ path: ["analysis", "penalty", "mix"], ...MIX_OF_RIDGE });
  }
  const isUnfit = family === "negative-binomial" || field("link") === "inverse";
  if (isUnfit) report({ path: ["analysis", "penalty"], ...PENALTY_OF_FAMILY });
  const errors = field("errors");
  for (const name of ["siteEffects", "heterogeneity", "tests", ...(errors === "model" ? [] : ["errors"])]) {
    if (field(name) !== undefined) report({ path: ["analysis", name], ...notWithPenalty(name) });
  }
  for (const { path, role } of variables) if (role === "weight") report({ path: [...path, "role"], ...notWithPenalty("role: weight") });
}

const linkOfFamily = (family: string, links: readonly string[]): Finding => ({
  code: "study/link-of-family",
  what: text(
    `the family ${family} has the link ${links.join(" or ")}.`,
    `${family} 모형에서 쓸 수 있는 연결 함수는 ${links.join(", ")}입니다.`,
  ),
  remedy: text(`Write \`link: ${links[0]}\`, or leave it out.`, `link: ${links[0]}(으)로 쓰거나 항목을 지우십시오.`),
});

const OFFSET_OF_INVERSE: Finding = {
  code: "study/offset-of-inverse",
  what: text("with the link inverse an offset has no meaning as exposure.", "연결 함수가 inverse이면 오프셋을 쓸 수 없습니다."),
  remedy: text("Use the link log, or remove the offset.", "link: log로 바꾸거나 오프셋을 지우십시오."),
};

const COMPARISON_WITHOUT_SITES: Finding = {
  code: "study/comparison-without-sites",
  what: text(
    "hospitals are compared in one effect only where each has an intercept of its own: else a difference in level would pass for one in effect.",
    "병원 간 효과 비교는 병원마다 절편을 따로 둘 때만 할 수 있습니다. 그렇지 않으면 수준의 차이가 효과의 차이로 보입니다.",
  ),
  remedy: text("Add `siteEffects: fixed`.", "siteEffects: fixed를 추가하십시오."),
};

const MIX_OF_RIDGE: Finding = {
  code: "study/mix-of-ridge",
  what: text("a ridge has no mix.", "ridge에는 mix 항목이 없습니다."),
  remedy: text("Write `kind: elastic-net`, or remove the mix.", "kind: elastic-net으로 바꾸거나 mix를 지우십시오."),
};

const PENALTY_OF_FAMILY: Finding = {
  code: "study/penalty-of-family",
  what: text(
    "a penalty goes with the families linear, logistic, Poisson and Gamma with the link log.",
    "벌점은 linear, logistic, poisson 모형과 연결 함수가 log인 gamma 모형에서만 쓸 수 있습니다.",
  ),
  remedy: text("Choose one of these, or remove the penalty.", "이 가운데 하나를 고르거나 penalty를 지우십시오."),
};

const notWithPenalty = (field: string): Finding => ({
  code: "study/not-with-penalty",
  what: text(
    `\`${field}\` does not go with a penalty: penalised estimates have no standard errors and no tests.`,
    `벌점을 쓰는 모형에는 표준오차와 검정이 없으므로 ${field} 항목을 함께 쓸 수 없습니다.`,
  ),
  remedy: text(`Remove \`${field}\`, or the penalty.`, `${field} 또는 penalty를 지우십시오.`),
});

const notJudgedSo = (name: string): Finding => ({
  code: "study/not-judged-so",
  what: text(
    `a generalised linear model is judged by its AUC, or by the variance it explains, at each hospital; \`${name}\` belongs to logistic-regression.`,
    `generalised-linear-model은 병원별 AUC 또는 설명된 분산으로 평가합니다. ${name} 항목은 logistic-regression에서 씁니다.`,
  ),
  remedy: text(
    `Remove \`${name}\`, or write \`kind: logistic-regression\`.`,
    `${name} 항목을 지우거나 kind: logistic-regression으로 쓰십시오.`,
  ),
});
