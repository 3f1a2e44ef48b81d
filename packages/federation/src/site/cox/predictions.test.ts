import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnalysisTable } from "@dure/records";
import { coxLinearPredictor, predictionAt } from "@dure/statistics";
import { coxFeatures, generateSurvival, generateVisits } from "@dure/statistics/testing";
import { cumulativeHazardAt } from "../../baseline-curve.ts";
import type { CoxResult } from "../../cox-result.ts";
import { siteFiguresFor } from "../registry.ts";
import { pickRows, testTable } from "../testing.ts";
import { coxStudy, runCox, runPooledCox } from "./testing-cox.ts";

const generated = generateSurvival(5, 900);
const booleans = ["hormone"];
const [first, second, external] = [1, 2, 3].map((centre) => {
  const rows = [...(generated.columns.get("centre") ?? []).entries()].flatMap(([row, value]) => (value === centre ? [row] : []));
  const heldOut = Uint8Array.from(rows, (_, i) => (i % 3 === 0 ? 1 : 0));
  return testTable({ columns: pickRows(generated.columns, rows), keyPrefix: `centre-${centre}`, heldOut });
});
assert.ok(first !== undefined && second !== undefined && external !== undefined);
const at = [180, 365, 700, 1000];

type Role = "training" | "external";

const figuresOf = (study: ReturnType<typeof coxStudy>, result: CoxResult, role: Role, minimumCell = 5) =>
  siteFiguresFor(study)(study, {
    site: "a",
    role,
    table: role === "external" ? external : first,
    minimumCell,
    result: JSON.parse(JSON.stringify(result)),
    releasedModels: () => new Map(),
  });

async function fit(study: ReturnType<typeof coxStudy>): Promise<CoxResult> {
  const run = study.analysis.kind === "cox" && study.analysis.strata === undefined ? runPooledCox : runCox;
  const { end } = await run(
    study,
    [first, second].flatMap((table) => table ?? []),
  );
  assert.ok(end.kind === "done");
  return end.result;
}

test("at an external hospital the model with one baseline is tested as it is: its risks at the study's times, AUC, Brier score, calibration", async () => {
  const study = coxStudy(coxFeatures, { booleans, minimumCell: 5, at, grid: { timeBinDays: 30, horizonDays: 2000 } });
  const result = await fit(study);
  const figures = await figuresOf(study, result, "external");
  const { predictions } = figures?.evaluation ?? {};
  assert.equal(predictions?.baseline, "shared");
  assert.ok((predictions?.at.length ?? 0) >= 2);
  const { coefficients, centre, baseline } = result.models.full;
  assert.ok(baseline?.isInterpolated);
  const features = Float64Array.from(coxFeatures.flatMap((name) => [...(external.columns.get(name) ?? [])]));
  const eta = coxLinearPredictor({ rowCount: external.rowCount, features }, coefficients);
  const origin = coefficients.reduce((total, value, j) => total + value * (centre[j] ?? 0), 0);
  const outcome = { times: external.columns.get("days") ?? new Float64Array(), events: external.columns.get("event") ?? [] };
  for (const { time, auc, brier } of predictions?.at ?? []) {
    const hazard = cumulativeHazardAt(baseline, time);
    const found = predictionAt(
      outcome,
      eta.map((value) => 1 - Math.exp(-hazard * Math.exp(value - origin))),
      time,
    );
    assert.ok(Math.abs(auc - (found?.auc ?? 0)) < 1e-12 && Math.abs(brier - (found?.brier ?? 0)) < 1e-12);
  }
  assert.ok((figures?.cells ?? []).length > 0 && (figures?.cells ?? []).every((count) => count >= 5));
  assert.ok((predictions?.calibration?.groups.length ?? 0) >= 2);
});

test("a merged baseline runs straight from step to step, an exact one holds until the next", () => {
  const points = [
    { time: 10, cumulativeHazard: 0.2 },
    { time: 30, cumulativeHazard: 0.6 },
  ];
  const read = (isInterpolated: boolean) => [5, 10, 20, 30, 99].map((time) => cumulativeHazardAt({ isInterpolated, points }, time));
  assert.deepEqual(read(true), [0.1, 0.2, 0.4, 0.6, 0.6]);
  assert.deepEqual(read(false), [0, 0.2, 0.2, 0.6, 0.6]);
});

test("with a baseline for each hospital risks rest on its own: out of fold where folds are left out, on held-out rows where the study has them", async () => {
  for (const holdout of [undefined, "age > 60"]) {
    const study = coxStudy(coxFeatures, { booleans, minimumCell: 5, at, ...(holdout === undefined ? {} : { holdout }) });
    const result = await fit(study);
    for (const role of ["training", "external"] as const) {
      const { predictions, n } = (await figuresOf(study, result, role))?.evaluation ?? {};
      assert.equal(predictions?.baseline, "own");
      assert.ok(predictions.at.every(({ auc, brier, brierReference }) => auc > 0.5 && brier < 0.3 && brierReference < 0.3));
      const shown = predictions.calibration?.groups.reduce((total, group) => total + group.n, 0);
      assert.equal(shown, n);
    }
  }
});

test("a category's columns are scored, and its baseline is estimated, without the cells that are only counted", async () => {
  const base = coxStudy(["age", "nodes"], { minimumCell: 5, at });
  const grade = { name: "grade", role: "feature", type: "category", levels: ["low", "middle", "high"] } as const;
  const study = { ...base, data: { ...base.data, variables: [...base.data.variables, grade] } };
  const graded = (table: AnalysisTable): AnalysisTable => ({
    ...table,
    columns: new Map(table.columns).set(
      "grade",
      Float64Array.from({ length: table.rowCount }, (_, row) => row % 3),
    ),
  });
  const { end } = await runCox(study, [graded(first), graded(second)]);
  assert.ok(end.kind === "done");
  const request = { site: "a", role: "training", table: graded(first), minimumCell: 5, releasedModels: () => new Map() } as const;
  const figures = await siteFiguresFor(study)(study, { ...request, result: JSON.parse(JSON.stringify(end.result)) });
  assert.ok((figures?.baseline?.at.length ?? 0) > 0 && figures?.evaluation.predictions !== undefined);
});

test("between two times of which figures are shown lie at least the minimum cell of events", async () => {
  const study = coxStudy(coxFeatures, { booleans, minimumCell: 5, at: Array.from({ length: 60 }, (_, i) => 30 * (i + 1)) });
  const { predictions } = (await figuresOf(study, await fit(study), "external"))?.evaluation ?? {};
  const events = predictions?.at.map((found) => found.events) ?? [];
  assert.ok(events.length > 3 && events.length < 60);
  assert.ok(events.every((count, i) => count - (events[i - 1] ?? 0) >= 5));
});

test("one cause of several, and rows that enter late, have no such figures", async () => {
  const study = coxStudy(["age"], { visits: { cause: "1" }, at: [100], grid: { timeBinDays: 7, horizonDays: 900 } });
  const { columns } = generateVisits();
  const table = testTable({ columns });
  const { end } = await runPooledCox(study, [table]);
  assert.ok(end.kind === "done");
  const request = { site: "a", role: "external", table, minimumCell: 5, releasedModels: () => new Map() } as const;
  const figures = await siteFiguresFor(study)(study, { ...request, result: JSON.parse(JSON.stringify(end.result)) });
  assert.equal(figures?.evaluation.n, 400);
  assert.equal(figures?.evaluation.predictions, undefined);
});
