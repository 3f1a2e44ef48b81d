/** A Cox regression over hospitals whose processes die and return, also after their deadline, is the stratified fit in one place. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashJson, SeededRandom, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { fitCoxRegression, sortCoxRows } from "@dure/statistics";
import type { FrozenStudy, StudyDocument } from "@dure/study";
import fc from "fast-check";
import type { KillPoint } from "./faults.ts";
import { type SimulatedSite, simulate } from "./simulate.ts";
import { predictableRandom } from "./testing.ts";

const names = ["andong", "boryeong", "chuncheon", "daegu"];
const features = ["x", "z"];

const study = ((): FrozenStudy => {
  const document: StudyDocument = {
    dure: 1,
    id: "invented-survival",
    title: "An invented study of times",
    purpose: "statistics",
    data: {
      table: "invented",
      split: { holdout: "x > 99" },
      variables: [
        { name: "days", role: "time", type: "number" },
        { name: "event", role: "event", type: "boolean" },
        { name: "x", role: "feature", type: "number" },
        { name: "z", role: "feature", type: "boolean" },
      ],
    },
    analysis: { kind: "cox", ties: "efron", strata: "site", at: [100, 400] },
    evaluation: { localModels: false, intervals: "delong" },
    privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 },
  };
  const canonical = JSON.parse(JSON.stringify(document));
  return { document, canonical, hash: hashJson(canonical) };
})();

function survivalTable(seed: number, rowCount: number): AnalysisTable {
  const random = new SeededRandom(seed);
  const column = (): Float64Array => new Float64Array(rowCount);
  const columns = new Map(["days", "event", ...features].map((name) => [name, column()]));
  for (let i = 0; i < rowCount; i++) {
    const [x, z] = [random.normal(), random.below(2)];
    const time = (-300 * Math.log(1 - random.uniform())) / Math.exp(0.5 * x - 0.4 * z);
    const end = 900 * random.uniform();
    const row: Record<string, number> = { x, z, days: Math.ceil(Math.min(time, end) / 7), event: time <= end ? 1 : 0 };
    for (const [name, values] of columns) values[i] = row[name] ?? Number.NaN;
  }
  const rowKeys = Array.from({ length: rowCount }, (_, i) => `${seed}-${String(i).padStart(6, "0")}`);
  return { rowKeys, rowCount, columns, heldOut: new Uint8Array(rowCount), excluded: [], hash: sha256(rowKeys.join(",")) };
}

function fitInOnePlace(tables: readonly AnalysisTable[]) {
  const strata = tables.map(({ columns }) =>
    sortCoxRows({
      times: columns.get("days") ?? new Float64Array(),
      events: columns.get("event") ?? [],
      features: Float64Array.from(features.flatMap((name) => [...(columns.get(name) ?? [])])),
      featureCount: features.length,
    }),
  );
  const fit = fitCoxRegression(strata, { ties: "efron" });
  assert.ok(fit.kind === "converged");
  return { params: fit.params, errors: [0, 2].map((cell) => Math.sqrt(fit.covariance[cell] ?? Number.NaN)) }; // the diagonal of a packed 2 × 2
}

const scenario = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  siteCount: fc.integer({ min: 3, max: 4 }),
  deaths: fc.array(
    fc.record({
      site: fc.nat({ max: 3 }),
      round: fc.nat({ max: 5 }),
      cause: fc.constantFrom("open-round", "share-delivery", "survivor-list"),
      when: fc.constantFrom("before" as const, "after" as const),
      awayMs: fc.constantFrom(1_000, 45_000, 400_000),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

test("federated equals the stratified fit in one place to 1e-9 SE over rows, hospitals, deaths and absences that return", async () => {
  let deaths = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, siteCount, deaths: drawn }) => {
      const sites = names.slice(0, siteCount).map((siteId, i): SimulatedSite => {
        return { siteId, role: "training", table: survivalTable(seed + i, 60 + 40 * i), releases: ["headline", "baseline-hazard"] };
      });
      const killPoints = drawn.map(({ site, round, cause, when, awayMs }): KillPoint => {
        // Whoever is away for ten minutes before the first sum is left out for good.
        return { effect: `${names[site % siteCount]} ${cause} ${round}`, when, awayMs: round === 0 ? Math.min(awayMs, 45_000) : awayMs };
      });
      const outcome = await simulate({ study, sites, random: predictableRandom(seed), seed, killPoints });
      deaths += outcome.killed.length;
      const { analysis } = outcome.result ?? assert.fail(`${outcome.durable.stopReason?.code} ${[...outcome.refusals.values()].flat()}`);
      assert.ok(analysis.kind === "cox" && analysis.outcome === "converged");
      const { params, errors } = fitInOnePlace(sites.map(({ table }) => table));
      analysis.terms.forEach(({ name, estimate, standardError }, j) => {
        const error = errors[j] ?? Number.NaN;
        assert.ok(Math.abs(estimate - (params[j] ?? Number.NaN)) <= 1e-9 * error, `${name}: ${estimate} against ${params[j]}`);
        assert.ok(Math.abs(standardError - error) <= 1e-9 * error, `SE of ${name}`);
      });
    }),
    { numRuns: 8 },
  );
  assert.ok(deaths > 3, `${deaths} processes died`);
});
