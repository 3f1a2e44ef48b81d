import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DureError, SeededRandom, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { describe } from "@dure/statistics";
import {
  binnedEnds,
  binnedRows,
  coxFeatures,
  generateSurvival,
  generateVisits,
  survivalCsv,
  visitFeatures,
} from "@dure/statistics/testing";
import type { PooledPhase } from "../../coordinator/cox-pooled/state.ts";
import type { CoxAnalysis } from "../../cox-result.ts";
import { coxStudy, runCox, runPooledCox } from "../cox/testing-cox.ts";
import { pickRows, testTable } from "../testing.ts";
import { pooledCoxSite } from "./cox-pooled.ts";

type Columns = ReadonlyMap<string, Float64Array>;

const known = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../statistics/known-answers/${name}.json`, import.meta.url), "utf8"));
const survival = generateSurvival();
const visits = generateVisits();

const tablesOf = (columns: Columns): readonly AnalysisTable[] =>
  [1, 2, 3].map((centre) => {
    const rows = [...(columns.get("centre") ?? []).entries()].flatMap(([row, value]) => (value === centre ? [row] : []));
    return testTable({ columns: pickRows(columns, rows), keyPrefix: `centre-${centre}` });
  });

const near = (actual: number | undefined, expected: number | undefined, tolerance: number, what: string): void => {
  assert.ok(
    actual !== undefined && expected !== undefined && Math.abs(actual - expected) <= tolerance,
    `${what}: ${actual} against ${expected}`,
  );
};

function assertTerms(
  { terms }: CoxAnalysis,
  { coefficients, standardErrors }: { readonly coefficients: readonly number[]; readonly standardErrors: readonly number[] },
): void {
  terms.forEach(({ name, estimate, standardError }, j) => {
    const [coefficient = Number.NaN, se = Number.NaN] = [coefficients[j], standardErrors[j]];
    near(estimate, coefficient, 1e-8 * Math.max(Math.abs(coefficient), se), name);
    near(standardError, se, 1e-8 * se, `SE of ${name}`);
  });
}

for (const ties of ["efron", "breslow"] as const) {
  for (const [name, file, tables, study] of [
    ["rows from 0", "generated-cox", tablesOf(survival.columns), coxStudy(coxFeatures, { ties, booleans: ["hormone"], grid: days() })],
    [
      "(start, stop] rows of one cause",
      "generated-visits",
      tablesOf(visits.columns),
      coxStudy(visitFeatures, { ties, booleans: ["female", "treated"], visits: { cause: "1" }, at: [100, 200, 365], grid: days() }),
    ],
  ] as const) {
    test(`one baseline hazard on bins of a day equals R's pooled coxph with ${ties} ties, ${name}`, async () => {
      const { end } = await runPooledCox(study, tables);
      assert.ok(end.kind === "done");
      const { analysis } = end.result;
      const expected = known(file)[`one stratum ${ties}`];
      assertTerms(analysis, expected);
      near(analysis.logLikelihood, expected.logLikelihood, 1e-10 * Math.abs(expected.logLikelihood), "log-likelihood");
      near(analysis.logLikelihoodNull, expected.logLikelihoodNull, 1e-10 * Math.abs(expected.logLikelihoodNull), "null log-likelihood");
      near(analysis.tests?.score.chisq, expected.scoreTest, 1e-8 * expected.scoreTest, "score test");
      near(analysis.tests?.wald.chisq, expected.waldTest, 1e-8 * expected.waldTest, "Wald test");
      const tested = analysis.proportionalHazards;
      [...(tested?.terms ?? []), ...(tested === undefined ? [] : [tested.global])].forEach(({ chisq }, j) => {
        near(chisq, expected.proportionalHazards[j], 1e-7 * expected.proportionalHazards[j], `proportional hazards ${j}`);
      });
      assert.equal(tested?.terms.length, 4);
      // R's are at covariates 0 of generated-cox and at the means of generated-visits.
      const atZero = analysis.baseline?.at ?? [];
      const means =
        file === "generated-cox"
          ? [0, 0, 0, 0]
          : visitFeatures.map((feature) => describe(visits.columns.get(feature) ?? new Float64Array()).mean);
      const eta = analysis.terms.reduce((total, { estimate }, j) => total + estimate * (means[j] ?? 0), 0);
      expected.cumulativeHazard.forEach((hazard: number, i: number) => {
        near((atZero[i]?.cumulativeHazard ?? 0) * Math.exp(eta), hazard, 1e-8 * hazard, `baseline at ${atZero[i]?.time}`);
      });
      assert.deepEqual([analysis.n, analysis.events], file === "generated-cox" ? [500, analysis.events] : [400, analysis.events]);
    });
  }
}

function days() {
  return { timeBinDays: 1, horizonDays: 3000 };
}

test("pairs of Harrell's C are those within hospitals, as with a baseline hazard for each", async () => {
  const [study, stratified] = [days(), undefined].map((grid) =>
    coxStudy(["age", "nodes"], { holdout: "age > 999", ...(grid === undefined ? {} : { grid }) }),
  );
  assert.ok(study !== undefined && stratified !== undefined);
  const tables = tablesOf(survival.columns);
  const [pooled, within] = [await runPooledCox(study, tables), await runCox(stratified, tables)];
  assert.ok(pooled.end.kind === "done" && within.end.kind === "done");
  const [a, b] = [pooled.end.result.analysis.concordance, within.end.result.analysis.concordance];
  assert.ok(a !== undefined && b !== undefined);
  assert.equal(a.concordant + a.discordant + a.tiedX, b.concordant + b.discordant + b.tiedX);
  near(a.estimate, b.estimate, 0.01, "C");
});

for (const [name, columns, study] of [
  ["rows from 0", survival.columns, coxStudy(coxFeatures, { booleans: ["hormone"], minimumCell: 5, grid: days() })],
  [
    "visits",
    visits.columns,
    coxStudy(visitFeatures, { visits: { cause: "1" }, minimumCell: 5, grid: { timeBinDays: 7, horizonDays: 900 } }),
  ],
] as const) {
  test(`with a minimum cell it is R's coxph on the binned times, ${name}`, async () => {
    const { end, states } = await runPooledCox(study, tablesOf(columns));
    assert.ok(end.kind === "done", "it fits");
    const { analysis } = end.result;
    const steps = analysis.baseline?.steps ?? [];
    assert.ok(
      steps.every(({ events }) => events >= 20),
      "intervals hold 20 events",
    );
    assert.deepEqual(
      steps.map(({ time }) => time),
      binnedEnds[name],
    );
    const expected = known("generated-binned")[name];
    assert.equal(sha256(survivalCsv(binnedRows(name))), expected.csvSha256, "the binned rows are those that R has seen");
    assertTerms(analysis, expected);
    near(analysis.logLikelihood, expected.logLikelihood, 1e-10 * Math.abs(expected.logLikelihood), "log-likelihood");
    const last = states.findLast((state): state is PooledPhase<"spread"> => state.phase === "spread");
    assert.deepEqual(last?.intervals.isExact, false);
  });
}

test("a hospital without an event takes part, and rows that cannot be are refused by name inside it", () => {
  const study = coxStudy(["age"], { visits: { cause: "1" }, grid: days() });
  const [table] = tablesOf(visits.columns);
  assert.ok(table !== undefined);
  const site = (change: Record<string, (value: number, row: number) => number>) => {
    const columns = new Map([...table.columns].map(([name, values]) => [name, values.map(change[name] ?? ((value) => value))]));
    return () => pooledCoxSite(study).contribute({ phase: "counts" }, { ...table, columns });
  };
  assert.doesNotThrow(site({ cause: () => 0 }));
  const persons = table.columns.get("person") ?? new Float64Array();
  const isFirst = (row: number): boolean => persons[row] === persons[row + 1];
  for (const [change, code] of [
    [{ days: () => -3 }, "federation/negative-time"],
    [{ entry: () => -3 }, "federation/negative-time"],
    [{ entry: (_: number, row: number) => table.columns.get("days")?.[row] ?? 0 }, "federation/entry-not-before-time"],
    [{ entry: () => 0 }, "federation/overlapping-rows"],
    [{ cause: (value: number, row: number) => (isFirst(row) ? 2 : value) }, "federation/rows-after-the-event"],
  ] as const) {
    assert.throws(site(change), (error) => error instanceof DureError && error.code === code, code);
  }
});

test("a person who is in no risk set is in no sum: the total of a column less that over a risk set would be that person", async () => {
  const random = new SeededRandom(8);
  const count = 300;
  // All are there from the start; only the last person comes after the last event, and person 0 has a first row that its second stands for.
  const person = Float64Array.from({ length: count + 1 }, (_, row) => (row === count ? 0 : row));
  const days = person.map((_, row) => (row === 0 ? 1 : row === count - 1 ? 900 : 2 + random.below(600)));
  const entry = person.map((_, row) => (row === count - 1 ? 890 : row === count ? 1 : 0));
  const cause = person.map((_, row) => (row === 0 || row === count - 1 || random.uniform() < 0.4 ? 0 : 1));
  const age = person.map(() => 60 + 10 * random.normal());
  const columns = new Map([
    ["person", person],
    ["days", days],
    ["entry", entry],
    ["cause", cause],
    ["age", age],
  ]);
  const study = coxStudy(["age"], { visits: { cause: "1" }, minimumCell: 5, grid: { timeBinDays: 1, horizonDays: 1000 } });
  const { end, states } = await runPooledCox(study, [testTable({ columns })]);
  assert.ok(end.kind === "done");
  const centred = states.find((state): state is PooledPhase<"centred"> => state.phase === "centred");
  const inRiskSets = [...age].filter((_, row) => row !== 0 && row !== count - 1);
  assert.equal(centred?.counts.rows, inRiskSets.length);
  near(centred?.centre.means[0], describe(Float64Array.from(inRiskSets)).mean, 1e-12, "the mean is of the rows in risk sets");
  assert.deepEqual([end.result.analysis.n, end.result.analysis.rows], [count, count - 1]);
});

test("without a minimum cell only bins with events are intervals", async () => {
  const study = coxStudy(coxFeatures, { booleans: ["hormone"], grid: { timeBinDays: 1, horizonDays: 3000 } });
  const { end } = await runPooledCox(study, tablesOf(survival.columns));
  assert.ok(end.kind === "done");
  assert.ok((end.result.analysis.baseline?.steps.length ?? 0) < 120, "only bins with events are intervals");
});
