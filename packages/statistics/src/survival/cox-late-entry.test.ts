import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SeededRandom, sha256 } from "@dure/kernel";
import { packedDiagonal } from "@dure/numerics";
import { concordanceOf, countPairs, type PairSums } from "./concordance.ts";
import { baselineHazardAt } from "./cox-baseline.ts";
import { fitCoxRegression } from "./cox-fit.ts";
import { coxContribution, coxLinearPredictor } from "./cox-likelihood.ts";
import type { Ties } from "./cox-risk-sets.ts";
import { type CoxRows, sortCoxRows } from "./cox-rows.ts";
import { proportionalHazardsTest, timeInteraction } from "./proportional-hazards.ts";
import { survivalCsv } from "./testing-cox.ts";
import { generateVisits, visitFeatures, visitStrata } from "./testing-visits.ts";

type Known = { readonly [figure: string]: readonly number[] } & { readonly [Of in "logLikelihood" | "logLikelihoodNull"]: number } & {
  readonly [Of in "scoreTest" | "waldTest"]: number;
};

const known = JSON.parse(readFileSync(new URL("../../known-answers/generated-visits.json", import.meta.url), "utf8"));
const rows = generateVisits();

const near = (actual: number | undefined, expected: number | undefined, tolerance: number, what: string): void => {
  assert.ok(
    actual !== undefined && expected !== undefined && Math.abs(actual - expected) <= tolerance,
    `${what}: ${actual} against ${expected}`,
  );
};
const relative = (actual: number | undefined, expected: number | undefined, what: string): void =>
  near(actual, expected, 1e-8 * Math.abs(expected ?? 0), what);

const addUp = (parts: readonly Float64Array[]): Float64Array =>
  (parts[0] ?? new Float64Array()).map((_, i) => parts.reduce((total, part) => total + (part[i] ?? 0), 0));

test("the generated rows are those that R has seen", () => {
  assert.equal(sha256(survivalCsv(rows)), known.csvSha256);
});

for (const ties of ["efron", "breslow"] as const) {
  for (const name of ["stratified", "one stratum"] as const) {
    test(`a cause-specific Cox regression of (start, stop] rows, ${ties} ties, ${name}, matches R's coxph in every figure`, () => {
      assertMatches(visitStrata(rows, 1, name === "stratified"), ties, known[`${name} ${ties}`]);
    });
  }
}

function assertMatches(strata: readonly CoxRows[], ties: Ties, expected: Known): void {
  const fit = fitCoxRegression(strata, { ties });
  assert.ok(fit.kind === "converged");
  packedDiagonal(fit.covariance, visitFeatures.length).forEach((variance, j) => {
    const [coefficient = Number.NaN, se = Number.NaN] = [expected["coefficients"]?.[j], expected["standardErrors"]?.[j]];
    near(fit.params[j], coefficient, 1e-8 * Math.max(Math.abs(coefficient), se), visitFeatures[j] ?? "");
    relative(Math.sqrt(variance), se, `SE of ${visitFeatures[j]}`);
  });
  for (const figure of ["logLikelihoodNull", "logLikelihood", "scoreTest", "waldTest"] as const)
    relative(fit[figure], expected[figure], figure);
  const pairs = addPairs(strata, fit.params);
  const c = concordanceOf(pairs);
  [c?.estimate, c?.se, pairs.concordant, pairs.discordant, pairs.tiedX, pairs.tiedY].forEach((value, i) => {
    relative(value, expected["concordance"]?.[i], `concordance ${i}`);
  });
  const parts = strata.map((stratum) => timeInteraction(stratum, fit.params, { ties, timeUnit: 300 }));
  const tested = proportionalHazardsTest(addUp(strata.map((stratum) => coxContribution(stratum, fit.params, { ties }).information)), {
    score: addUp(parts.map(({ score }) => score)),
    cross: addUp(parts.map(({ cross }) => cross)),
    squared: addUp(parts.map(({ squared }) => squared)),
  });
  [...(tested?.columns ?? []), ...(tested === undefined ? [] : [tested.global])].forEach(({ chisq, p }, j) => {
    relative(chisq, expected["proportionalHazards"]?.[j], `proportional hazards ${j}`);
    relative(p, expected["proportionalHazardsP"]?.[j], `its p ${j}`);
  });
  assert.ok(tested !== undefined);
  strata.forEach((stratum, s) => {
    const points = baselineHazardAt(stratum, fit.params, { ties, at: [100, 200, 365], minimumCell: 0 });
    points.forEach(({ cumulativeHazard }, i) => {
      relative(cumulativeHazard, expected["cumulativeHazard"]?.[3 * s + i], `hazard of stratum ${s}`);
    });
  });
}

function addPairs(strata: readonly CoxRows[], params: readonly number[]): PairSums {
  const total = { concordant: 0, discordant: 0, tiedX: 0, tiedY: 0, squares: [0, 0, 0] as [number, number, number] };
  for (const stratum of strata) {
    const pairs = countPairs(stratum, coxLinearPredictor(stratum, params));
    for (const name of ["concordant", "discordant", "tiedX", "tiedY"] as const) total[name] += pairs[name];
    pairs.squares.forEach((value, i) => {
      total.squares[i] = (total.squares[i] ?? 0) + value;
    });
  }
  return total;
}

test("rows cut at any day give the sums of the uncut ones, and a person's rows count as one", () => {
  const random = new SeededRandom(3);
  const count = 3000; // more event times than a block holds
  const times = Float64Array.from({ length: count }, () => 1 + Math.floor(4000 * random.uniform()));
  const events = times.map(() => random.below(2));
  const x = times.map(() => random.normal());
  const whole = sortCoxRows({ times, events, features: x, featureCount: 1 });
  const cuts = times.map((time) => Math.floor(time * random.uniform()));
  const both = [...times.keys()].flatMap(
    (row) =>
      ((cuts[row] ?? 0) === 0
        ? [[row, 1]]
        : [
            [row, 0],
            [row, 1],
          ]) as [number, number][],
  );
  const column = (of: (row: number, part: number) => number): Float64Array => Float64Array.from(both, ([row, part]) => of(row, part));
  const cut = sortCoxRows({
    times: column((row, part) => (part === 0 ? (cuts[row] ?? 0) : (times[row] ?? 0))),
    entries: column((row, part) => (part === 0 ? 0 : (cuts[row] ?? 0))),
    events: column((row, part) => (part === 0 ? 0 : (events[row] ?? 0))),
    persons: column((row) => row),
    features: column((row) => x[row] ?? 0),
    featureCount: 1,
  });
  for (const ties of ["efron", "breslow"] as const) {
    const [expected, actual] = [coxContribution(whole, [0.4], { ties }), coxContribution(cut, [0.4], { ties })];
    near(actual.logLikelihood, expected.logLikelihood, 1e-9, "log-likelihood");
    near(actual.gradient[0], expected.gradient[0] ?? Number.NaN, 1e-9, "score");
    near(actual.information[0], expected.information[0] ?? Number.NaN, 1e-9, "information");
    assert.deepEqual([actual.rowCount, actual.extremeCounts], [expected.rowCount, expected.extremeCounts]);
    near(actual.weightSum, expected.weightSum, 1e-9 * expected.weightSum, "weights");
  }
});

test("an entry that is not before its row's time is refused by its place", () => {
  const columns = { times: Float64Array.of(3, 5), events: [1, 0], features: Float64Array.of(0, 1), featureCount: 1 };
  assert.throws(() => sortCoxRows({ ...columns, entries: Float64Array.of(1, 5) }), /entry 1/);
  assert.throws(() => sortCoxRows({ ...columns, entries: Float64Array.of(-1, 4) }), /entry 0/);
});
