import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "@dure/kernel";
import { packedDiagonal } from "@dure/numerics";
import { describe } from "../description.ts";
import { concordanceOf, countPairs, type PairSums, pairedConcordance } from "./concordance.ts";
import { baselineHazardAt } from "./cox-baseline.ts";
import { fitCoxRegression } from "./cox-fit.ts";
import { coxContribution, coxLinearPredictor } from "./cox-likelihood.ts";
import type { Ties } from "./cox-risk-sets.ts";
import { type CoxRows, sortCoxRows } from "./cox-rows.ts";
import { proportionalHazardsTest, timeInteraction } from "./proportional-hazards.ts";
import { coxFeatures, coxStrata, generateSurvival, survivalCsv } from "./testing-cox.ts";

interface Known {
  readonly coefficients: readonly number[];
  readonly standardErrors: readonly number[];
  readonly logLikelihoodNull: number;
  readonly logLikelihood: number;
  readonly scoreTest: number;
  readonly waldTest: number;
  readonly concordance: readonly number[];
  readonly proportionalHazards: readonly number[];
  readonly proportionalHazardsP: readonly number[];
  readonly cumulativeHazard: readonly number[];
}

const known = JSON.parse(readFileSync(new URL("../../known-answers/generated-cox.json", import.meta.url), "utf8"));
const rows = generateSurvival();
const scales = coxFeatures.map((name) => {
  const { mean, standardDeviation = 1 } = describe(rows.columns.get(name) ?? new Float64Array());
  return { mean, sd: standardDeviation };
});
const at = [365, 730, 1096, 1461, 1826];

const near = (actual: number | undefined, expected: number | undefined, tolerance: number, what: string): void => {
  assert.ok(
    actual !== undefined && expected !== undefined && Math.abs(actual - expected) <= tolerance,
    `${what}: ${actual} against ${expected}`,
  );
};
const relative = (actual: number | undefined, expected: number | undefined, what: string): void =>
  near(actual, expected, 1e-8 * Math.abs(expected ?? 0), what);

const oneStratum: typeof rows = { ...rows, columns: new Map(rows.columns).set("centre", new Float64Array(rows.rowCount).fill(1)) };

const addUp = (parts: readonly Float64Array[]): Float64Array =>
  (parts[0] ?? new Float64Array()).map((_, i) => parts.reduce((total, part) => total + (part[i] ?? 0), 0));

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

test("the generated rows are those that R has seen", () => {
  assert.equal(sha256(survivalCsv(rows)), known.csvSha256);
});

for (const ties of ["efron", "breslow"] as const) {
  for (const [name, source] of [
    ["stratified", rows],
    ["one stratum", oneStratum],
  ] as const) {
    test(`a Cox regression with ${ties} ties, ${name}, matches R's coxph in every figure`, () => {
      const strata = coxStrata(source, scales).filter((stratum) => stratum.rowCount > 0);
      assertMatches(strata, ties, known[`${name} ${ties}`]);
    });
  }
}

function assertMatches(strata: readonly CoxRows[], ties: Ties, expected: Known): void {
  const fit = fitCoxRegression(strata, { ties });
  assert.ok(fit.kind === "converged");
  const errors = packedDiagonal(fit.covariance, coxFeatures.length).map(Math.sqrt);
  for (const [j, name] of coxFeatures.entries()) {
    const sd = scales[j]?.sd ?? 1;
    const [coefficient = Number.NaN, se = Number.NaN] = [expected.coefficients[j], expected.standardErrors[j]];
    near((fit.params[j] ?? 0) / sd, coefficient, 1e-8 * Math.max(Math.abs(coefficient), se), name);
    relative((errors[j] ?? 0) / sd, se, `SE of ${name}`);
  }
  relative(fit.logLikelihoodNull, expected.logLikelihoodNull, "null log-likelihood");
  relative(fit.logLikelihood, expected.logLikelihood, "log-likelihood");
  relative(fit.scoreTest, expected.scoreTest, "score test");
  relative(fit.waldTest, expected.waldTest, "Wald test");
  const pairs = addPairs(strata, fit.params);
  const c = concordanceOf(pairs);
  [c?.estimate, c?.se, pairs.concordant, pairs.discordant, pairs.tiedX, pairs.tiedY].forEach((value, i) => {
    relative(value, expected.concordance[i], `concordance ${i}`);
  });
  const parts = strata.map((stratum) => timeInteraction(stratum, fit.params, { ties, timeUnit: 700 }));
  const tested = proportionalHazardsTest(addUp(strata.map((stratum) => coxContribution(stratum, fit.params, { ties }).information)), {
    score: addUp(parts.map(({ score }) => score)),
    cross: addUp(parts.map(({ cross }) => cross)),
    squared: addUp(parts.map(({ squared }) => squared)),
  });
  const all = [...(tested?.columns ?? []), ...(tested === undefined ? [] : [tested.global])];
  assert.equal(all.length, coxFeatures.length + 1);
  all.forEach(({ chisq, p }, j) => {
    relative(chisq, expected.proportionalHazards[j], `proportional hazards ${j}`);
    relative(p, expected.proportionalHazardsP[j], `its p ${j}`);
  });
  assertBaselines(strata, fit.params, { ties, expected });
}

/** On standardised columns 0 is the mean: the hazard of a row of zeros is that of (0 − mean) / sd. */
function assertBaselines(strata: readonly CoxRows[], params: readonly number[], { ties, expected }: { ties: Ties; expected: Known }): void {
  const originEta = params.reduce((total, value, j) => total - (value * (scales[j]?.mean ?? 0)) / (scales[j]?.sd ?? 1), 0);
  strata.forEach((stratum, s) => {
    const points = baselineHazardAt(stratum, params, { ties, at, minimumCell: 0 });
    assert.equal(points.length, at.length);
    points.forEach(({ cumulativeHazard }, i) => {
      relative(cumulativeHazard * Math.exp(originEta), expected.cumulativeHazard[s * at.length + i], `hazard of stratum ${s} at ${at[i]}`);
    });
  });
}

test("two scores of the same rows differ as R's concordance says, correlation included", () => {
  const column = (name: string): Float64Array => rows.columns.get(name) ?? new Float64Array();
  const outcome = { times: column("days"), events: column("event") };
  const whole = column("age").map((age, i) => age + (column("platelets")[i] ?? 0) / 2 ** 20);
  const { concordance, pairedDifference } = known.twoScores;
  const c = concordanceOf(countPairs(outcome, whole));
  relative(c?.estimate, concordance[0], "C");
  relative(c?.se, concordance[1], "SE of C");
  const difference = pairedConcordance(outcome, { first: whole, second: column("nodes") });
  relative(difference?.estimate, pairedDifference[0], "difference");
  relative(difference?.se, pairedDifference[1], "its SE");
});

/** The textbook form, risk set by risk set, in which nothing was turned around. */
function plainContribution(stratum: CoxRows, params: readonly number[], ties: Ties) {
  const p = params.length;
  const x = (i: number, j: number): number => stratum.features[j * stratum.rowCount + i] ?? Number.NaN;
  const eta = coxLinearPredictor(stratum, params);
  const all = Array.from(eta, (_, i) => i);
  const gradient = new Array<number>(p).fill(0);
  const information = new Array<number>((p * (p + 1)) / 2).fill(0);
  let logLikelihood = 0;
  for (const time of new Set(stratum.times)) {
    const deaths = all.filter((i) => stratum.times[i] === time && stratum.events[i] === 1);
    const atRisk = all.filter((i) => (stratum.times[i] ?? 0) >= time);
    deaths.forEach((death, l) => {
      const share = ties === "efron" ? l / deaths.length : 0;
      const weights = all.map((i) => (atRisk.includes(i) ? Math.exp(eta[i] ?? 0) * (1 - (deaths.includes(i) ? share : 0)) : 0));
      const total = weights.reduce((a, b) => a + b, 0);
      const means = Array.from({ length: p }, (_, j) => weights.reduce((a, w, i) => a + w * x(i, j), 0) / total);
      logLikelihood += (eta[death] ?? 0) - Math.log(total);
      let cell = 0;
      for (let j = 0; j < p; j++) {
        gradient[j] = (gradient[j] ?? 0) + x(death, j) - (means[j] ?? 0);
        for (let k = j; k < p; k++) {
          const moment = weights.reduce((a, w, i) => a + w * x(i, j) * x(i, k), 0) / total;
          information[cell] = (information[cell] ?? 0) + moment - (means[j] ?? 0) * (means[k] ?? 0);
          cell++;
        }
      }
    });
  }
  return { logLikelihood, gradient, information };
}

test("score, information and likelihood are those of the textbook's risk sets, also with rows left out", () => {
  const small = generateSurvival(7, 60);
  const params = [0.3, -0.5, 0.2, 0.1];
  for (const ties of ["efron", "breslow"] as const) {
    for (const stratum of coxStrata(small, scales)) {
      const included = Uint8Array.from(stratum.times, (_, i) => (i % 5 === 2 ? 0 : 1));
      const kept = Array.from(included).flatMap((flag, i) => (flag === 1 ? [i] : []));
      const pick = (values: ArrayLike<number>, offset = 0): readonly number[] => kept.map((i) => values[offset + i] ?? Number.NaN);
      const rest = sortCoxRows({
        times: Float64Array.from(pick(stratum.times)),
        events: pick(stratum.events),
        features: Float64Array.from(coxFeatures.flatMap((_, j) => pick(stratum.features, j * stratum.rowCount))),
        featureCount: coxFeatures.length,
      });
      for (const [actual, expected] of [
        [coxContribution(stratum, params, { ties }), plainContribution(stratum, params, ties)],
        [coxContribution(stratum, params, { ties, included }), plainContribution(rest, params, ties)],
      ] as const) {
        near(actual.logLikelihood, expected.logLikelihood, 1e-10, "log-likelihood");
        expected.gradient.forEach((value, j) => {
          near(actual.gradient[j], value, 1e-10, `score ${j}`);
        });
        expected.information.forEach((value, cell) => {
          near(actual.information[cell], value, 1e-10, `information ${cell}`);
        });
      }
    }
  }
});

const tiny = (times: readonly number[], events: readonly number[], column: readonly number[]): CoxRows =>
  sortCoxRows({ times: Float64Array.from(times), events, features: Float64Array.from(column), featureCount: 1 });

test("a level without events ends as separated, an ordering column too, a constant column as dependent", () => {
  const random = Array.from({ length: 60 }, (_, i) => (i * 37) % 61);
  const level = random.map((_, i) => (i % 4 === 0 ? 1 : 0));
  const noEvents = fitCoxRegression(
    [
      tiny(
        random,
        level.map((one) => 1 - one),
        level,
      ),
    ],
    { ties: "efron" },
  );
  assert.deepEqual([noEvents.kind, "columns" in noEvents ? noEvents.columns : []], ["separated", [0]]);
  const ordering = fitCoxRegression(
    [
      tiny(
        random,
        random.map(() => 1),
        random.map((time) => (30 - time) / 18),
      ),
    ],
    { ties: "efron" },
  );
  assert.equal(ordering.kind, "separated");
  const constant = fitCoxRegression(
    [
      tiny(
        random,
        random.map(() => 1),
        random.map(() => 1),
      ),
    ],
    { ties: "breslow" },
  );
  assert.deepEqual([constant.kind, "columns" in constant ? constant.columns : []], ["dependent", [0]]);
});

test("rows that are no survival rows are refused by their place", () => {
  assert.throws(() => tiny([3, -1], [1, 1], [0, 1]), /time 1 is not/);
  assert.throws(() => tiny([3, Number.NaN], [1, 1], [0, 1]), /time 1 is not/);
  assert.throws(() => tiny([3, 1], [1, 2], [0, 1]), /event 1 is not 0 or 1/);
  assert.throws(() => tiny([3, 1], [1], [0, 1]), /unequal length/);
});

test("times that are not whole are sorted as whole ones are, and ties keep their order", () => {
  assert.deepEqual([...tiny([2, 5, 2, 9], [1, 0, 1, 1], [1, 2, 3, 4]).order], [3, 1, 0, 2]);
  assert.deepEqual([...tiny([0.2, 0.5, 0.2, 0.9], [1, 0, 1, 1], [1, 2, 3, 4]).order], [3, 1, 0, 2]);
});

test("a baseline shows no step that rests on fewer events than the minimum cell", () => {
  const times = [1, 2, 3, 11, 12, 21, 22, 23, 24, 31];
  const stratum = tiny(
    times,
    times.map(() => 1),
    times.map((_, i) => i % 2),
  );
  const shown = (minimumCell: number) => baselineHazardAt(stratum, [0], { ties: "efron", at: [10, 20, 30, 40], minimumCell });
  assert.deepEqual(
    shown(3).map(({ time, eventCount }) => [time, eventCount]),
    [
      [10, 3],
      [30, 6],
    ],
  );
  assert.deepEqual(
    shown(0).map(({ time }) => time),
    [10, 20, 30, 40],
  );
  near(
    shown(0)[3]?.cumulativeHazard,
    times.reduce((total, _, i) => total + 1 / (i + 1), 0),
    1e-12,
    "Nelson-Aalen of all",
  );
});
