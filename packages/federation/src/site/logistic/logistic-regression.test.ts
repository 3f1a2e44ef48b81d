import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DureError, SeededRandom } from "@dure/kernel";
import { foldOf } from "@dure/records";
import { generateRows } from "@dure/statistics/testing";
import { logisticRegressionCoordinator, refusedLogisticAnalysis } from "../../coordinator/logistic/logistic-regression.ts";
import { coordinatorPartFor } from "../../coordinator/registry.ts";
import { sitePartFor } from "../registry.ts";
import { pickRows, runTogether, testStudy, testTable } from "../testing.ts";
import { logisticRegressionSite } from "./logistic-regression.ts";

const generated = generateRows();
const features = ["age", "rare", "platelets", "nodes", "hormone"];
const study = testStudy({ outcome: "y", features, booleans: ["rare", "hormone"] });
const strict = testStudy({ outcome: "y", features, booleans: ["rare", "hormone"] }, { minimumCell: 5 });

/** Rows dealt to three sites in turn. */
const deal = (columns: ReadonlyMap<string, Float64Array>, rowCount: number, siteCount = 3) =>
  Array.from({ length: siteCount }, (_, site) => {
    const rows = Array.from({ length: rowCount }, (_, row) => row).filter((row) => row % siteCount === site);
    return testTable({ columns: pickRows(columns, rows), keyPrefix: `site-${site}` });
  });

const changed = (change: (column: string, values: Float64Array) => Float64Array) =>
  new Map([...generated.columns].map(([name, values]) => [name, change(name, values)]));

const outcome = generated.columns.get("y") ?? new Float64Array();

test("three sites together match R's glm on the generated rows, intercept, null likelihood and moments included", async () => {
  const known = JSON.parse(readFileSync(new URL("../../../../statistics/known-answers/generated-logistic.json", import.meta.url), "utf8"));
  const { end } = await runTogether(study, deal(generated.columns, generated.rowCount));
  assert.ok(end.kind === "done");
  const { analysis } = end.result;
  for (const [j, term] of analysis.terms.entries()) {
    assert.ok(Math.abs(term.estimate - known.coefficients[j]) <= 1e-9 * known.standardErrors[j], term.name);
    assert.ok(Math.abs(term.standardError - known.standardErrors[j]) <= 1e-9 * known.standardErrors[j], `SE of ${term.name}`);
    assert.ok(term.ci95[0] < term.estimate && term.estimate < term.ci95[1]);
  }
  assert.ok(Math.abs(analysis.logLikelihood - known.logLikelihood[0]) < 1e-9);
  assert.ok(Math.abs(analysis.logLikelihoodNull - known.logLikelihoodNull[0]) < 1e-9);
  for (const [j, description] of analysis.description.entries()) {
    assert.ok(Math.abs(description.mean - known.means[j]) <= 1e-13 * Math.abs(known.means[j]), `mean of ${description.variable}`);
    const spread = known.standardDeviations[j];
    assert.ok(Math.abs(description.standardDeviation - spread) <= 1e-13 * spread, `sd of ${description.variable}`);
  }
  assert.ok(Math.abs((end.result.pooled?.auc ?? 0) - known.auc[0]) <= (end.result.pooled?.aucBound ?? 0));
});

test("a run tells the same bytes twice", async () => {
  const first = await runTogether(strict, deal(generated.columns, generated.rowCount));
  const second = await runTogether(strict, deal(generated.columns, generated.rowCount));
  assert.equal(JSON.stringify(first), JSON.stringify(second));
});

test("every fit reports its influence, and all fits start at one point", async () => {
  const { influence, states } = await runTogether(study, deal(generated.columns, generated.rowCount));
  assert.deepEqual([...new Set(influence.map(({ what }) => what))], ["full", "fold 0", "fold 1", "fold 2", "fold 3", "fold 4"]);
  for (const { weightSum, weightSquareSum, rowCount, linearPredictorMax, totalRowCount, parameterCount } of influence) {
    const rowsInEffect = weightSum ** 2 / weightSquareSum;
    assert.ok(rowsInEffect > 0 && rowsInEffect <= rowCount * (1 + 1e-12));
    assert.ok(linearPredictorMax <= 30 && totalRowCount > rowCount && parameterCount === 6);
  }
  const start = states.find((state) => state.phase === "newton");
  assert.ok(start?.phase === "newton");
  const trials = start.fits.map(({ newton }) => (newton.kind === "running" ? newton.trial : []));
  assert.ok(trials.every((trial) => JSON.stringify(trial) === JSON.stringify(trials[0])));
});

test("a fold's model is the fit without that fold's rows", async () => {
  const tables = deal(generated.columns, generated.rowCount);
  const { end } = await runTogether(study, tables);
  assert.ok(end.kind === "done" && end.result.models.folds.length === 5);
  const heldIn = { ...study, data: { ...study.data, split: { holdout: "fold == 2" } } };
  const without = tables.map((table) => ({
    ...table,
    heldOut: Uint8Array.from(table.rowKeys, (key) => (foldOf(study.id, key) === 2 ? 1 : 0)),
  }));
  const alone = await runTogether(heldIn, without);
  assert.ok(alone.end.kind === "done");
  assert.equal(alone.end.result.models.folds.length, 0);
  const errors = alone.end.result.analysis.terms.map((term) => term.standardError);
  alone.end.result.models.full.coefficients.forEach((coefficient, j) => {
    const fold = end.kind === "done" ? end.result.models.folds[2]?.coefficients[j] : undefined;
    assert.ok(fold !== undefined && Math.abs(fold - coefficient) <= 1e-10 * (errors[j] ?? 0));
  });
});

test("refusals name the column, in the round where the sums first tell", async () => {
  const noise = new SeededRandom(5);
  const cases = [
    { code: "one-class", columns: ["y"], study, change: (name: string, x: Float64Array) => (name === "y" ? x.map(() => 1) : x) },
    {
      code: "constant-column",
      columns: ["platelets"],
      study,
      change: (name: string, x: Float64Array) => (name === "platelets" ? x.map(() => 0.1) : x),
    },
    {
      code: "constant-column",
      columns: ["nodes"],
      study,
      change: (name: string, x: Float64Array) => (name === "nodes" ? x.map(() => 0) : x),
    },
    {
      code: "collinear-column",
      columns: ["hormone"],
      study,
      change: (name: string, x: Float64Array) => (name === "hormone" ? x.map((_, i) => generated.columns.get("rare")?.[i] ?? 0) : x),
    },
    {
      code: "separated",
      columns: ["age"],
      study,
      change: (name: string, x: Float64Array) => (name === "age" ? x.map((v, i) => (outcome[i] === 1 ? v : -v)) : x),
    },
    {
      code: "separated",
      columns: ["age"],
      study,
      change: (name: string, x: Float64Array) =>
        name === "age" ? x.map((_, i) => Math.abs(noise.normal()) * (2 * (outcome[i] ?? 0) - 1)) : x,
    },
    {
      code: "separated",
      columns: ["rare"],
      study,
      change: (name: string, x: Float64Array) => (name === "rare" ? x.map((v, i) => v * (outcome[i] ?? 0)) : x),
    },
    {
      code: "unsupported-column",
      columns: ["rare"],
      study: strict,
      change: (name: string, x: Float64Array) => (name === "rare" ? x.map((v, i) => v * (outcome[i] ?? 0)) : x),
    },
    {
      code: "unsupported-column",
      columns: ["nodes", "hormone"],
      study: strict,
      change: (name: string, x: Float64Array) => (name === "nodes" || name === "hormone" ? x.map((_, i) => (i < 4 ? 1 : 0)) : x),
    },
    {
      code: "too-few-rows",
      columns: [],
      study: strict,
      change: (name: string, x: Float64Array) => (name === "y" ? x.map((_, i) => (i < 4 ? 1 : 0)) : x),
    },
    { code: "too-few-rows", columns: [], study: strict, change: (_: string, x: Float64Array) => x.subarray(0, 17) },
    { code: "too-few-rows", columns: [], study, change: (_: string, x: Float64Array) => x.subarray(0, 0) },
  ];
  for (const { code, columns, study: asked, change } of cases) {
    const values = changed(change);
    const { end, influence } = await runTogether(asked, deal(values, values.get("y")?.length ?? 0));
    assert.ok(end.kind === "refused", `${code} ${columns}`);
    assert.deepEqual(end.refusal, { code, columns });
    assert.ok(influence.every(({ linearPredictorMax }) => linearPredictorMax <= 30));
    const analysis = refusedLogisticAnalysis(asked, end.state, end.refusal);
    assert.equal(analysis.outcome, code === "separated" ? "separated" : "refused");
    assert.deepEqual(analysis.terms, []);
  }
});

test("no fold is left out where one is too small to stand alone", async () => {
  const rows = Array.from({ length: 60 }, (_, row) => row);
  const small = testStudy({ outcome: "y", features: ["age", "nodes"] }, { minimumCell: 5 });
  const { end, influence } = await runTogether(small, [testTable({ columns: pickRows(generated.columns, rows) })]);
  assert.ok(end.kind === "done");
  assert.deepEqual(end.result.models.folds, []);
  assert.deepEqual([...new Set(influence.map(({ what }) => what))], ["full"]);
});

test("rows left out are counted by reason, small counts suppressed, unknown reasons as other", async () => {
  const excluded = [
    { reason: "age: missing", rowCount: 7 },
    { reason: "nodes: missing", rowCount: 2 },
    { reason: "y: unheard of", rowCount: 9 },
    { reason: "include: not met", rowCount: 40 },
    { reason: "nodes: outside the domain of log1p", rowCount: 5 },
    { reason: "elsewhere", rowCount: 6 },
  ];
  const tables = deal(generated.columns, generated.rowCount).map((table, i) => (i === 0 ? { ...table, excluded } : table));
  const { end } = await runTogether(strict, tables);
  assert.ok(end.kind === "done");
  assert.deepEqual(end.result.analysis.excluded, [
    { reason: "y: other", n: 9 },
    { reason: "age: missing", n: 7 },
    { reason: "nodes: missing", lessThan: 5 },
    { reason: "nodes: outside the domain of log1p", n: 5 },
    { reason: "include: not met", n: 40 },
    { reason: "include: other", n: 6 },
  ]);
  assert.deepEqual(end.result.analysis.description.find(({ variable }) => variable === "nodes")?.missing, { lessThan: 5 });
});

test("layouts follow from the state alone and every vector fits its bound and length", async () => {
  const tables = deal(generated.columns, generated.rowCount);
  const { states } = await runTogether(study, tables);
  const coordinator = logisticRegressionCoordinator(study);
  for (const state of states) {
    const layout = coordinator.layout(state);
    assert.ok(
      layout.vectors.every(({ encoding, bound }) => (encoding === "wide" ? 100 * bound < 2 ** 62 : 100 * bound * 2 ** 30 < 2 ** 63)),
    );
    for (const table of tables) {
      const { vectors } = await logisticRegressionSite(study).contribute(state, table);
      for (const { name, length, bound } of layout.vectors) {
        const vector = vectors.get(name);
        assert.equal(vector?.length, length, name);
        assert.ok(vector.every((value) => Math.abs(value) <= bound));
      }
    }
  }
});

test("an analysis that is not built yet is refused by name in both languages", () => {
  const trees = { objective: "logistic", rounds: 1, maxDepth: 1, learningRate: 0.1, lambda: 1, maxBins: 2, minChildWeight: 1 } as const;
  const boosted = { ...study, analysis: { kind: "boosted-trees", ...trees } } as const;
  for (const part of [coordinatorPartFor, sitePartFor]) {
    assert.throws(
      () => part(boosted),
      (error) =>
        error instanceof DureError &&
        error.code === "federation/analysis-not-available" &&
        /[가-힣]/.test(error.problems[0]?.what.ko ?? ""),
    );
  }
  assert.ok(coordinatorPartFor(study).exact);
  assert.equal(sitePartFor(study), sitePartFor(study));
});

test("a site of one class or of no rows still gives vectors that add", async () => {
  const ones = Array.from(outcome, (y, i) => ({ y, i })).filter(({ y }) => y === 1);
  const zeros = Array.from(outcome, (y, i) => ({ y, i })).filter(({ y }) => y === 0);
  const tables = [ones, zeros, []].map((rows, i) =>
    testTable({
      columns: pickRows(
        generated.columns,
        rows.map((row) => row.i),
      ),
      keyPrefix: `site-${i}`,
    }),
  );
  const { end } = await runTogether(study, tables);
  const whole = await runTogether(study, [testTable({ columns: generated.columns })]);
  assert.ok(end.kind === "done" && whole.end.kind === "done");
  const expected = whole.end.result.analysis.terms;
  for (const [j, term] of end.result.analysis.terms.entries()) {
    assert.ok(Math.abs(term.estimate - (expected[j]?.estimate ?? 0)) <= 1e-10 * term.standardError);
  }
});
