/**
 * What a coordinator could read of a patient, or of one hospital, through perfect secure sums of a generalised linear model, tried for real:
 * with the gate off each way finds it, with a minimum cell of 5 none does.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@dure/kernel";
import { packedIndex } from "@dure/numerics";
import { gateContribution } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import type { GeneralisedLinearModel, StudyDocument, Variable } from "@dure/study";
import { glmCoordinator } from "../../coordinator/glm/generalised-linear-model.ts";
import type { GlmState } from "../../coordinator/glm/state.ts";
import { testTable } from "../testing.ts";
import { glmSite } from "./generalised-linear-model.ts";
import { glmStudy, runGlm } from "./testing-glm.ts";

const k = 5;
const variables: readonly Variable[] = [
  { name: "age", role: "feature", type: "number" },
  { name: "marker", role: "feature", type: "number" },
];

/** Hospitals of 60 patients; patient 7 of the first has an outcome far from all others. */
function hospitals(siteCount: number, outlier = 0): readonly AnalysisTable[] {
  return Array.from({ length: siteCount }, (_, site) => {
    const random = new SeededRandom(31 + site);
    const column = (draw: (i: number) => number): Float64Array => Float64Array.from({ length: 60 }, (_, i) => draw(i));
    const age = column(() => Math.round(60 + 9 * random.normal()));
    const marker = column(() => random.normal());
    const y = column((i) => 10 + 0.1 * (age[i] ?? 0) + (marker[i] ?? 0) + random.normal() + (site === 0 && i === 7 ? outlier : 0));
    const visits = column(() => random.below(4));
    return testTable({ columns: new Map(Object.entries({ age, marker, y, visits })), keyPrefix: `s${site}` });
  });
}

const studyOf = (analysis: Omit<GeneralisedLinearModel, "kind">, minimumCell: number, outcome = "y"): StudyDocument =>
  glmStudy({ analysis, outcome, features: variables, minimumCell });

/** The state of the last round, and what one hospital gives in it. */
async function lastRound(study: StudyDocument, tables: readonly AnalysisTable[]) {
  const { states } = await runGlm(study, tables);
  const state = states.at(-1);
  assert.ok(state?.phase === "summary");
  const contributions = await Promise.all(tables.map((table) => glmSite(study).contribute(state, table)));
  return { state, contributions };
}

const gate = (study: StudyDocument, state: GlmState, { table, minimumCell }: { table: AnalysisTable; minimumCell: number }) =>
  Promise.resolve(glmSite(study).contribute(state, table)).then((contribution) =>
    gateContribution({
      layout: glmCoordinator(study).layout(state),
      contribution,
      siteCount: 5,
      policy: { minimumCell, sumCountMax: 200, sumCountUsed: 0 },
      rowCount: table.rowCount,
    }),
  );

test("the middle of a sandwich that one patient's residual fills is that patient's row, and the gate holds it back", async () => {
  const study = studyOf({ family: "linear", errors: "sandwich" }, 0);
  const tables = hospitals(5, 4000);
  const { state, contributions } = await lastRound(study, tables);
  const order = 3;
  const middle = new Float64Array(6);
  for (const { vectors } of contributions)
    (vectors.get("full/scoreProducts") ?? []).forEach((value, i) => {
      middle[i] = (middle[i] ?? 0) + value;
    });
  // x₀ = 1: the first row of the matrix over its first entry is the patient, on the columns of the fit; those are public.
  const read = [1, 2].map((j) => (middle[packedIndex(order, 0, j)] ?? 0) / (middle[0] ?? 1));
  const { standardisation } = state;
  const own = ["age", "marker"].map((name, j) => {
    const value = tables[0]?.columns.get(name)?.[7] ?? Number.NaN;
    return (value - (standardisation.means[j] ?? 0)) / (standardisation.standardDeviations[j] ?? 1);
  });
  const found = [0, 1].map((j) => [0, 1].reduce((total, i) => total + (own[i] ?? 0) * (standardisation.basis[i * 2 + j] ?? 0), 0));
  read.forEach((value, j) => {
    assert.ok(Math.abs(value - (found[j] ?? Number.NaN)) < 0.02, `${value} is the patient's ${found[j]}`);
  });
  const table = tables[0] ?? assert.fail();
  assert.equal((await gate(study, state, { table, minimumCell: 0 })).kind, "released");
  const held = await gate(studyOf({ family: "linear", errors: "sandwich" }, k), state, { table, minimumCell: k });
  assert.equal(held.kind === "refused" && held.detail, "gate/few-rows-dominate");
  const usual = hospitals(5);
  const plain = await lastRound(study, usual);
  const passed = await gate(study, plain.state, { table: usual[0] ?? table, minimumCell: k });
  assert.equal(passed.kind, "released", "an outcome without such a patient passes");
});

test("coefficients that give one patient all the weight of a Poisson model are answered with a mark, or held back", async () => {
  const study = studyOf({ family: "poisson", errors: "model" }, 0, "visits");
  const tables = hospitals(5);
  const { states } = await runGlm(study, tables);
  const newton = states.find((state) => state.phase === "newton");
  assert.ok(newton?.phase === "newton");
  const table = tables[0] ?? assert.fail();
  // A slope so steep that the oldest patient's mean is all of the sum, shifted to where sums may still be told.
  const chosen = (intercept: number, slope: number): GlmState => ({
    ...newton,
    fits: newton.fits.map((fit) =>
      fit.newton.kind === "running"
        ? { ...fit, newton: { ...fit.newton, trial: fit.name === "full" ? [intercept, slope, 0] : fit.newton.trial } }
        : fit,
    ),
  });
  const held = await gate(study, chosen(-8, 6), { table, minimumCell: k });
  assert.equal(held.kind === "refused" && held.detail, "gate/few-rows-dominate");
  assert.equal((await gate(study, chosen(-8, 6), { table, minimumCell: 0 })).kind, "released");
  const { vectors } = await glmSite(study).contribute(chosen(0, 25), table);
  assert.ok((vectors.get("full/outside")?.[0] ?? 0) > 0, "a mean beyond what counts can have is marked");
  assert.ok(vectors.get("full/information")?.every((value) => value === 0));
});

test("with three hospitals of which one colludes, the clustered middle tells the scores of the other two; five are needed", async () => {
  const study = studyOf({ family: "linear", errors: "site-clustered" }, 0);
  const { contributions } = await lastRound(study, hospitals(3));
  const order = 3;
  const scores = contributions.map(({ vectors }) => vectors.get("full/gradient") ?? new Float64Array());
  const [first, second, colluding] = scores;
  assert.ok(first !== undefined && second !== undefined && colluding !== undefined);
  // Known: the sum of all outer products, the colluder's own, and that all scores sum to 0. d = U₁ − U₂ from d dᵀ = 2 (M − U₃ U₃ᵀ) − s sᵀ.
  const unit = (contributions[2]?.vectors.get("full/clusterProducts")?.[0] ?? 1) / (colluding[0] ?? 1) ** 2;
  const whole = (i: number, j: number) =>
    contributions.reduce((total, { vectors }) => total + (vectors.get("full/clusterProducts")?.[packedIndex(order, i, j)] ?? 0), 0) / unit;
  const dd = (i: number, j: number) =>
    2 * (whole(i, j) - (colluding[i] ?? 0) * (colluding[j] ?? 0)) - (colluding[i] ?? 0) * (colluding[j] ?? 0);
  const d0 = Math.sqrt(dd(0, 0));
  const told = [0, 1, 2].map((j) => (-(colluding[j] ?? 0) + dd(0, j) / d0) / 2);
  const isOne = (score: Float64Array): boolean => told.every((value, j) => Math.abs(value - (score[j] ?? 0)) < 1e-6 * Math.abs(d0));
  assert.ok(isOne(first) || isOne(second), "a hospital's own score is read");
  const refused = await runGlm(studyOf({ family: "linear", errors: "site-clustered" }, k), hospitals(3));
  assert.deepEqual(refused.end.kind === "refused" && refused.end.refusal, { code: "too-few-sites", columns: [] });
  const passed = await runGlm(studyOf({ family: "linear", errors: "site-clustered" }, k), hospitals(5));
  assert.equal(passed.end.kind, "done");
});

test("no sum holds a hospital's own intercept: its entries are 0 whatever the rows", async () => {
  const study = studyOf({ family: "linear", errors: "model", siteEffects: "fixed" }, k);
  const { states } = await runGlm(study, hospitals(4));
  for (const state of states) {
    if (state.phase !== "newton" && state.phase !== "summary") continue;
    for (const table of hospitals(4)) {
      const { vectors } = await glmSite(study).contribute(state, table);
      for (const [name, values] of vectors) {
        if (name.endsWith("/gradient")) assert.equal(values[0], 0, name);
        if (name.endsWith("/information")) for (let j = 0; j < 3; j++) assert.ok(Math.abs(values[j] ?? 1) < 1e-12, `${name}: ${values[j]}`);
      }
    }
  }
});
