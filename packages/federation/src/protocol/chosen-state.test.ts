/**
 * A coefficient vector that isolates one patient, tried for real.
 *
 * The victim has a patient whose x is 6 where everybody else's lies within ±1. Under η = 4.2 (x − 6) that patient's weight p (1 − p) is a
 * quarter and all others' together about 1e-8: the sum of the information *is* that patient, w u uᵀ, and every covariate can be read from
 * it, through a perfect secure sum. The coordinator gets there by a wrong state, or by a lie about a sum from which that state follows.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type JsonValue, SeededRandom } from "@dure/kernel";
import { type Sum, sumToJson } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import type { PhaseState } from "../coordinator/logistic/state.ts";
import { testTable } from "../site/testing.ts";
import { recoverRun } from "./coordinator-reducer.ts";
import { sumFromJson } from "./sum-json.ts";
import { TestFederation, twoFeatureStudy } from "./testing.ts";

const victim = "boryeong";
const patient = { x: 6, z: 1 };
const slope = 4.2;
const newtonRound = 3;

function narrowRows(seed: number, hasPatient: boolean): AnalysisTable {
  const random = new SeededRandom(seed);
  const rowCount = 60;
  const x = Float64Array.from({ length: rowCount }, () => 2 * random.uniform() - 1);
  const z = Float64Array.from({ length: rowCount }, () => random.below(2));
  const y = Float64Array.from({ length: rowCount }, () => random.below(2));
  if (hasPatient) [x[31], z[31]] = [patient.x, patient.z];
  const columns = new Map([
    ["y", y],
    ["x", x],
    ["z", z],
  ]);
  return testTable({ columns, keyPrefix: `narrow-${seed}` });
}

/** Honest up to and with the first Newton sum; what is sent after it is kept back. */
async function upToFirstNewtonSum(minimumCell: number): Promise<TestFederation> {
  const tables = Array.from({ length: 5 }, (_, i) => narrowRows(i, i === 1));
  const run = new TestFederation({ study: twoFeatureStudy({ minimumCell }), tables });
  run.intercept = (letter) => (run.durable.round > newtonRound ? [] : [letter]);
  run.arrive();
  await run.settle();
  assert.equal(run.durable.round, newtonRound + 1);
  run.intercept = (letter) => (run.durable.round > newtonRound + 1 ? [] : [letter]);
  for (const site of run.sites.values()) [site.left.length, site.refusals.length] = [0, 0];
  return run;
}

const newtonState = (run: TestFederation): PhaseState<"newton"> => run.site(victim).state.durable?.state as unknown as PhaseState<"newton">;

/** Coefficients on the fit's own columns under which η is slope × (x − 6). */
function isolating({ standardisation: { means, standardDeviations, basis } }: PhaseState<"newton">): readonly number[] {
  const [mean = 0, spread = 1, scale = 1] = [means[0], standardDeviations[0], basis[0]];
  return [slope * (mean - patient.x), (slope * spread) / scale, 0];
}

/** Takes what the coordinator stored, changes it as it likes, and goes on. */
async function goOnWith(run: TestFederation, change: { readonly state: JsonValue; readonly lastSum?: Sum }): Promise<void> {
  const lastSum = change.lastSum === undefined ? run.durable.lastSum : sumToJson(change.lastSum);
  run.state = recoverRun({ ...run.durable, state: change.state, lastSum });
  run.arrive();
  await run.settle();
}

/** A sum that could have been: within its bounds, with an information matrix of one patient a direction, and the step that is wanted. */
function lie(run: TestFederation): { readonly state: JsonValue; readonly lastSum: Sum } {
  const state = newtonState(run);
  const { newton } = state.fits[0] ?? assert.fail("a fit");
  assert.ok(newton.kind === "running");
  const step = isolating(state).map((value, j) => value - (newton.trial[j] ?? 0));
  const truth = sumFromJson(run.durable.lastSum);
  const vectors = new Map(truth.vectors)
    .set("full/gradient", Float64Array.from(step))
    .set("full/information", Float64Array.of(1, 0, 0, 1, 0, 1))
    .set("full/extremes", new Float64Array(2));
  const lastSum = { siteCount: truth.siteCount, vectors };
  const absorbed = run.part.absorb(state as unknown as JsonValue, lastSum);
  assert.ok(absorbed.kind === "continue");
  return { state: absorbed.state, lastSum };
}

/** What the coordinator makes of the opened information: the covariates of whoever carries it. */
function readCovariates(run: TestFederation): { readonly weight: number; readonly x: number; readonly z: number } {
  const { means, standardDeviations, basis } = newtonState(run).standardisation;
  const [weight = 0, weightU = 0, weightV = 0] = sumFromJson(run.durable.lastSum).vectors.get("full/information") ?? [];
  const x = weightU / weight / (basis[0] ?? 0);
  const z = (weightV / weight - x * (basis[1] ?? 0)) / (basis[3] ?? 0);
  return {
    weight,
    x: x * (standardDeviations[0] ?? 0) + (means[0] ?? 0),
    z: z * (standardDeviations[1] ?? 0) + (means[1] ?? 0),
  };
}

const maskedVectorsOf = (run: TestFederation, siteId: string): number =>
  run.site(siteId).left.filter(({ kind }) => kind === "vector").length;

test("with the gate off, a lie about a sum reads one patient's covariates through a perfect secure sum", async () => {
  const run = await upToFirstNewtonSum(0);
  await goOnWith(run, lie(run));
  assert.equal(maskedVectorsOf(run, victim), 1);
  const read = readCovariates(run);
  assert.ok(Math.abs(read.weight - 0.25) < 1e-6, "nobody else carries weight");
  assert.ok(Math.abs(read.x - patient.x) < 1e-5, "x is read");
  assert.ok(Math.abs(read.z - patient.z) < 1e-5, "z is read");
});

test("with the gate on, the same lie is refused at the hospital: too few rows carry the sum, and nothing masked leaves", async () => {
  const run = await upToFirstNewtonSum(5);
  await goOnWith(run, lie(run));
  assert.deepEqual(run.site(victim).refusals, ["gate/few-rows-dominate"]);
  assert.equal(maskedVectorsOf(run, victim), 0);
  assert.equal(run.durable.status, "stopped");
  assert.deepEqual(run.durable.stopReason, { code: "not-taking-part", sites: run.durable.stopReason?.sites, columns: [] });
});

for (const minimumCell of [0, 5]) {
  test(`a state with these coefficients and the true sum is refused by every hospital, minimum cell ${minimumCell}`, async () => {
    const run = await upToFirstNewtonSum(minimumCell);
    await goOnWith(run, { state: lie(run).state });
    for (const siteId of run.training) {
      assert.deepEqual(run.site(siteId).refusals, ["state-does-not-follow"]);
      assert.equal(maskedVectorsOf(run, siteId), 0);
    }
    assert.equal(run.durable.status, "stopped");
  });
}

test("coefficients beyond what double precision carries are refused whatever the minimum cell", async () => {
  const run = await upToFirstNewtonSum(0);
  const { lastSum } = lie(run);
  const steeper = { siteCount: lastSum.siteCount, vectors: new Map(lastSum.vectors) };
  steeper.vectors.set(
    "full/gradient",
    (lastSum.vectors.get("full/gradient") ?? new Float64Array()).map((value) => 1.5 * value),
  );
  const absorbed = run.part.absorb(newtonState(run) as unknown as JsonValue, steeper);
  assert.ok(absorbed.kind === "continue");
  await goOnWith(run, { state: absorbed.state, lastSum: steeper });
  assert.deepEqual(run.site(victim).refusals, ["gate/linear-predictor-too-large"]);
  assert.equal(maskedVectorsOf(run, victim), 0);
});
