/** Table one and incidence rates over hospitals whose processes die and return are those of the rows in one place. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashJson, SeededRandom, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { describe, incidenceRate, rateRatio } from "@dure/statistics";
import { type FrozenStudy, parseStudy } from "@dure/study";
import fc from "fast-check";
import type { KillPoint } from "./faults.ts";
import { type SimulatedSite, simulate } from "./simulate.ts";
import { predictableRandom } from "./testing.ts";

const names = ["andong", "boryeong", "chuncheon", "daegu"];

function frozen(variables: string, analysis: string): FrozenStudy {
  const document = parseStudy(`dure: 1
id: invented-patients
title: Invented patients
purpose: statistics
data:
  table: invented
  variables:
${variables}
analysis: ${analysis}
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`);
  const canonical = JSON.parse(JSON.stringify(document));
  return { document, canonical, hash: hashJson(canonical) };
}

const TABLE_ONE = frozen(
  `    arm: { role: group, type: boolean }
    age: { role: feature, type: number }
    died: { role: feature, type: boolean }`,
  "{ kind: describe, tests: true }",
);
const RATES = frozen(
  `    age: { role: time, type: number }
    died: { role: event, type: boolean }
    arm: { role: group, type: boolean }`,
  "{ kind: incidence-rates, timeUnitDays: 1, per: 1 }",
);

function tableOf(seed: number, rowCount: number): AnalysisTable {
  const random = new SeededRandom(seed);
  const columns = new Map(["arm", "age", "died"].map((name) => [name, new Float64Array(rowCount)]));
  for (let i = 0; i < rowCount; i++) {
    const row: Record<string, number> = {
      arm: random.below(2),
      age: Math.round(60 + 10 * random.normal()),
      died: random.below(3) === 0 ? 1 : 0,
    };
    for (const [name, values] of columns) values[i] = row[name] ?? Number.NaN;
  }
  const rowKeys = Array.from({ length: rowCount }, (_, i) => `${seed}-${String(i).padStart(6, "0")}`);
  return { rowKeys, rowCount, columns, heldOut: new Uint8Array(rowCount), excluded: [], hash: sha256(rowKeys.join(",")) };
}

/** Values of one arm, of all hospitals together. */
const valuesOf = (sites: readonly SimulatedSite[], name: string, arm: number): readonly number[] =>
  sites.flatMap(({ table: { columns } }) => [...(columns.get(name) ?? [])].filter((_, row) => columns.get("arm")?.[row] === arm));

const near = (actual: number | null | undefined, expected: number | undefined): boolean =>
  Math.abs((actual ?? Number.NaN) - (expected ?? Number.NaN)) <= 1e-10 * Math.abs(expected ?? 0);

const scenario = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  siteCount: fc.integer({ min: 3, max: 4 }),
  kind: fc.constantFrom("describe" as const, "incidence-rates" as const),
  deaths: fc.array(
    fc.record({
      site: fc.nat({ max: 3 }),
      round: fc.nat({ max: 4 }),
      cause: fc.constantFrom("open-round", "share-delivery", "survivor-list"),
      when: fc.constantFrom("before" as const, "after" as const),
      awayMs: fc.constantFrom(1_000, 45_000, 400_000),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

test("federated equals the rows in one place over hospitals, deaths and absences that return", async () => {
  let deaths = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, siteCount, kind, deaths: drawn }) => {
      const sites = names.slice(0, siteCount).map((siteId, i): SimulatedSite => {
        return { siteId, role: "training", table: tableOf(seed + i, 60 + 30 * i), releases: ["headline"] };
      });
      const killPoints = drawn.map(({ site, round, cause, when, awayMs }): KillPoint => {
        // Whoever is away for ten minutes before the first sum is left out for good.
        return { effect: `${names[site % siteCount]} ${cause} ${round}`, when, awayMs: round === 0 ? Math.min(awayMs, 45_000) : awayMs };
      });
      const study = kind === "describe" ? TABLE_ONE : RATES;
      const outcome = await simulate({ study, sites, random: predictableRandom(seed), seed, killPoints });
      deaths += outcome.killed.length;
      const { analysis, evaluation } = outcome.result ?? assert.fail(`${outcome.durable.stopReason?.code}`);
      assert.equal(evaluation.sites.length, siteCount, "every hospital told its headline");
      const arms = [0, 1].map((arm) => ({
        age: Float64Array.from(valuesOf(sites, "age", arm)),
        events: valuesOf(sites, "died", arm).reduce((sum, died) => sum + died, 0),
      }));
      if (analysis.kind === "describe") {
        const [age, died] = analysis.variables;
        assert.ok(age?.kind === "number" && died?.kind === "boolean");
        arms.forEach((arm, i) => {
          const { mean, standardDeviation } = describe(arm.age);
          assert.ok(near(age.groups[i]?.mean, mean) && near(age.groups[i]?.standardDeviation, standardDeviation));
          assert.equal(died.groups[i]?.counts[1]?.n, arm.events);
        });
      } else {
        assert.ok(analysis.kind === "incidence-rates");
        const followed = arms.map(({ age, events }) => ({ events, personTime: age.reduce((sum, value) => sum + value, 0) }));
        const [first, second] = followed;
        assert.ok(first !== undefined && second !== undefined);
        assert.ok(near(analysis.groups[1]?.rate?.ci95[1], incidenceRate(second).ci95[1]));
        assert.ok(near(analysis.groups[1]?.ratio?.midP.p, rateRatio(second, first)?.midP.p));
      }
    }),
    { numRuns: 8 },
  );
  assert.ok(deaths > 3, `${deaths} processes died`);
});
