/**
 * The federated fit is the fit of all rows put together: over random rows, hospitals, orders of hospitals and of messages, and processes
 * that die and come back, also after their deadline.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { StudyResult } from "@dure/federation/coordinator";
import { SeededRandom } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { fitLogisticRegression } from "@dure/statistics";
import fc from "fast-check";
import type { KillPoint } from "./faults.ts";
import { type SimulatedSite, simulate } from "./simulate.ts";
import { inventedStudy, inventedTable, predictableRandom } from "./testing.ts";

const study = inventedStudy({ holdout: true });
const names = ["andong", "boryeong", "chuncheon", "daegu", "eumseong", "gangneung"];
/** Counts, moments, centred and three Newton rounds: every run here has these. */
const rounds = [0, 1, 2, 3, 4, 5];
const causes = ["open-round", "share-delivery", "survivor-list"];

const scenario = fc
  .record({
    seed: fc.nat({ max: 1_000_000 }),
    siteNames: fc.shuffledSubarray(names, { minLength: 3 }),
    rowCounts: fc.array(fc.integer({ min: 60, max: 240 }), { minLength: 6, maxLength: 6 }),
    deaths: fc.array(
      fc.record({
        site: fc.nat({ max: 6 }),
        round: fc.constantFrom(...rounds),
        cause: fc.constantFrom(...causes),
        when: fc.constantFrom("before" as const, "after" as const),
        awayMs: fc.constantFrom(1_000, 1_000, 45_000, 400_000),
      }),
      { maxLength: 5 },
    ),
  })
  .map(({ deaths, ...rest }) => ({ ...rest, killPoints: deaths.map((death) => killPointOf(death, rest.siteNames)) }));

interface Death {
  readonly site: number;
  readonly round: number;
  readonly cause: string;
  readonly when: KillPoint["when"];
  readonly awayMs: number;
}

/** Whoever is away for ten minutes before the first sum is left out for good: five absences together stay below that. */
const AWAY_BEFORE_FIRST_SUM_MS = 45_000;

/** One in seven deaths is the coordinator's. */
function killPointOf({ site, round, cause, when, ...death }: Death, siteNames: readonly string[]): KillPoint {
  const awayMs = round === 0 ? Math.min(death.awayMs, AWAY_BEFORE_FIRST_SUM_MS) : death.awayMs;
  if (site === 6) return { effect: `coordinator sums ${round} 0`, when, awayMs };
  return { effect: `${siteNames[site % siteNames.length]} ${cause} ${round}`, when, awayMs };
}

const trainingRows = (table: AnalysisTable): readonly number[] =>
  [...table.heldOut].flatMap((isHeldOut, row) => (isHeldOut === 1 ? [] : [row]));

/** By other means: all rows in one place and one call, no rounds, no encoding. Rows in the order of the random sites. */
function fitPooled(tables: readonly AnalysisTable[]) {
  const gather = (name: string): readonly number[] =>
    tables.flatMap((table) => trainingRows(table).map((row) => table.columns.get(name)?.[row] ?? Number.NaN));
  const [x, z, y] = [gather("x"), gather("z"), gather("y")];
  const rowCount = y.length;
  const features = Float64Array.from([...x, ...z]);
  const fit = fitLogisticRegression({ rowCount, features, featureCount: 2, stride: rowCount, outcome: Float64Array.from(y) });
  assert.ok(fit.kind === "converged");
  return { fit, rowCount, events: y.filter((value) => value === 1).length };
}

function assertPooled({ analysis }: StudyResult, tables: readonly AnalysisTable[]): void {
  const { fit, rowCount, events } = fitPooled(tables);
  assert.equal(analysis.n, rowCount, "no row is counted twice, and none is lost");
  assert.equal(analysis.events, events);
  assert.ok(analysis.kind === "logistic-regression" && analysis.outcome === "converged");
  assert.equal(analysis.terms.length, 3);
  for (const [j, { name, estimate, standardError }] of analysis.terms.entries()) {
    const difference = Math.abs(estimate - (fit.params[j] ?? Number.NaN));
    assert.ok(difference <= 1e-10 * standardError, `${name}: ${difference / standardError} standard errors apart`);
  }
}

test("federated equals pooled to 1e-10 SE over rows, hospitals, orders, deaths and absences that return", async () => {
  let deaths = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, siteNames, rowCounts, killPoints }) => {
      const sites = siteNames.map((siteId, i): SimulatedSite => {
        const table = inventedTable(seed + i, rowCounts[i] ?? 60, { holdout: true, shift: 0.1 * i });
        return { siteId, role: "training", table, releases: ["headline"] };
      });
      const outcome = await simulate({ study, sites, random: predictableRandom(seed), seed, killPoints });
      deaths += outcome.killed.length;
      assert.ok(outcome.result, `${outcome.durable.stopReason?.code} ${[...outcome.refusals.values()].flat()}`);
      assertPooled(
        outcome.result,
        sites.map(({ table }) => table),
      );
      assert.deepEqual(outcome.durable.contributors, [...siteNames].sort());
      // A sum is opened once a round, whoever died, and each hospital's vector counts once in it.
      const opened = outcome.record.filter(({ code }) => code === "sum-opened");
      assert.deepEqual(
        opened.map(({ round }) => round),
        Array.from({ length: outcome.durable.round }, (_, round) => round),
      );
      for (const { sites: counted } of opened) assert.deepEqual(counted, [...siteNames].sort());
    }),
    { numRuns: 25, examples: [[{ seed: 7, siteNames: names.slice(0, 3), rowCounts: [60, 61, 62, 63, 64, 65], killPoints: [] }]] },
  );
  assert.ok(deaths > 10, `${deaths} processes died`);
});

test("the order in which hospitals are named does not show in the fit", async () => {
  const tables = [3, 1, 2].map((seed) => inventedTable(seed, 100, { holdout: true }));
  const named = (order: readonly number[]): readonly SimulatedSite[] =>
    order.map(
      (i, place) => ({ siteId: names[place] ?? "", role: "training", table: tables[i] ?? tables[0], releases: [] }) as SimulatedSite,
    );
  const random = new SeededRandom(3);
  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
    [1, 2, 0],
  ]) {
    const { result } = await simulate({ study, sites: named(order), random: predictableRandom(random.below(99)), seed: 5 });
    assert.ok(result);
    assertPooled(result, tables);
  }
});
