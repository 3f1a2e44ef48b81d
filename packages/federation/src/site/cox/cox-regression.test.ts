import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DureError, SeededRandom } from "@dure/kernel";
import { gateContribution } from "@dure/privacy";
import { type AnalysisTable, foldOf } from "@dure/records";
import { concordanceOf, countPairs, coxLinearPredictor, pairedConcordance } from "@dure/statistics";
import { coxFeatures, generateSurvival } from "@dure/statistics/testing";
import type { StudyDocument } from "@dure/study";
import { coxCoordinator, refusedCoxAnalysis } from "../../coordinator/cox/cox-regression.ts";
import type { CoxPhase } from "../../coordinator/cox/state.ts";
import type { CoxAnalysis } from "../../cox-result.ts";
import { runAlone } from "../run-alone.ts";
import { pickRows, testTable } from "../testing.ts";
import { coxSite } from "./cox-regression.ts";
import { coxFigures } from "./figures.ts";
import { coxStudy, runCox } from "./testing-cox.ts";

const generated = generateSurvival();
const booleans = ["hormone"];
const all = Array.from({ length: generated.rowCount }, (_, i) => i);
const centreOf = (i: number): number => generated.columns.get("centre")?.[i] ?? 0;

/** One table a centre, as the oracle's strata. */
const tablesOf = (columns: ReadonlyMap<string, Float64Array>): readonly AnalysisTable[] =>
  [1, 2, 3].map((centre) =>
    testTable({
      columns: pickRows(
        columns,
        all.filter((i) => centreOf(i) === centre),
      ),
      keyPrefix: `centre-${centre}`,
    }),
  );
const tables = tablesOf(generated.columns);

const changed = (name: string, change: (value: number, row: number) => number): readonly AnalysisTable[] =>
  tablesOf(new Map(generated.columns).set(name, (generated.columns.get(name) ?? new Float64Array()).map(change)));

const near = (actual: number | undefined, expected: number | undefined, tolerance: number, what: string): void => {
  assert.ok(
    actual !== undefined && expected !== undefined && Math.abs(actual - expected) <= tolerance,
    `${what}: ${actual} against ${expected}`,
  );
};

const known = JSON.parse(readFileSync(new URL("../../../../statistics/known-answers/generated-cox.json", import.meta.url), "utf8"));

for (const ties of ["efron", "breslow"] as const) {
  test(`the sums of three hospitals give R's stratified coxph with ${ties} ties on raw columns`, async () => {
    const { end } = await runCox(coxStudy(coxFeatures, { ties, booleans }), tables);
    assert.ok(end.kind === "done");
    const { analysis } = end.result;
    const expected = known[`stratified ${ties}`];
    analysis.terms.forEach(({ name, estimate, standardError }, j) => {
      const [coefficient, se] = [expected.coefficients[j], expected.standardErrors[j]];
      near(estimate, coefficient, 1e-8 * Math.max(Math.abs(coefficient), se), name);
      near(standardError, se, 1e-8 * se, `SE of ${name}`);
    });
    const { tests, concordance, proportionalHazards } = analysis;
    near(tests?.score.chisq, expected.scoreTest, 1e-8 * expected.scoreTest, "score test");
    near(tests?.wald.chisq, expected.waldTest, 1e-8 * expected.waldTest, "Wald test");
    const ratio = 2 * (expected.logLikelihood - expected.logLikelihoodNull);
    near(tests?.likelihoodRatio.chisq, ratio, 1e-8 * ratio, "likelihood-ratio test");
    near(concordance?.estimate, expected.concordance[0], 1e-10, "C");
    near(concordance?.se, expected.concordance[1], 1e-10, "SE of C");
    const tested = [...(proportionalHazards?.terms ?? []), ...(proportionalHazards === undefined ? [] : [proportionalHazards.global])];
    assert.equal(tested.length, 5);
    tested.forEach(({ chisq }, j) => {
      near(chisq, expected.proportionalHazards[j], 1e-7 * expected.proportionalHazards[j], `proportional hazards ${j}`);
    });
  });
}

test("a fold's model is the fit without that fold's rows", async () => {
  const study = coxStudy(coxFeatures, { booleans });
  const { end } = await runCox(study, tables);
  assert.ok(end.kind === "done" && end.result.models.folds.length === 5);
  const without = tables.map((table) => ({
    ...table,
    heldOut: Uint8Array.from(table.rowKeys, (key) => (foldOf(study.id, key) === 2 ? 1 : 0)),
  }));
  const alone = await runCox({ ...study, data: { ...study.data, split: { holdout: "fold == 2" } } }, without);
  assert.ok(alone.end.kind === "done");
  assert.equal(alone.end.result.models.folds.length, 0);
  for (const [j, { standardError }] of alone.end.result.analysis.terms.entries()) {
    near(end.result.models.folds[2]?.coefficients[j], alone.end.result.models.full.coefficients[j], 1e-10 * standardError, `term ${j}`);
  }
});

const strict = coxStudy(coxFeatures, { minimumCell: 5, booleans });
const open = coxStudy(coxFeatures, { booleans });
const event = (i: number): number => generated.columns.get("event")?.[i] ?? 0;

const refusals: readonly (readonly [string, StudyDocument, readonly AnalysisTable[], string, readonly string[]])[] = [
  ["a column that is the same in all rows", open, changed("nodes", () => 3), "constant-column", ["nodes"]],
  ["a column that is nothing but 0", open, changed("nodes", () => 0), "constant-column", ["nodes"]],
  [
    "a column that follows from another",
    open,
    changed("hormone", (_, i) => 2 * (generated.columns.get("age")?.[i] ?? 0)),
    "collinear-column",
    ["hormone"],
  ],
  ["a level without events", open, changed("hormone", (value, i) => value * (1 - event(i))), "monotone-likelihood", ["hormone"]],
  ["a level of three patients", strict, changed("hormone", (_, i) => (i < 3 ? 1 : 0)), "unsupported-column", ["hormone"]],
  ["a level of one patient", strict, changed("hormone", (_, i) => (i === 7 ? 1 : 0)), "unsupported-column", ["hormone"]],
  ["a number that four patients do not share", strict, changed("nodes", (_, i) => (i < 4 ? i : 9)), "unsupported-column", ["nodes"]],
];

for (const [what, study, given, code, columns] of refusals) {
  test(`${what} ends the study as ${code}, with the column`, async () => {
    const { end } = await runCox(study, given);
    assert.ok(end.kind === "refused");
    assert.deepEqual(end.refusal, { code, columns });
    const analysis = refusedCoxAnalysis(study, end.state, end.refusal);
    assert.equal(analysis.terms.length, 0);
    assert.equal(analysis.outcome, code === "monotone-likelihood" ? "separated" : "refused");
  });
}

/** Three centres of so few rows each, with two events each where `events` is not said. */
const few = (rowsEach: number, events = 2): readonly AnalysisTable[] =>
  [1, 2, 3].map((centre) => {
    const rows = all.filter((i) => centreOf(i) === centre).slice(0, rowsEach);
    const columns = new Map(pickRows(generated.columns, rows)).set(
      "event",
      Float64Array.from(rows, (_, i) => (i < events ? 1 : 0)),
    );
    return testTable({ columns, keyPrefix: `few-${centre}` });
  });

test("too few rows, too few events and more columns than a third of the rows are told from the counts alone", async () => {
  for (const [given, code] of [
    [few(1, 1), "too-few-rows"],
    [few(30, 1), "too-few-events"],
    [few(3), "too-many-columns"],
  ] as const) {
    const { end, states } = await runCox(strict, given);
    assert.ok(end.kind === "refused");
    assert.equal(end.refusal.code, code);
    assert.equal(states.length, 1, "nothing but counts was asked for");
  }
});

const withOwn = (name: string, values: (length: number) => ArrayLike<number>): AnalysisTable => {
  const [table] = tables;
  assert.ok(table !== undefined);
  return { ...table, columns: new Map(table.columns).set(name, Float64Array.from(values(table.rowCount))) };
};

test("rows that a hospital cannot bring are refused by name inside the hospital, never with a value", () => {
  const empty = testTable({ columns: pickRows(generated.columns, []) });
  for (const [table, code] of [
    [withOwn("days", (n) => new Float64Array(n).fill(-77)), "federation/negative-time"],
    [withOwn("event", (n) => new Float64Array(n).fill(0.77)), "federation/event-not-boolean"],
    [withOwn("event", (n) => new Float64Array(n)), "federation/stratum-without-events"],
    [empty, "federation/no-rows"],
  ] as const) {
    assert.throws(
      () => coxSite(open).contribute({ phase: "counts" }, table),
      (error) => error instanceof DureError && error.code === code && !JSON.stringify(error.problems).includes("77"),
    );
  }
});

test("rows left out because of the event's code end the analysis at that hospital: it may be another kind of event", () => {
  const [table] = tables;
  assert.ok(table !== undefined);
  const coded = { ...table, excluded: [{ reason: "event: not 0 or 1", rowCount: 2 }] };
  assert.throws(
    () => coxSite(open).contribute({ phase: "counts" }, coded),
    (error) => error instanceof DureError && error.code === "federation/event-not-boolean",
  );
});

test("a hospital's figures are Harrell's C of out-of-fold, local and external scores", async () => {
  const study = coxStudy(coxFeatures, { booleans, minimumCell: 5 });
  const [first, second, external] = tables;
  assert.ok(first !== undefined && second !== undefined && external !== undefined);
  const { end } = await runCox(study, [first, second]);
  assert.ok(end.kind === "done");
  const local = await runAlone(study, first);
  assert.ok(local.kind === "done" && local.result.analysis.kind === "cox");
  const { models } = local.result as typeof end.result;
  const score = (table: AnalysisTable, coefficients: readonly number[]) =>
    coxLinearPredictor(
      { rowCount: table.rowCount, features: Float64Array.from(coxFeatures.flatMap((name) => [...(table.columns.get(name) ?? [])])) },
      coefficients,
    );
  const outcome = (table: AnalysisTable) => ({
    times: table.columns.get("days") ?? new Float64Array(),
    events: table.columns.get("event") ?? [],
  });
  const request = { minimumCell: 5, result: end.result, releasedModels: () => new Map([["first", models.full]]) };
  const abroad = await coxFigures(study, { ...request, site: "third", role: "external", table: external });
  const federated = score(external, end.result.models.full.coefficients);
  const own = score(external, models.full.coefficients);
  const expected = concordanceOf(countPairs(outcome(external), federated));
  near(abroad?.evaluation.concordance?.federated, expected?.estimate, 1e-12, "external C");
  near(abroad?.evaluation.concordance?.federatedSe, expected?.se, 1e-12, "its error");
  const [compared] = abroad?.evaluation.concordance?.localModels ?? [];
  const difference = pairedConcordance(outcome(external), { first: federated, second: own });
  near(compared?.difference.estimate, difference?.estimate, 1e-12, "difference");
  near(compared?.difference.se, difference?.se, 1e-12, "its error");
  assert.equal(abroad?.baseline, undefined, "an external hospital has no stratum in the model");
  const home = await coxFigures(study, { ...request, site: "first", role: "training", table: first });
  const { concordance } = home?.evaluation ?? {};
  near(
    concordance?.apparent,
    concordanceOf(countPairs(outcome(first), score(first, end.result.models.full.coefficients)))?.estimate,
    1e-12,
    "apparent C",
  );
  assert.ok(
    concordance?.federated !== undefined && concordance.local !== undefined && (concordance.localApparent ?? 0) > concordance.local,
  );
  assert.ok(home?.baseline?.cells.every((count) => count >= 5));
});

/** Under η = 4.2 (x − 6) the one patient whose x is 6 outweighs everybody who is at risk beside them. */
function isolated(minimumCell: number) {
  const random = new SeededRandom(9);
  const rowCount = 60;
  const column = (value: (i: number) => number): Float64Array => Float64Array.from({ length: rowCount }, (_, i) => value(i));
  const columns = new Map([
    ["days", column((i) => (i === 31 ? 900 : 1 + random.below(800)))],
    ["event", column((i) => (i === 31 ? 0 : random.below(2)))],
    ["x", column((i) => (i === 31 ? 6 : 2 * random.uniform() - 1))],
    ["z", column((i) => (i === 31 ? 1 : random.below(2)))],
  ]);
  const study = coxStudy(["x", "z"], { minimumCell, booleans: ["z"], holdout: "x > 99" });
  const counts = { cases: [300, 150], rows: 300, excluded: [], folds: [] } as const;
  const standardisation = { means: [0, 0], standardDeviations: [1, 1], basis: [1, 0, 0, 1] };
  const newton = { kind: "running", trial: [4.2, 0], accepted: null, halvings: 0, sums: 1, iterations: 1, start: null } as const;
  const fits = [{ name: "full", leftOut: null, cases: [300, 150], newton }] as const;
  const state: CoxPhase<"newton"> = { phase: "newton", counts, timeUnit: 1, standardisation, fits };
  const table = testTable({ columns });
  const gated = async () => {
    const contribution = await coxSite(study).contribute(state, table);
    const layout = coxCoordinator(study).layout(state);
    const policy = { minimumCell, sumCountMax: 10, sumCountUsed: 0 };
    return { contribution, gate: gateContribution({ layout, contribution, siteCount: 5, rowCount, policy }) };
  };
  return { columns, gated };
}

test("a chosen state reads a patient from one hospital's score with the gate off, and is refused with it on", async () => {
  const { columns, gated } = isolated(0);
  const { contribution, gate } = await gated();
  assert.equal(gate.kind, "released");
  // Everybody's risk set has the patient in it, so each expected column is that patient's: score = Σ over events of z − D z(patient).
  const events = columns.get("event") ?? new Float64Array();
  const count = events.reduce((total, one) => total + one, 0);
  const total = events.reduce((sum, one, i) => sum + one * (columns.get("z")?.[i] ?? 0), 0);
  const score = contribution.vectors.get("full/gradient")?.[1] ?? Number.NaN;
  near((total - score) / count, 1, 1e-6, "the patient's z");
  const { gate: refused } = await isolated(5).gated();
  assert.ok(refused.kind === "refused" && refused.detail === "gate/few-rows-dominate");
});

test("the result is plain JSON, and the same from run to run", async () => {
  const study = coxStudy(coxFeatures, { booleans });
  const ends = await Promise.all([runCox(study, tables), runCox(study, tables)]);
  const [first, second] = ends.map(({ end }) => JSON.stringify(end));
  assert.equal(first, second);
  const [run] = ends;
  assert.ok(run?.end.kind === "done");
  const back: CoxAnalysis = JSON.parse(JSON.stringify(run.end.result.analysis));
  assert.deepEqual(back, run.end.result.analysis);
});
