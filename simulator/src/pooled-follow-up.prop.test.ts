/**
 * Cumulative incidence, and a Cox regression of visits with one baseline hazard, over hospitals whose processes die and return: those of the
 * rows in one place.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { runAlone } from "@dure/federation/site";
import { hashJson, SeededRandom, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { type FrozenStudy, parseStudy } from "@dure/study";
import fc from "fast-check";
import { type SimulatedSite, simulate } from "./simulate.ts";
import { predictableRandom } from "./testing.ts";

function studyOf(variables: string, analysis: string): FrozenStudy {
  const document = parseStudy(`dure: 1
id: invented-follow-up
title: Invented follow-up
purpose: statistics
data:
  table: invented
  variables:
    days: { role: time, type: number }
    outcome: { role: event, type: category, levels: [none, relapse, death] }
${variables}
analysis: ${analysis}
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 0 }
`);
  const canonical = JSON.parse(JSON.stringify(document));
  return { document, canonical, hash: hashJson(canonical) };
}

const incidence = studyOf(
  "    stage: { role: group, type: category, levels: [I, II] }",
  "{ kind: cumulative-incidence, at: [50, 150], horizonDays: 300 }",
);
const visits = studyOf(
  `    who: { role: person, type: identifier }
    start: { role: entry, type: number }
    x: { role: feature, type: number }
    stage: { role: feature, type: category, levels: [I, II] }`,
  "{ kind: cox, cause: relapse, at: [50, 150], horizonDays: 300 }",
);

const NAMES = ["who", "start", "days", "outcome", "stage", "x"] as const;
type Row = readonly number[];

/** Persons with one or two rows, the second from the day on which the first ends. */
function inventRows(seed: number, personCount: number): readonly Row[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: personCount }, (_, i): readonly Row[] => {
    const [who, stage, cut, end, outcome] = [
      1000 * seed + i,
      random.below(2),
      1 + random.below(100),
      110 + random.below(150),
      random.below(3),
    ];
    const first = [who, 0, cut, 0, stage, random.normal()];
    return random.below(2) === 0
      ? [first, [who, cut, end, outcome, stage, random.normal()]]
      : [[who, 0, end, outcome, stage, random.normal()]];
  }).flat();
}

function tableOf(rows: readonly Row[], keyPrefix: string): AnalysisTable {
  const columns = new Map(NAMES.map((name, j) => [name, Float64Array.from(rows, (row) => row[j] ?? Number.NaN)]));
  const rowKeys = rows.map((_, i) => `${keyPrefix}-${String(i).padStart(6, "0")}`);
  const heldOut = new Uint8Array(rows.length);
  return { rowKeys, rowCount: rows.length, columns, heldOut, excluded: [], hash: sha256(JSON.stringify(rows)) };
}

const siteNames = ["andong", "boryeong", "chuncheon", "daegu"];
const scenario = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  siteCount: fc.integer({ min: 3, max: 4 }),
  deaths: fc.array(
    fc.record({
      site: fc.nat({ max: 3 }),
      round: fc.nat({ max: 4 }),
      cause: fc.constantFrom("open-round", "share-delivery", "survivor-list"),
      when: fc.constantFrom("before" as const, "after" as const),
      awayMs: fc.constantFrom(1_000, 45_000),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

interface Scenario {
  readonly seed: number;
  readonly siteCount: number;
  readonly deaths: readonly {
    readonly site: number;
    readonly round: number;
    readonly cause: string;
    readonly when: "before" | "after";
    readonly awayMs: number;
  }[];
}

async function bothWays(study: FrozenStudy, { seed, siteCount, deaths }: Scenario) {
  const names = siteNames.slice(0, siteCount);
  const rows = names.map((_, i) => inventRows(seed + i, 60 + 20 * i));
  const sites = names.map(
    (siteId, i): SimulatedSite => ({ siteId, role: "training", table: tableOf(rows[i] ?? [], siteId), releases: ["headline"] }),
  );
  const killPoints = deaths.map(({ site, round, cause, when, awayMs }) => ({
    effect: `${names[site % siteCount]} ${cause} ${round}`,
    when,
    awayMs,
  }));
  const outcome = await simulate({ study, sites, random: predictableRandom(seed), seed, killPoints });
  assert.ok(outcome.result, `${outcome.durable.stopReason?.code} ${[...outcome.refusals.values()].flat()}`);
  const pooled = await runAlone(study.document, tableOf(rows.flat(), "pooled"));
  assert.ok(pooled.kind === "done");
  return { federated: outcome.result.analysis, pooled: pooled.result.analysis, deathCount: outcome.killed.length };
}

test("federated equals pooled over random visits, hospitals, deaths and absences that return", async () => {
  let died = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async (drawn) => {
      const counted = await bothWays(incidence, drawn);
      // Sums of whole counts are exact and free of order, so not a bit may differ.
      assert.deepEqual(counted.federated, JSON.parse(JSON.stringify(counted.pooled)));
      const { federated, pooled, deathCount } = await bothWays(visits, drawn);
      assert.ok(federated.kind === "cox" && pooled.kind === "cox" && federated.outcome === "converged");
      assert.deepEqual([federated.n, federated.rows, federated.events], [pooled.n, pooled.rows, pooled.events]);
      federated.terms.forEach(({ name, estimate, standardError }, j) => {
        const wanted = pooled.terms[j];
        const tolerance = 1e-9 * (wanted?.standardError ?? 0);
        assert.ok(Math.abs(estimate - (wanted?.estimate ?? Number.NaN)) <= tolerance, name);
        assert.ok(Math.abs(standardError - (wanted?.standardError ?? Number.NaN)) <= tolerance, `SE of ${name}`);
      });
      died += deathCount + counted.deathCount;
    }),
    { numRuns: 5 },
  );
  assert.ok(died > 3, `${died} processes died`);
});
