import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "@dure/kernel";
import fc from "fast-check";
import { kaplanMeier, medianSurvival, restrictedMean, type SurvivalCurve, type SurvivalInterval, survivalAt } from "./kaplan-meier.ts";
import { binCount, binEndDays, binOf, countSurvival, type SurvivalCounts, type TimeGrid } from "./kaplan-meier-bins.ts";
import { type GroupedRiskSets, type LogRankSums, logRankSums, logRankTest } from "./log-rank.ts";
import { generateSurvivalRows, survivalCsv } from "./testing-kaplan-meier.ts";

interface KnownCurve {
  readonly n: number;
  readonly events: number;
  readonly at: readonly number[];
  readonly survival: readonly number[];
  readonly standardError: readonly number[];
  readonly atRisk: readonly number[];
  readonly restrictedMean: readonly number[];
  readonly restrictedMeanError: readonly number[];
}

type KnownInterval = {
  readonly lower: readonly (number | null)[];
  readonly upper: readonly (number | null)[];
  readonly median: readonly unknown[];
};

const known = JSON.parse(readFileSync(new URL("../../known-answers/generated-survival.json", import.meta.url), "utf8"));
const generated = generateSurvivalRows();
const column = (name: string): Float64Array => generated.columns.get(name) ?? new Float64Array();
const groupNames = ["0|0", "1|0", "0|1", "1|1"];
const groups = Uint8Array.from({ length: generated.rowCount }, (_, i) => (column("treated")[i] ?? 0) + 2 * (column("old")[i] ?? 0));
const grids = { days: { binWidthDays: 1, horizonDays: 900 }, thirtyDays: { binWidthDays: 30, horizonDays: 900 } } as const;

const near = (actual: number | undefined, expected: number | null | undefined, what: string): void => {
  const wanted = expected ?? Number.NaN;
  assert.ok(
    actual !== undefined && Math.abs(actual - wanted) <= 1e-12 * Math.max(Math.abs(wanted), 1e-3),
    `${what}: ${actual} against ${wanted}`,
  );
};

/** The risk sets of every bin, as a coordinator makes them of counts. */
function riskSets(counts: SurvivalCounts, grid: TimeGrid, groupCount: number): GroupedRiskSets {
  const timeCount = binCount(grid);
  const atRisk = new Float64Array(groupCount * timeCount);
  for (let group = 0; group < groupCount; group++) {
    let left = counts.beyond[group] ?? 0;
    for (let cell = (group + 1) * timeCount - 1; cell >= group * timeCount; cell--) {
      left += (counts.events[cell] ?? 0) + (counts.censored[cell] ?? 0);
      atRisk[cell] = left;
    }
  }
  return { groupCount, timeCount, atRisk, events: counts.events };
}

function countRows(grid: TimeGrid, { site, by = groups, groupCount = 4 }: { site?: number; by?: Uint8Array; groupCount?: number } = {}) {
  const rows = [...column("site").keys()].filter((i) => site === undefined || column("site")[i] === site);
  const pick = (values: ArrayLike<number>): number[] => rows.map((i) => values[i] ?? Number.NaN);
  const counts = countSurvival(
    {
      timesDays: Float64Array.from(pick(column("time"))),
      events: Float64Array.from(pick(column("event"))),
      groups: Uint8Array.from(pick(by)),
      groupCount,
    },
    grid,
  );
  return { counts, sets: riskSets(counts, grid, groupCount) };
}

function curveOf(sets: GroupedRiskSets, group: number, { grid, interval }: { grid: TimeGrid; interval: SurvivalInterval }): SurvivalCurve {
  const [from, to] = [group * sets.timeCount, (group + 1) * sets.timeCount];
  const timesDays = Array.from({ length: sets.timeCount }, (_, bin) => binEndDays(grid, bin));
  const atRisk = Array.from(sets.atRisk).slice(from, to);
  const events = Array.from(sets.events).slice(from, to);
  const lastBin = atRisk.findLastIndex((count) => count > 0);
  return kaplanMeier({ timesDays, atRisk, events }, { interval, lastTimeDays: binEndDays(grid, lastBin) });
}

test("the generated rows are those that R saw", () => assert.equal(sha256(survivalCsv()), known.csvSha256));

for (const name of ["days", "thirtyDays"] as const) {
  const grid = grids[name];
  const { sets } = countRows(grid);

  test(`curves, intervals, medians and restricted means match R's survfit on four groups, ${name}`, () => {
    groupNames.forEach((groupName, group) => {
      const answer: KnownCurve & Record<SurvivalInterval, KnownInterval> = known[name].groups[groupName];
      const until = name === "days" ? 600 : 360;
      for (const interval of ["log", "log-log", "plain"] as const) {
        const curve = curveOf(sets, group, { grid, interval });
        const { lower, upper, median } = answer[interval];
        answer.at.forEach((time, i) => {
          // Behind the last follow-up R extends the curve; here it ends.
          if (time > curve.lastTimeDays) return;
          const at = survivalAt(curve, time);
          near(at?.survival, answer.survival[i], `S(${time})`);
          near(at?.standardError, answer.standardError[i], `SE at ${time}`);
          if (lower[i] != null) near(at?.ci95?.[0], lower[i], `lower ${interval} at ${time}`);
          if (upper[i] != null) near(at?.ci95?.[1], upper[i], `upper ${interval} at ${time}`);
        });
        const found = medianSurvival(curve);
        assert.deepEqual([found.estimate, ...found.ci95], median);
        const mean = restrictedMean(curve, until);
        near(mean?.estimate, answer.restrictedMean[0], "restricted mean");
        near(mean?.standardError, answer.restrictedMeanError[0], "its SE");
      }
    });
  });

  test(`log-rank of two and four groups, pooled and by site, matches R's survdiff, ${name}`, () => {
    const assertTest = (sums: LogRankSums, answer: { chisq: number[]; observed: number[]; expected: number[] }): void => {
      const found = logRankTest(sums);
      near(found?.chisq, answer.chisq[0], "chi-squared");
      assert.deepEqual(found?.observed, answer.observed);
      for (const [group, expected] of answer.expected.entries()) near(found?.expected[group], expected, `expected in group ${group}`);
    };
    assertTest(logRankSums(sets), known[name].fourGroups);
    const treated = countRows(grid, { by: Uint8Array.from(column("treated")), groupCount: 2 });
    assertTest(logRankSums(treated.sets), known[name].twoGroups);
    const sites = [0, 1, 2, 3, 4].map((site) => logRankSums(countRows(grid, { site }).sets));
    const added = (part: keyof LogRankSums): Float64Array =>
      (sites[0]?.[part] ?? new Float64Array()).map((_, i) => sites.reduce((sum, site) => sum + (site[part][i] ?? 0), 0));
    const bySite = { observed: added("observed"), expected: added("expected"), covariance: added("covariance") };
    assertTest(bySite, known[name].fourGroupsBySite);
  });
}

test("a time at a bin's end belongs to it, whatever the division says", () => {
  assert.ok(2.1 / 0.3 > 7);
  assert.deepEqual(
    [0, 0.05, 0.3, 2.1, 2.1000001].map((time) => binOf(time, 0.3)),
    [0, 1, 1, 7, 8],
  );
  assert.deepEqual([binCount({ binWidthDays: 30, horizonDays: 100 }), binEndDays({ binWidthDays: 30, horizonDays: 100 }, 4)], [5, 100]);
});

test("counting loses nobody: events, censored, beyond and negative add up to the rows", () => {
  const row = fc.tuple(fc.integer({ min: -2, max: 40 }), fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 2 }));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), fc.constantFrom(1, 3, 7.5), (rows, binWidthDays) => {
      const { events, censored, beyond, negativeCount } = countSurvival(
        {
          timesDays: Float64Array.from(rows, ([time]) => time),
          events: Float64Array.from(rows, ([, event]) => event),
          groups: Uint8Array.from(rows, ([, , group]) => group),
          groupCount: 3,
        },
        { binWidthDays, horizonDays: 30 },
      );
      const total = [...events, ...censored, ...beyond].reduce((sum, count) => sum + count, negativeCount);
      assert.equal(total, rows.length);
      assert.equal(negativeCount, rows.filter(([time]) => time < 0).length);
    }),
  );
});

test("where everybody has had the event, S is 0 and has neither error nor interval", () => {
  const curve = kaplanMeier({ timesDays: [3, 7], atRisk: [4, 2], events: [2, 2] }, { interval: "log", lastTimeDays: 7 });
  assert.deepEqual(curve.steps[1], { time: 7, atRisk: 2, events: 2, survival: 0 });
  assert.deepEqual(survivalAt(curve, 100), { survival: 0 });
  assert.equal(medianSurvival(curve).estimate, 5);
  assert.equal(restrictedMean(curve, 100)?.estimate, 3 + 0.5 * 4);
});

test("behind the last follow-up nothing is known", () => {
  const curve = kaplanMeier({ timesDays: [3], atRisk: [100], events: [1] }, { interval: "log", lastTimeDays: 9 });
  assert.equal(survivalAt(curve, 9)?.survival, 0.99);
  assert.deepEqual([survivalAt(curve, 10), restrictedMean(curve, 10)], [undefined, undefined]);
  assert.deepEqual(medianSurvival(curve), { estimate: null, ci95: [null, null] });
});

test("risk sets that cannot be are refused by their place", () => {
  const options = { interval: "log", lastTimeDays: 9 } as const;
  assert.throws(() => kaplanMeier({ timesDays: [3, 3], atRisk: [4, 3], events: [1, 1] }, options), /position 1/);
  assert.throws(() => kaplanMeier({ timesDays: [3], atRisk: [1], events: [2] }, options), /position 0/);
  assert.throws(
    () => countSurvival({ timesDays: new Float64Array(2), events: new Float64Array(1), groupCount: 1 }, grids.days),
    RangeError,
  );
});

test("groups without a difference to test have no test", () => {
  const alone = logRankSums({ groupCount: 1, timeCount: 2, atRisk: [4, 2], events: [1, 1] });
  assert.equal(logRankTest(alone), undefined);
  const empty = logRankSums({ groupCount: 2, timeCount: 1, atRisk: [4, 0], events: [1, 0] });
  assert.equal(logRankTest(empty), undefined);
});
