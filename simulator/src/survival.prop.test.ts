/** Survival curves of the whole federation, masks and all, are those of one table: also when processes die and come back. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { runAlone } from "@dure/federation/site";
import { hashJson, SeededRandom, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { type FrozenStudy, parseStudy } from "@dure/study";
import fc from "fast-check";
import { type SimulatedSite, simulate } from "./simulate.ts";
import { predictableRandom } from "./testing.ts";

const document = parseStudy(`dure: 1
id: invented-survival
title: Invented survival
purpose: statistics
data:
  table: invented
  variables:
    days: { role: time, type: number }
    died: { role: event, type: boolean }
    treated: { role: group, type: boolean }
analysis: { kind: kaplan-meier, at: [50, 150], test: log-rank, horizonDays: 300, restrictedMeanDays: 100 }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 0 }
`);
const canonical = JSON.parse(JSON.stringify(document));
const study: FrozenStudy = { document, canonical, hash: hashJson(canonical) };

const NAMES = ["days", "died", "treated"] as const;

function tableOf(rows: readonly (readonly number[])[], keyPrefix: string): AnalysisTable {
  const columns = new Map(NAMES.map((name, j) => [name, Float64Array.from(rows, (row) => row[j] ?? Number.NaN)]));
  const rowKeys = rows.map((_, i) => `${keyPrefix}-${String(i).padStart(6, "0")}`);
  return {
    rowKeys,
    rowCount: rows.length,
    columns,
    heldOut: new Uint8Array(rows.length),
    excluded: [],
    hash: sha256(JSON.stringify(rows)),
  };
}

function inventRows(seed: number, count: number): readonly (readonly number[])[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, i) => [random.below(280), random.below(2), i % 2]);
}

const siteNames = ["andong", "boryeong", "chuncheon", "daegu"];
const scenario = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  siteCount: fc.integer({ min: 3, max: 4 }),
  rowCounts: fc.array(fc.integer({ min: 4, max: 90 }), { minLength: 4, maxLength: 4 }),
  deaths: fc.array(
    fc.record({
      site: fc.nat({ max: 3 }),
      cause: fc.constantFrom("open-round", "share-delivery", "survivor-list"),
      when: fc.constantFrom("before" as const, "after" as const),
      awayMs: fc.constantFrom(1_000, 45_000),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

test("federated equals pooled over random rows, splits and absences that return", async () => {
  let deathCount = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, siteCount, rowCounts, deaths }) => {
      const names = siteNames.slice(0, siteCount);
      const rows = names.map((_, i) => inventRows(seed + i, rowCounts[i] ?? 4));
      const sites = names.map(
        (siteId, i): SimulatedSite => ({ siteId, role: "training", table: tableOf(rows[i] ?? [], siteId), releases: ["headline"] }),
      );
      const killPoints = deaths.map(({ site, cause, when, awayMs }) => ({ effect: `${names[site % siteCount]} ${cause} 0`, when, awayMs }));
      const outcome = await simulate({ study, sites, random: predictableRandom(seed), seed, killPoints });
      deathCount += outcome.killed.length;
      assert.ok(outcome.result, outcome.durable.stopReason?.code);
      const pooled = await runAlone(document, tableOf(rows.flat(), "pooled"));
      assert.ok(pooled.kind === "done");
      // Sums of whole counts are exact and free of order, so not a bit may differ.
      assert.deepEqual(outcome.result.analysis, JSON.parse(JSON.stringify(pooled.result.analysis)));
    }),
    { numRuns: 8 },
  );
  assert.ok(deathCount > 3, `${deathCount} processes died`);
});
