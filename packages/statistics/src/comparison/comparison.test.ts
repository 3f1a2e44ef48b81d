import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { describe } from "../description.ts";
import { pearsonTest } from "./contingency.ts";
import { fisherTest } from "./fisher-exact.ts";
import {
  directlyStandardisedRate,
  incidenceRate,
  poissonInterval,
  rateDifference,
  rateRatio,
  standardisedRateRatio,
  standardisedRatio,
} from "./incidence-rates.ts";
import { binEdges, firstBracket, isNarrow, narrowBracket, quantileRanks, roundestIn } from "./quantile-search.ts";
import { rankTest } from "./ranks.ts";
import { standardisedLevelDifference, standardisedMeanDifference } from "./standardised-difference.ts";
import { welchTest } from "./welch.ts";

interface KnownAnswers {
  readonly tables: readonly { counts: number[][]; chi: number[]; p: number; odds: (number | null)[] }[];
  readonly groups: readonly number[][];
  readonly quantiles: readonly number[][];
  readonly levels: readonly [number[], number[]];
  readonly rates: readonly number[][];
  readonly strata: readonly (readonly [number, number, number])[];
  readonly [numbers: string]: unknown;
}

const known = JSON.parse(readFileSync(new URL("../../known-answers/comparison.json", import.meta.url), "utf8")) as KnownAnswers;

const numbers = (name: string): readonly number[] => known[name] as readonly number[];

function near(actual: number | null | undefined, expected: number | null | undefined, what: string): void {
  const isInfinite = (expected ?? null) === null && actual === null;
  assert.ok(
    isInfinite || (typeof actual === "number" && Math.abs(actual - (expected ?? Number.NaN)) <= 1e-10 * Math.abs(expected ?? 0)),
    `${what}: ${actual} against ${expected}`,
  );
}

const moments = known.groups.map((values) => {
  const { n, mean, standardDeviation = 0 } = describe(Float64Array.from(values));
  return { n, mean, standardDeviation };
});

/** A bin a distinct value: nothing is rounded. */
function histogramsOf(groups: readonly (readonly number[])[]): readonly number[][] {
  const distinct = [...new Set(groups.flat())].sort((a, b) => a - b);
  return groups.map((values) => distinct.map((value) => values.filter((other) => other === value).length));
}

test("Pearson's chi-squared matches R's chisq.test without continuity correction", () => {
  for (const { counts, chi } of known.tables) {
    const found = pearsonTest(counts);
    near(found?.chisq, chi[0], "chi-squared");
    assert.equal(found?.df, chi[1]);
    near(found?.p, chi[2], "p");
  }
  assert.equal(pearsonTest([[3, 4]]), undefined);
  assert.equal(
    pearsonTest([
      [3, 0],
      [5, 0],
    ]),
    undefined,
  );
});

test("Fisher's exact test matches R's fisher.test, its odds ratio and interval the roots of R's own formulas", () => {
  for (const { counts, p, odds } of known.tables) {
    const found = fisherTest(counts);
    assert.ok(found.kind === "tested");
    near(found.test.p, p, `p of ${counts.join(" / ")}`);
    if (counts.length !== 2 || counts[0]?.length !== 2) continue;
    near(found.test.oddsRatio, odds[0], "odds ratio");
    near(found.test.ci95?.[0], odds[1], "low");
    near(found.test.ci95?.[1], odds[2], "high");
  }
});

test("Fisher's test is refused by name where there is nothing to compare, or more tables than can be visited", () => {
  assert.deepEqual(fisherTest([[3, 0]]), { kind: "refused", code: "one-level" });
  const large = Array.from({ length: 4 }, () => [90, 110, 80, 95]);
  assert.deepEqual(fisherTest(large), { kind: "refused", code: "too-many-tables" });
  assert.deepEqual(
    fisherTest([
      [3e6, 3e6],
      [3e6, 3e6],
    ]),
    { kind: "refused", code: "too-many-tables" },
  );
});

test("Welch's test matches R's t.test for two groups and oneway.test for three", () => {
  const two = welchTest(moments.slice(0, 2));
  assert.ok(two?.kind === "welch-t");
  const t = [two.difference, ...two.ci95, two.t, two.df, two.p];
  numbers("welch").forEach((value, i) => {
    near(t[i], value, `t.test ${i}`);
  });
  const three = welchTest(moments);
  assert.ok(three?.kind === "welch-anova");
  const f = [three.f, ...three.df, three.p];
  numbers("anova").forEach((value, i) => {
    near(f[i], value, `oneway.test ${i}`);
  });
  assert.equal(welchTest([{ n: 5, mean: 1, standardDeviation: 0 }, ...moments.slice(0, 1)]), undefined);
});

test("rank tests match R's wilcox.test(exact = FALSE) and kruskal.test, ties corrected", () => {
  const two = rankTest(histogramsOf(known.groups.slice(0, 2)));
  assert.ok(two?.kind === "wilcoxon");
  near(two.w, numbers("wilcoxon")[0], "W");
  near(two.p, numbers("wilcoxon")[1], "p of Wilcoxon");
  const three = rankTest(histogramsOf(known.groups));
  assert.ok(three?.kind === "kruskal-wallis");
  const [chisq, df, p] = numbers("kruskal");
  near(three.chisq, chisq, "H");
  assert.equal(three.df, df);
  near(three.p, p, "p of Kruskal-Wallis");
  assert.equal(
    rankTest([
      [3, 0],
      [4, 0],
    ]),
    undefined,
  );
});

test("standardised differences match the formulas of Austin and of Yang and Dalton", () => {
  const [first, second] = moments;
  assert.ok(first !== undefined && second !== undefined);
  near(standardisedMeanDifference(first, second), numbers("meanDifference")[0], "numbers");
  near(standardisedLevelDifference(...known.levels), numbers("levelDifference")[0], "three levels");
  near(standardisedLevelDifference([20, 30], [40, 20]), numbers("shareDifference")[0], "two levels");
  near(standardisedLevelDifference([0, 20, 30], [0, 40, 20]), numbers("shareDifference")[0], "a level of nobody");
  assert.equal(standardisedLevelDifference([5, 0], [7, 0]), undefined);
  assert.equal(standardisedMeanDifference({ mean: 1, standardDeviation: 0 }, { mean: 2, standardDeviation: 0 }), undefined);
});

/** The search as it goes over hospitals, in one place. */
function search(values: readonly number[], p: number, minimumCell: number) {
  const { n, mean, standardDeviation = 0 } = describe(Float64Array.from(values));
  const { ranks, share } = quantileRanks(n, p);
  const found = ranks.map((rank) => {
    let bracket = firstBracket({ n, mean, standardDeviation });
    for (;;) {
      const edges = binEdges(bracket);
      const counts = [values.filter((value) => value < bracket.low).length];
      for (let i = 1; i < edges.length; i++)
        counts.push(values.filter((value) => value >= (edges[i - 1] ?? 0) && value < (edges[i] ?? 0)).length);
      const narrowed = narrowBracket(bracket, { counts, rank, minimumCell });
      assert.ok(narrowed.kind !== "lost");
      if (narrowed.kind === "final" || isNarrow(narrowed.bracket, standardDeviation)) return narrowed.bracket;
      bracket = narrowed.bracket;
    }
  });
  const told = found.map(roundestIn);
  return { value: (told[0] ?? 0) * (1 - share) + (told.at(-1) ?? 0) * share, brackets: found };
}

test("quartiles by search are R's of type 7, to the digits of the values, where no cell is hidden", () => {
  known.groups.forEach((values, group) => {
    [0.25, 0.5, 0.75].forEach((p, i) => {
      near(search(values, p, 0).value, known.quantiles[group]?.[i], `quantile ${p} of group ${group}`);
    });
  });
});

test("with a minimum cell the bracket that is told holds at least as many values, and the quantile's ranks", () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 10, maxLength: 80 });
  fc.assert(
    fc.property(values, fc.constantFrom(0.25, 0.5, 0.75), (rows, p) => {
      fc.pre(new Set(rows).size > 5);
      const { brackets } = search(rows, p, 5);
      const sorted = [...rows].sort((a, b) => a - b);
      const { ranks } = quantileRanks(rows.length, p);
      for (const [i, { low, high, inside }] of brackets.entries()) {
        const value = sorted[ranks[i] ?? 0] ?? Number.NaN;
        assert.ok(value >= low && value < high);
        assert.equal(inside, rows.filter((row) => row >= low && row < high).length);
        assert.ok(inside >= 5);
      }
    }),
    { numRuns: 200 },
  );
});

test("the roundest number of a bracket is told", () => {
  assert.equal(roundestIn({ low: 62.99999999, high: 63.00000001 }), 63);
  assert.equal(roundestIn({ low: 61.32, high: 61.48 }), 61.4);
  assert.equal(roundestIn({ low: -1e-12, high: 2e-12 }), 0);
});

test("rates, ratios and differences match R's poisson.test, and mid-P its definition", () => {
  for (const [d1 = 0, t1 = 0, d2 = 0, t2 = 0, ...expected] of known.rates) {
    const [first, second] = [
      { events: d1, personTime: t1 },
      { events: d2, personTime: t2 },
    ];
    const rate = incidenceRate(first);
    const ratio = rateRatio(first, second);
    const difference = rateDifference(first, second);
    assert.ok(ratio !== undefined);
    const found = [rate.estimate, ...rate.ci95, ratio.estimate, ...ratio.ci95, ratio.p, ...ratio.midP.ci95, ratio.midP.p];
    [...found, difference.estimate, difference.standardError].forEach((value, i) => {
      if (expected[i] === 0) assert.equal(value, 0);
      else near(value, expected[i], `figure ${i} of ${d1} in ${t1} against ${d2} in ${t2}`);
    });
  }
  assert.equal(rateRatio({ events: 3, personTime: 1 }, { events: 0, personTime: 1 }), undefined);
});

test("a standardised ratio matches poisson.test, and a directly standardised rate Fay and Feuer's gamma interval", () => {
  const [events = 0, expected = 0, ...smr] = numbers("smr");
  const ratio = standardisedRatio(events, expected);
  [ratio.estimate, ...ratio.ci95].forEach((value, i) => {
    near(value, smr[i], `SMR ${i}`);
  });
  const strata = known.strata.map(([d, personTime, weight]) => ({ events: d, personTime, weight }));
  const rate = directlyStandardisedRate(strata);
  [rate.estimate, rate.variance, ...rate.ci95].forEach((value, i) => {
    near(value, numbers("direct")[i], `direct ${i}`);
  });
  assert.equal(standardisedRateRatio(rate, rate)?.estimate, 1);
});

test("one stratum standardised directly is the crude rate with Garwood's upper end", () => {
  const { estimate, ci95 } = directlyStandardisedRate([{ events: 7, personTime: 50, weight: 3 }]);
  near(estimate, 7 / 50, "rate");
  near(ci95[0], poissonInterval(7)[0] / 50, "low");
  near(ci95[1], poissonInterval(7)[1] / 50, "high");
});
