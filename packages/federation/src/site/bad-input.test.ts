/** What no analysis can be made of: one clear refusal by name, and nothing told beside it. */

import assert from "node:assert/strict";
import test from "node:test";
import { DureError, SeededRandom } from "@dure/kernel";
import { parseStudy, type StudyDocument } from "@dure/study";
import type { AnalysisRefusal } from "../analysis.ts";
import { coordinatorPartFor, refusedAnalysis } from "../coordinator/registry.ts";
import { sitePartFor } from "./registry.ts";
import { runHalves, testTable } from "./testing.ts";

type Columns = Readonly<Record<string, (row: number, site: number, random: SeededRandom) => number>>;

const ROWS = 150;
const SITES = 3;

const SOUND: Columns = {
  y: (_, __, random) => random.below(2),
  x: (_, __, random) => random.normal(),
  z: (_, __, random) => random.normal(),
  female: (_, __, random) => random.below(2),
  stage: (_, __, random) => random.below(3),
  days: (_, __, random) => 1 + random.below(200),
  event: (_, __, random) => random.below(2),
  treated: (_, __, random) => random.below(2),
  w: () => 1,
  amount: (_, __, random) => 1 + 5 * random.uniform(),
};

/** As the table is prepared: a value that is no yes or no is left out and counted, and may be another kind of event. */
const NO_YES_OR_NO = "event: not 0 or 1";

function tablesOf(change: Columns, { rowCount = ROWS, excluded = [] }: Pick<BadInput, "rowCount" | "excluded">) {
  return Array.from({ length: SITES }, (_, site) => {
    const random = new SeededRandom(100 + site);
    const names = Object.entries({ ...SOUND, ...change });
    const columns = new Map(
      names.map(([name, value]) => [name, Float64Array.from({ length: rowCount }, (_, row) => value(row, site, random))]),
    );
    return testTable({ columns, keyPrefix: `site-${site}`, excluded });
  });
}

const VARIABLES: Readonly<Record<string, string>> = {
  x: "{ role: feature, type: number }",
  z: "{ role: feature, type: number }",
  female: "{ role: feature, type: boolean }",
  stage: "{ role: feature, type: category, levels: [I, II, III] }",
  days: "{ role: time, type: number }",
  event: "{ role: event, type: boolean }",
  treated: "{ role: treatment, type: boolean }",
  w: "{ role: weight, type: number }",
};

function studyOf(analysis: string, variables: readonly string[], minimumCell: number): StudyDocument {
  const lines = variables.map((variable) => {
    const [name = "", given] = variable.split(" as ");
    return `    ${name}: ${given ?? VARIABLES[name] ?? ""}`;
  });
  return parseStudy(`dure: 1
id: bad-input
title: Bad input
purpose: statistics
data:
  table: invented
  variables:
${lines.join("\n")}
analysis: ${analysis}
privacy: { secureSum: { minimumSites: 3 }, minimumCell: ${minimumCell} }
`);
}

type Refusal = { readonly code: string; readonly columns: readonly string[] };

/** How it ended: the refusal of the sums, or of a hospital at its own rows. Undefined where there was a result. */
async function refusalOf({ study, change, ...rows }: Omit<BadInput, "what" | "expected">): Promise<Refusal | undefined> {
  try {
    const { end } = await runHalves({ coordinator: coordinatorPartFor(study), site: () => sitePartFor(study) }, tablesOf(change, rows));
    if (end.kind === "done") return undefined;
    assertNothingTold(study, end);
    return end.refusal;
  } catch (error) {
    if (!(error instanceof DureError)) throw error;
    assert.equal(error.problems.length, 1);
    const [problem] = error.problems;
    assert.match(problem?.what.ko ?? "", /[가-힣]/);
    return { code: error.code, columns: problem?.place.column === undefined ? [] : [problem.place.column] };
  }
}

/** No estimate stands beside a refusal. */
function assertNothingTold(
  study: StudyDocument,
  { state, refusal }: { readonly state: never | unknown; readonly refusal: AnalysisRefusal },
): void {
  const analysis = refusedAnalysis(study, state as never, refusal);
  assert.deepEqual("refusal" in analysis && analysis.refusal, refusal);
  for (const [name, value] of Object.entries(analysis)) {
    if (["terms", "groups", "effects", "estimates", "variables", "rates", "coefficients"].includes(name)) assert.deepEqual(value, [], name);
  }
}

const OUTCOME = "y as { role: outcome, type: boolean }";
const AMOUNT = "amount as { role: outcome, type: number }";
const LOGISTIC = "{ kind: logistic-regression }";
const COX = "{ kind: cox, strata: site }";
const glm = (family: string): string => `{ kind: generalised-linear-model, family: ${family} }`;
const KAPLAN_MEIER = "{ kind: kaplan-meier, horizonDays: 300, timeBinDays: 10, test: log-rank }";
const EFFECT = "{ kind: treatment-effect, estimators: [iptw], outcomeModel: logistic }";

const MANY = Array.from({ length: 21 }, (_, i) => `c${i}`);

interface BadInput {
  readonly what: string;
  readonly study: StudyDocument;
  readonly change: Columns;
  readonly rowCount?: number;
  readonly excluded?: readonly { readonly reason: string; readonly rowCount: number }[];
  readonly expected: Refusal;
}

const CASES: readonly BadInput[] = [
  {
    what: "a constant column",
    study: studyOf(LOGISTIC, [OUTCOME, "x", "z"], 0),
    change: { z: () => 7 },
    expected: { code: "constant-column", columns: ["z"] },
  },
  {
    what: "a constant column, with a minimum cell",
    study: studyOf(COX, ["days", "event", "x", "z"], 5),
    change: { z: () => 7 },
    expected: { code: "unsupported-column", columns: ["z"] },
  },
  {
    what: "a column that follows from others",
    study: studyOf(glm("linear"), [AMOUNT, "x", "z as { role: feature, type: number }"], 5),
    change: { x: (row) => row % 17, z: (row) => 3 - 2 * (row % 17) },
    expected: { code: "collinear-column", columns: ["z"] },
  },
  {
    what: "no complete row, as where a column is missing in all",
    study: studyOf(LOGISTIC, [OUTCOME, "x"], 5),
    change: {},
    rowCount: 0,
    expected: { code: "too-few-rows", columns: [] },
  },
  {
    what: "a negative time in a Cox regression",
    study: studyOf(COX, ["days", "event", "x"], 5),
    change: { days: (row) => row - 3 },
    expected: { code: "federation/negative-time", columns: ["days"] },
  },
  {
    what: "a negative time in survival curves",
    study: studyOf(KAPLAN_MEIER, ["days", "event", "female as { role: group, type: boolean }"], 5),
    change: { days: (row) => row - 3 },
    expected: { code: "federation/negative-time", columns: ["days"] },
  },
  {
    what: "an event that is neither 0 nor 1 in a Cox regression",
    study: studyOf(COX, ["days", "event", "x"], 5),
    change: {},
    excluded: [{ reason: NO_YES_OR_NO, rowCount: 3 }],
    expected: { code: "federation/event-not-boolean", columns: ["event"] },
  },
  {
    what: "an event that is neither 0 nor 1 in survival curves",
    study: studyOf(KAPLAN_MEIER, ["days", "event", "female as { role: group, type: boolean }"], 5),
    change: {},
    excluded: [{ reason: NO_YES_OR_NO, rowCount: 3 }],
    expected: { code: "federation/event-not-boolean", columns: ["event"] },
  },
  {
    what: "a hospital without events, as a stratum",
    study: studyOf(COX, ["days", "event", "x"], 5),
    change: { event: (row, site) => (site === 1 ? 0 : row % 2) },
    expected: { code: "federation/stratum-without-events", columns: [] },
  },
  {
    what: "one class only",
    study: studyOf(LOGISTIC, [OUTCOME, "x"], 5),
    change: { y: () => 1 },
    expected: { code: "one-class", columns: ["y"] },
  },
  {
    what: "more columns than a third of the rows",
    study: studyOf(LOGISTIC, [OUTCOME, ...MANY.map((name) => `${name} as { role: feature, type: number }`)], 5),
    change: Object.fromEntries(MANY.map((name) => [name, (_: number, __: number, random: SeededRandom) => random.normal()])),
    rowCount: 20,
    expected: { code: "too-few-rows", columns: [] },
  },
  {
    what: "perfect separation",
    study: studyOf(LOGISTIC, [OUTCOME, "x"], 5),
    change: { x: (row) => row - 75, y: (row) => Number(row >= 75) },
    expected: { code: "separated", columns: ["x"] },
  },
  {
    what: "perfect separation in a generalised linear model",
    study: studyOf(glm("logistic"), [OUTCOME, "x"], 5),
    change: { x: (row) => row - 75, y: (row) => Number(row >= 75) },
    expected: { code: "separated", columns: ["x"] },
  },
  {
    what: "a level without events in a Cox regression",
    study: studyOf(COX, ["days", "event", "female"], 0),
    change: { female: (row) => Number(row % 5 === 0), event: (row) => Number(row % 5 !== 0 && row % 2 === 0) },
    expected: { code: "monotone-likelihood", columns: ["female"] },
  },
  {
    what: "a level that one hospital alone has",
    study: studyOf(LOGISTIC, [OUTCOME, "stage"], 5),
    change: { stage: (row, site) => (site === 0 ? row % 3 : row % 2) },
    expected: { code: "level-at-one-site", columns: ["stage=III"] },
  },
  {
    what: "a group that one hospital alone has",
    study: studyOf(KAPLAN_MEIER, ["days", "event", "female as { role: group, type: boolean }"], 5),
    change: { female: (row, site) => (site === 0 ? row % 2 : 0) },
    expected: { code: "group-at-one-site", columns: ["female = true"] },
  },
  {
    what: "a product of levels that nobody has together",
    study: studyOf("{ kind: logistic-regression, interactions: [[female, stage]] }", [OUTCOME, "female", "stage"], 0),
    change: { female: (row) => Number(row % 3 === 0), stage: (row) => row % 3 },
    expected: { code: "constant-column", columns: ["female:stage=II", "female:stage=III"] },
  },
  {
    what: "weights of zero",
    study: studyOf(glm("linear"), [AMOUNT, "x", "w"], 5),
    change: { w: (row) => row % 4 },
    expected: { code: "federation/weight-not-positive", columns: ["w"] },
  },
  {
    what: "negative weights",
    study: studyOf(glm("linear"), [AMOUNT, "x", "w"], 5),
    change: { w: (row) => (row === 9 ? -1 : 1) },
    expected: { code: "federation/weight-not-positive", columns: ["w"] },
  },
  {
    what: "an amount that is not positive in a Gamma regression",
    study: studyOf(glm("gamma"), [AMOUNT, "x"], 5),
    change: { amount: (row) => row - 2 },
    expected: { code: "federation/outcome-not-positive", columns: ["amount"] },
  },
  {
    what: "a treatment that its covariate decides",
    study: studyOf(EFFECT, [OUTCOME, "treated", "x"], 5),
    change: { x: (row) => row - 75, treated: (row) => Number(row >= 75) },
    expected: { code: "treatment-separated", columns: ["x"] },
  },
];

for (const { what, expected, ...input } of CASES) {
  test(`${input.study.analysis.kind}: ${what} ends with one refusal by name`, async () => {
    assert.deepEqual(await refusalOf(input), expected);
  });
}

test("the rows are sound where nothing was changed", async () => {
  const studies = [
    studyOf(LOGISTIC, [OUTCOME, "x", "female", "stage"], 5),
    studyOf(glm("linear"), [AMOUNT, "x", "w"], 5),
    studyOf(COX, ["days", "event", "x", "female"], 5),
    studyOf(EFFECT, [OUTCOME, "treated", "x"], 5),
    studyOf(KAPLAN_MEIER, ["days", "event", "female as { role: group, type: boolean }"], 5),
  ];
  for (const study of studies) assert.equal(await refusalOf({ study, change: {} }), undefined, study.analysis.kind);
});
