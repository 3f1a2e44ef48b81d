import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError, hashJson } from "@dure/kernel";
import { foldOf } from "@dure/records";
import { aucDeLong } from "@dure/statistics";
import { generateRows } from "@dure/statistics/testing";
import { composeResult } from "../../coordinator/compose-result.ts";
import type { RunSummary } from "../../result.ts";
import { pickRows, runTogether, testStudy, testTable } from "../testing.ts";
import { trainingCounts } from "../training-counts.ts";
import { siteEvaluation } from "./evaluation.ts";
import { parseFrozenModel, parseFrozenModels } from "./frozen-models.ts";
import { fitLocalModels } from "./local-models.ts";

const generated = generateRows();
const features = ["age", "platelets", "nodes", "hormone"];
const study = testStudy({ outcome: "y", features, booleans: ["hormone"] }, { minimumCell: 5 });
const tables = [0, 1, 2].map((site) => {
  const rows = Array.from({ length: generated.rowCount }, (_, row) => row).filter((row) => row % 3 === site);
  return testTable({ columns: pickRows(generated.columns, rows), keyPrefix: `site-${site}` });
});
const external = testTable({ columns: generateRows(7, 300).columns, keyPrefix: "external" });
const table = tables[0] ?? external;

const { end } = await runTogether(study, tables);
assert.ok(end.kind === "done");
const { result } = end;
const local = await fitLocalModels(study, table);
assert.ok(local.kind === "done");
const ownModels = local.result.models;

const column = (name: string, row: number): number => table.columns.get(name)?.[row] ?? Number.NaN;
const predictor = (coefficients: readonly number[], row: number): number =>
  features.reduce((total, name, j) => total + (coefficients[j + 1] ?? Number.NaN) * column(name, row), coefficients[0] ?? Number.NaN);

test("a training site's AUCs are of scores by the models that left each row's fold out", () => {
  const figures = siteEvaluation(study, result.models, { site: "A", role: "training", minimumCell: 5, table, ownModels });
  const outcome = table.columns.get("y") ?? new Float64Array();
  for (const [name, models] of [["federated", result.models] as const, ["local", ownModels] as const]) {
    const scores = Float64Array.from(table.rowKeys, (key, row) => predictor(models.folds[foldOf(study.id, key)]?.coefficients ?? [], row));
    assert.ok(Math.abs((figures?.evaluation.auc[name] ?? 0) - (aucDeLong(scores, outcome)?.auc ?? 1)) < 1e-12, name);
  }
  const apparent = Float64Array.from(table.rowKeys, (_, row) => predictor(ownModels.full.coefficients, row));
  assert.ok(Math.abs((figures?.evaluation.auc.localApparent ?? 0) - (aucDeLong(apparent, outcome)?.auc ?? 1)) < 1e-12);
  assert.equal(figures?.evaluation.n, 200);
  assert.deepEqual(figures.localOnExternal, []);
  const { bins = [] } = figures.evaluation.calibration ?? {};
  assert.ok(bins.length > 0 && bins.every((bin) => bin.events >= 5 && bin.n - bin.events >= 5));
});

test("a fold without a model leaves the AUC out, for the one model only", () => {
  const folds = ownModels.folds.map((fold, i) => (i === 3 ? null : fold));
  const figures = siteEvaluation(study, result.models, {
    site: "A",
    role: "training",
    minimumCell: 5,
    table,
    ownModels: { ...ownModels, folds },
  });
  assert.equal(figures?.evaluation.auc.local, undefined);
  assert.ok(figures?.evaluation.auc.federated !== undefined && figures.evaluation.auc.localApparent !== undefined);
  assert.ok(!JSON.stringify(figures).includes("null"));
});

test("with a split, both AUCs are of the rows held out, and no fit has seen them", async () => {
  const split = testStudy({ outcome: "y", features, booleans: ["hormone"] }, { minimumCell: 5, holdout: "test == 1" });
  const held = tables.map((own) => ({ ...own, heldOut: Uint8Array.from(own.rowKeys, (_, row) => Number(row % 4 === 0)) }));
  const run = await runTogether(split, held);
  assert.ok(run.end.kind === "done" && held[0] !== undefined);
  assert.equal(run.end.result.analysis.n, 450);
  const counts = trainingCounts(split, held[0]);
  const [zeros = 0, ones = 0] = counts.classCounts ?? [];
  assert.deepEqual([counts.rowCount, zeros + ones], [150, 150]);
  assert.equal(trainingCounts(study, table).rowCount, 200);
  const own = await fitLocalModels(split, held[0]);
  assert.ok(own.kind === "done");
  const options = { site: "A", role: "training", minimumCell: 5, table: held[0], ownModels: own.result.models } as const;
  const figures = siteEvaluation(split, run.end.result.models, options);
  assert.equal(figures?.evaluation.n, 50);
  assert.ok(figures?.evaluation.auc.federated !== undefined && figures.evaluation.auc.local !== undefined);
  assert.ok(figures?.evaluation.auc.apparent !== undefined);
});

test("an external site compares the frozen model with each local model released to it, sorted by name", () => {
  const localModelsOfOthers = new Map([
    ["B", ownModels.full],
    ["A", result.models.full],
  ]);
  const figures = siteEvaluation(study, result.models, {
    site: "E",
    role: "external",
    minimumCell: 5,
    table: external,
    localModelsOfOthers,
  });
  assert.deepEqual(
    figures?.localOnExternal.map(({ model, site }) => [model, site]),
    [
      ["A", "E"],
      ["B", "E"],
    ],
  );
  // Hospital A sent the federated model itself: nothing to tell apart.
  assert.deepEqual(figures.localOnExternal[0]?.difference, { estimate: 0, se: 0, p: 1 });
  const other = figures.localOnExternal[1];
  assert.ok(other !== undefined && Math.abs((figures.evaluation.auc.federated ?? 0) - other.auc - other.difference.estimate) < 1e-12);
});

test("a site below the minimum cell in a class shows nothing", () => {
  const few = testTable({ columns: pickRows(external.columns, [0, 1, 2, 3]) });
  assert.equal(siteEvaluation(study, result.models, { site: "E", role: "external", minimumCell: 5, table: few }), undefined);
  assert.equal(siteEvaluation(study, result.models, { site: "A", role: "training", minimumCell: 150, table }), undefined);
  const empty = testTable({ columns: pickRows(external.columns, []) });
  assert.equal(siteEvaluation(study, result.models, { site: "E", role: "external", minimumCell: 0, table: empty }), undefined);
});

test("a local fit that has no answer says why and leaves nothing", async () => {
  const ones = testTable({
    columns: new Map([...table.columns].map(([name, values]) => [name, name === "y" ? values.map(() => 1) : values])),
  });
  assert.deepEqual(await fitLocalModels(study, ones), { kind: "refused", refusal: { code: "one-class", columns: ["y"] } });
});

test("models from outside are taken only with this study's terms and finite coefficients", () => {
  const { full } = result.models;
  assert.deepEqual(parseFrozenModels(study, JSON.parse(JSON.stringify(result))), result.models);
  const { covariance = [], ...model } = full;
  assert.deepEqual(parseFrozenModel(study, full), model);
  const refused = [
    undefined,
    null,
    [],
    { terms: full.terms },
    { ...full, terms: [...full.terms].reverse() },
    { ...full, coefficients: full.coefficients.slice(1) },
    { ...full, coefficients: full.coefficients.map(() => "1") },
    { ...full, coefficients: full.coefficients.map(() => Number.POSITIVE_INFINITY) },
  ];
  for (const value of refused) assert.throws(() => parseFrozenModel(study, value), isNotOfStudy);
  assert.throws(() => parseFrozenModels(study, { models: { full, folds: [model] } }), isNotOfStudy);
  assert.throws(
    () => parseFrozenModels(study, { models: { full: { ...model, covariance: covariance.slice(1) }, folds: [] } }),
    isNotOfStudy,
  );
  assert.throws(() => parseFrozenModels(study, null), isNotOfStudy);
});

const isNotOfStudy = (error: unknown): boolean => error instanceof DureError && error.code === "federation/model-not-of-study";

const run: RunSummary = { rounds: 9, seconds: 1, sites: 4, threshold: 3, collusion: 1, bytesUp: 1, bytesDown: 1, absent: [] };
const frozen = { document: study, canonical: { id: study.id }, hash: hashJson({ id: study.id }) };

test("the result lists training sites before external ones, by name, whatever order they answered in", () => {
  const figure = (site: string, role: "training" | "external") => ({
    evaluation: { site, role, n: 100, events: 30, auc: {} },
    localOnExternal:
      role === "external" ? ["C", "A"].map((model) => ({ model, site, auc: 0.6, se: 0.1, difference: { estimate: 0, se: 0, p: 1 } })) : [],
  });
  const figures = [figure("E", "external"), figure("C", "training"), figure("B", "external"), figure("A", "training")];
  const composed = composeResult({ study: frozen, end: { kind: "done", result }, figures, run });
  const reversed = composeResult({ study: frozen, end: { kind: "done", result }, figures: [...figures].reverse(), run });
  assert.equal(JSON.stringify(composed), JSON.stringify(reversed));
  assert.deepEqual(
    composed.evaluation.sites.map(({ site }) => site),
    ["A", "C", "B", "E"],
  );
  assert.deepEqual(
    composed.evaluation.localOnExternal.map(({ model, site }) => model + site),
    ["AB", "AE", "CB", "CE"],
  );
  assert.deepEqual(composed.evaluation.pooled, result.pooled);
  assert.equal(composed.analysis, result.analysis);
});

test("a refused study has a result that says why and where", () => {
  const refusal = { code: "one-class", columns: ["y"] } as const;
  const composed = composeResult({ study: frozen, end: { kind: "refused", state: { phase: "counts" }, refusal }, figures: [], run });
  assert.equal(composed.analysis.outcome, "refused");
  assert.deepEqual(composed.analysis.refusal, refusal);
  assert.deepEqual(composed.evaluation, { sites: [], localOnExternal: [] });
});
