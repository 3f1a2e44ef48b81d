/**
 * A propensity model chosen so that one patient carries a weighted sum, tried for real.
 *
 * All untreated patients of the victim lie within x from −1 to 1 but one, at 6. With η = 4 x − 12 that patient's weight, 1 / (1 − e), is e¹²
 * and the others' together are about their number: the arm's weighted mean of every column *is* that patient. A coordinator gets there by a
 * lie about a sum from which these coefficients follow (protocol/chosen-state.test.ts); here the hospital is simply asked.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@dure/kernel";
import { gateContribution } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import type { ModelFit, TreatmentPhase, TreatmentState } from "../../coordinator/treatment-effect/state.ts";
import { treatmentEffectCoordinator } from "../../coordinator/treatment-effect/treatment-effect.ts";
import { testTable } from "../testing.ts";
import { runTreatment, type TreatmentStudyOptions, treatmentStudy } from "./testing-treatment.ts";
import { treatmentEffectSite } from "./treatment-effect.ts";

const patient = { x: 6, z: 0.37 };

function narrowRows(seed: number, hasPatient: boolean): AnalysisTable {
  const random = new SeededRandom(seed);
  const rowCount = 200;
  const column = (value: () => number): Float64Array => Float64Array.from({ length: rowCount }, value);
  const columns = new Map([
    ["x", column(() => 2 * random.uniform() - 1)],
    ["z", column(() => random.uniform())],
    ["treated", column(() => random.below(2))],
    ["y", column(() => random.below(2))],
  ]);
  if (hasPatient)
    for (const [name, value] of Object.entries({ ...patient, treated: 0, y: 1 })) (columns.get(name) ?? new Float64Array())[31] = value;
  return testTable({ columns, keyPrefix: `narrow-${seed}` });
}

const tables = [1, 2, 3].map((seed) => narrowRows(seed, seed === 1));
const study = (minimumCell: number, analysis: TreatmentStudyOptions["analysis"] = {}) =>
  treatmentStudy({
    outcome: { name: "y", type: "boolean" },
    features: [
      { name: "x", type: "number" },
      { name: "z", type: "number" },
    ],
    minimumCell,
    analysis: { siteTerms: false, ...analysis },
  });

type Summed = Extract<TreatmentState, { readonly phase: "totals" | "slopes" }>;

/** The state of a round of an honest run, with other coefficients: η = slope × x + shift, whatever z. */
async function chosen(phase: Summed["phase"], minimumCell: number, [shift, slope]: readonly [number, number]): Promise<Summed> {
  const { states } = await runTreatment(study(minimumCell), tables);
  const honest = states.find((state): state is Summed => state.phase === phase) ?? assert.fail(phase);
  const { means, standardDeviations, basis } = honest.standardisation;
  const params = [shift + slope * (means[0] ?? 0), (slope * (standardDeviations[0] ?? 0)) / (basis[0] ?? 1), 0];
  const fits = honest.fits.map((fit): ModelFit => (fit.newton.kind === "converged" ? { ...fit, newton: { ...fit.newton, params } } : fit));
  return { ...honest, fits };
}

async function ask(minimumCell: number, state: TreatmentState, table = tables[0] ?? assert.fail()) {
  const contribution = await treatmentEffectSite(study(minimumCell)).contribute(state, table);
  const layout = treatmentEffectCoordinator(study(minimumCell)).layout(state);
  const policy = { minimumCell, sumCountMax: 20, sumCountUsed: 1 };
  return { contribution, answer: gateContribution({ layout, contribution, siteCount: 3, policy, rowCount: table.rowCount }) };
}

test("with the gate off, weights chosen for it read one patient's columns from a weighted mean", async () => {
  const state = await chosen("totals", 0, [-12, 4]);
  const { contribution, answer } = await ask(0, state);
  assert.equal(answer.kind, "released");
  const [untreated = 0] = contribution.vectors.get("iptw/balanceWeights") ?? [];
  const sums = contribution.vectors.get("iptw/balanceSums") ?? new Float64Array();
  const { means, standardDeviations } = state.standardisation;
  const read = [0, 1].map((j) => (means[j] ?? 0) + ((standardDeviations[j] ?? 0) * (sums[j] ?? 0)) / untreated);
  assert.ok(Math.abs((read[0] ?? 0) - patient.x) < 0.05, `x is read as ${read[0]}`);
  assert.ok(Math.abs((read[1] ?? 0) - patient.z) < 0.05, `z is read as ${read[1]}`);
});

test("with the gate on, the same coefficients are refused: few patients carry an arm", async () => {
  const { answer } = await ask(5, await chosen("totals", 5, [-12, 4]));
  assert.equal(answer.kind === "refused" ? answer.detail : answer.kind, "gate/few-rows-dominate");
});

test("slopes are looked at by themselves: weights of nearly 1 may change for one patient alone", async () => {
  // η = 3.5 x − 24: every untreated weight is about 1, but that of the patient is 1 + e⁻³ and changes, others' do not.
  const off = await chosen("slopes", 0, [-24, 3.5]);
  const { contribution } = await ask(0, off);
  const slopes = contribution.vectors.get("iptw/slopes") ?? new Float64Array();
  const { means, standardDeviations, basis } = off.standardisation;
  // The intercept's entry is the patient's own slope times the residual; x's entry over it is the patient's x.
  const u = (slopes[1] ?? 0) / (slopes[0] ?? 1) / (basis[0] ?? 1);
  assert.ok(Math.abs((means[0] ?? 0) + (standardDeviations[0] ?? 0) * u - patient.x) < 0.05, "with the gate off x is read");
  const { answer, contribution: guarded } = await ask(5, await chosen("slopes", 5, [-24, 3.5]));
  assert.equal(answer.kind === "refused" ? answer.detail : answer.kind, "gate/few-rows-dominate");
  const [weights] = guarded.influence.filter(({ what }) => what === "iptw, arm 0");
  assert.ok(weights !== undefined && weights.weightSum ** 2 / weights.weightSquareSum > 50, "the weights alone would have passed");
});

test("a level with two treated patients is left out by name, and with the gate off its mean is theirs", async () => {
  const withLevel = tables.map((table, site) => {
    const [treated, y] = ["treated", "y"].map((name) => table.columns.get(name) ?? new Float64Array());
    const first = (outcome: number): number => (treated ?? []).findIndex((arm, row) => arm === 1 && y?.[row] === outcome);
    const two = site === 0 ? [first(0), first(1)] : [];
    // Many untreated patients of each hospital, and two treated patients of one, of whom one has the outcome.
    const rare = Float64Array.from(treated ?? [], (arm, row) => Number((arm === 0 && row < 100) || two.includes(row)));
    return testTable({ columns: new Map([...table.columns, ["rare", rare]]), keyPrefix: `rare-${site}` });
  });
  const rare = (minimumCell: number) =>
    treatmentStudy({
      outcome: { name: "y", type: "boolean" },
      features: [{ name: "x", type: "number" }],
      subgroups: [{ name: "rare", type: "boolean" }],
      minimumCell,
      analysis: { siteTerms: false },
    });
  const guarded = await runTreatment(rare(5), withLevel);
  const shown = guarded.end.kind === "done" ? guarded.end.result.analysis : assert.fail();
  assert.deepEqual(shown.leftOut, ["rare"]);
  assert.equal(shown.subgroups, undefined);
  const open = await runTreatment(rare(0), withLevel);
  const state = open.states.find((own): own is TreatmentPhase<"slopes"> => own.phase === "slopes") ?? assert.fail();
  const mean = state.totals.blocks[1]?.means[3] ?? Number.NaN;
  assert.ok(mean > 0.2 && mean < 0.8, "weights of about 1 of two patients, one with the outcome");
});
