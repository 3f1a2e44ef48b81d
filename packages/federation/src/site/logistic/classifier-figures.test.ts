import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { averagePrecision, brierScore } from "@dure/statistics";
import { generateRows } from "@dure/statistics/testing";
import type { StudyDocument } from "@dure/study";
import { pickRows, runTogether, testStudy, testTable } from "../testing.ts";
import { siteEvaluation } from "./evaluation.ts";
import { withoutSite } from "./without-site.ts";

const features = ["age", "rare", "platelets", "nodes", "hormone"];
/** Without the rare one a fold can be left out under a minimum cell. */
const common = ["age", "platelets", "nodes", "hormone"];

interface Cohort {
  readonly minimumCell?: number;
  readonly evaluation?: Partial<StudyDocument["evaluation"]>;
  /** Ages at which a subgroup ends. */
  readonly ends?: readonly [number, number];
  readonly columns?: readonly string[];
}

/** The generated rows at three hospitals; age bands are the subgroup. */
function cohort({ minimumCell = 0, evaluation = {}, ends = [50, 65], columns: of = features }: Cohort) {
  const plain = testStudy({ outcome: "y", features: of, booleans: ["rare", "hormone"] }, { minimumCell });
  const band = { name: "band", role: "subgroup", type: "category", levels: ["young", "middle", "old"] } as const;
  const study: StudyDocument = {
    ...plain,
    data: { ...plain.data, variables: [...plain.data.variables, band] },
    evaluation: { ...plain.evaluation, ...evaluation },
  };
  const { columns, rowCount } = generateRows();
  const bands = (columns.get("age") ?? new Float64Array()).map((age) => (age < ends[0] ? 0 : age < ends[1] ? 1 : 2));
  const all = new Map([...columns, ["band", bands]]);
  const tables = [0, 1, 2].map((site) => {
    const rows = Array.from({ length: rowCount }, (_, row) => row).filter((row) => row % 3 === site);
    return testTable({ columns: pickRows(all, rows), keyPrefix: `site-${site}` });
  });
  return { study, tables, rowCount };
}

test("pooled figures are those of every patient scored out of fold, over all hospitals and by subgroup", async () => {
  const { study, tables, rowCount } = cohort({ evaluation: { thresholds: [0.3], decisionCurve: true } });
  const { end } = await runTogether(study, tables);
  assert.ok(end.kind === "done");
  const pooled = end.result.pooled?.outOfFold;
  assert.equal(pooled?.n, rowCount);
  assert.equal(pooled.decisionCurve?.length, 99);
  const sites = tables.map((table) => siteEvaluation(study, end.result.models, { site: "A", role: "training", minimumCell: 0, table }));
  const counts = (pick: (figures: NonNullable<(typeof sites)[number]>) => number): number =>
    sites.reduce((total, figures) => total + (figures === undefined ? 0 : pick(figures)), 0);
  // Sums over hospitals of what each tells of itself.
  const brier = counts(({ evaluation }) => (evaluation.performance?.brier ?? 0) * evaluation.n) / rowCount;
  assert.ok(Math.abs(pooled.brier - brier) < 1e-10, `${pooled.brier} against ${brier}`);
  for (const [i, { level, n, events, decisions }] of (pooled.subgroups ?? []).entries()) {
    const own = (pick: "n" | "events") => counts(({ evaluation }) => evaluation.subgroups?.[i]?.[pick] ?? 0);
    assert.deepEqual([n, events], [own("n"), own("events")], level);
    const called = counts(({ evaluation }) => {
      const figures = evaluation.subgroups?.[i];
      return (figures?.decisions[0]?.sensitivity ?? 0) * (figures?.events ?? 0);
    });
    assert.ok(Math.abs((decisions[0]?.sensitivity ?? 0) * events - called) < 1e-9, level);
  }
  assert.deepEqual(
    pooled.subgroups?.map(({ level }) => level),
    ["young", "middle", "old"],
  );
});

test("a subgroup variable with a level of too few patients is left out whole, at the hospital and of all", async () => {
  // Eight of 600 patients are younger than 33.
  const { study, tables } = cohort({ minimumCell: 5, columns: common, ends: [33, 65] });
  const { end } = await runTogether(study, tables);
  assert.ok(end.kind === "done");
  const [table = testTable({ columns: new Map() })] = tables;
  const figures = siteEvaluation(study, end.result.models, { site: "A", role: "training", minimumCell: 5, table });
  assert.ok(figures?.evaluation.performance !== undefined);
  assert.equal(figures.evaluation.subgroups, undefined);
  assert.equal(end.result.pooled?.outOfFold?.subgroups, undefined);
  const wide = cohort({ minimumCell: 5, columns: common });
  const shown = await runTogether(wide.study, wide.tables);
  assert.ok(shown.end.kind === "done");
  assert.equal(shown.end.result.pooled?.outOfFold?.subgroups?.length, 3);
});

test("an external hospital tells its own recalibration, which fits its patients better than the model as it is", async () => {
  const { study, tables } = cohort({ minimumCell: 5, evaluation: { thresholds: [0.2, 0.4] } });
  const { end } = await runTogether(study, tables);
  assert.ok(end.kind === "done");
  const { columns } = generateRows(11, 500);
  const table = testTable({ columns: new Map([...columns, ["band", new Float64Array(500).map((_, i) => i % 3)]]), keyPrefix: "external" });
  const { evaluation } = siteEvaluation(study, end.result.models, { site: "E", role: "external", minimumCell: 5, table }) ?? {};
  const { performance, calibration } = evaluation ?? {};
  assert.ok(performance?.recalibrated !== undefined && calibration !== undefined);
  assert.equal(performance.recalibrated.slope, calibration.slope);
  assert.ok(performance.recalibrated.brier <= performance.brier);
  // Bins end where decisions are told: no patient lies between what the two tell.
  assert.ok(calibration.bins.length <= performance.decisions.length + 1);
  assert.equal(evaluation?.subgroups?.length, 3);
  assert.ok(evaluation.subgroups.slice(1).every(({ aucGap }) => aucGap !== undefined && aucGap.p >= 0 && aucGap.p <= 1));
});

const known = JSON.parse(
  readFileSync(new URL("../../../../statistics/known-answers/generated-classifier.json", import.meta.url), "utf8"),
) as { readonly withoutThird: { readonly auc: number } };

test("the model without a hospital is R's one-step deletion of its patients", async () => {
  const { study, tables } = cohort({ evaluation: { leaveOneSiteOut: true } });
  const { end } = await runTogether(study, tables);
  assert.ok(end.kind === "done");
  const table = tables[0] ?? testTable({ columns: new Map() });
  const options = { site: "A", role: "training", minimumCell: 0, table } as const;
  const told = siteEvaluation(study, end.result.models, { ...options, leavesSiteOut: true })?.evaluation.withoutSite;
  assert.equal(told?.estimator, "one-step");
  assert.ok(Math.abs(told.auc - known.withoutThird.auc) < 1e-9, `${told.auc} against ${known.withoutThird.auc}`);
  assert.equal(siteEvaluation(study, end.result.models, options)?.evaluation.withoutSite, undefined);
});

test("a model without covariance, as other hospitals get it, leaves no hospital out", async () => {
  const { study, tables } = cohort({});
  const { end } = await runTogether(study, tables);
  assert.ok(end.kind === "done");
  const { covariance: _, ...model } = end.result.models.full;
  const outcome = Float64Array.of(0, 1);
  const rows = { rowCount: 2, features: new Float64Array(10), featureCount: 5, stride: 2, outcome };
  assert.equal(withoutSite(rows, model), undefined);
  assert.equal(averagePrecision(Float64Array.of(0, 1), outcome), 1);
  assert.equal(brierScore(Float64Array.of(0, 0), outcome), 0.25);
});
