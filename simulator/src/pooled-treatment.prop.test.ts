/** The effect of a treatment over hospitals whose processes die and return, also after their deadline, is that of the rows in one place. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { coordinatorPartFor, type TreatmentEffectAnalysis } from "@dure/federation/coordinator";
import { sitePartFor } from "@dure/federation/site";
import { hashJson, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { generateTreatment } from "@dure/statistics/testing";
import type { FrozenStudy, StudyDocument } from "@dure/study";
import fc from "fast-check";
import type { KillPoint } from "./faults.ts";
import { type SimulatedSite, simulate } from "./simulate.ts";
import { predictableRandom } from "./testing.ts";

const names = ["andong", "boryeong", "chuncheon", "daegu"];

const document: StudyDocument = {
  dure: 1,
  id: "invented-treatment",
  title: "An invented treatment",
  purpose: "statistics",
  data: {
    table: "invented",
    variables: [
      { name: "treated", role: "treatment", type: "boolean" },
      { name: "y", role: "outcome", type: "boolean" },
      { name: "age", role: "feature", type: "number" },
      { name: "diabetes", role: "feature", type: "boolean" },
    ],
  },
  analysis: {
    kind: "treatment-effect",
    estimators: ["iptw", "aipw", "g-computation"],
    estimand: "ate",
    stabilised: true,
    outcomeModel: "logistic",
    siteTerms: false,
  },
  evaluation: { localModels: false, intervals: "delong" },
  privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 },
};
const study: FrozenStudy = {
  document,
  canonical: JSON.parse(JSON.stringify(document)),
  hash: hashJson(JSON.parse(JSON.stringify(document))),
};

function tableOf(seed: number, rowCount: number): AnalysisTable {
  const { columns } = generateTreatment(seed, rowCount);
  const rowKeys = Array.from({ length: rowCount }, (_, i) => `${seed}-${String(i).padStart(6, "0")}`);
  return { rowKeys, rowCount, columns, heldOut: new Uint8Array(rowCount), excluded: [], hash: sha256(rowKeys.join(",")) };
}

function putTogether(tables: readonly AnalysisTable[]): AnalysisTable {
  const rowKeys = tables.flatMap((table) => table.rowKeys);
  const all = (name: string): Float64Array => Float64Array.from(tables.flatMap((table) => [...(table.columns.get(name) ?? [])]));
  const columns = new Map(["treated", "y", "age", "diabetes"].map((name) => [name, all(name)]));
  return { rowKeys, rowCount: rowKeys.length, columns, heldOut: new Uint8Array(rowKeys.length), excluded: [], hash: sha256("together") };
}

/** The two halves with one hospital, no protocol and no encoding. */
async function inOnePlace(table: AnalysisTable): Promise<TreatmentEffectAnalysis> {
  const [coordinator, site] = [coordinatorPartFor(document), sitePartFor(document)];
  let state = coordinator.begin([]);
  for (;;) {
    const { vectors } = await site.contribute(state, table);
    const absorbed = coordinator.absorb(state, {
      siteCount: 1,
      vectors: new Map([...vectors].map(([name, values]) => [name, asOfTwo(name, values)])),
    });
    if (absorbed.kind === "done") return (absorbed.result as unknown as { readonly analysis: TreatmentEffectAnalysis }).analysis;
    state = absorbed.kind === "continue" ? absorbed.state : assert.fail(JSON.stringify(absorbed.refusal));
  }
}

/** One hospital alone would be refused as the only one with a level; it stands for several. */
const asOfTwo = (name: string, values: Float64Array): Float64Array =>
  name === "hospitalsByLevel" ? values.map((value) => 2 * value) : values;

const scenario = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  siteCount: fc.integer({ min: 3, max: 4 }),
  deaths: fc.array(
    fc.record({
      site: fc.nat({ max: 3 }),
      round: fc.nat({ max: 9 }),
      cause: fc.constantFrom("open-round", "share-delivery", "survivor-list"),
      when: fc.constantFrom("before" as const, "after" as const),
      awayMs: fc.constantFrom(1_000, 45_000, 400_000),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

test("federated equals in one place to 1e-9 over rows, hospitals, deaths and absences that return", async () => {
  let deaths = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, siteCount, deaths: drawn }) => {
      const sites = names.slice(0, siteCount).map((siteId, i): SimulatedSite => {
        return { siteId, role: "training", table: tableOf(seed + i, 140 + 40 * i), releases: ["headline"] };
      });
      const killPoints = drawn.map(({ site, round, cause, when, awayMs }): KillPoint => {
        // Whoever is away for ten minutes before the first sum is left out for good.
        return { effect: `${names[site % siteCount]} ${cause} ${round}`, when, awayMs: round === 0 ? Math.min(awayMs, 45_000) : awayMs };
      });
      const outcome = await simulate({ study, sites, random: predictableRandom(seed), seed, killPoints });
      deaths += outcome.killed.length;
      const { analysis } = outcome.result ?? assert.fail(`${outcome.durable.stopReason?.code} ${[...outcome.refusals.values()].flat()}`);
      assert.ok(analysis.kind === "treatment-effect" && analysis.outcome === "estimated", JSON.stringify(analysis.refusal));
      const pooled = await inOnePlace(putTogether(sites.map(({ table }) => table)));
      assert.equal(analysis.n, pooled.n);
      analysis.estimates.forEach(({ effects, estimator }, i) => {
        effects.forEach(({ estimate, standardError, measure }, k) => {
          const same = pooled.estimates[i]?.effects[k];
          assert.ok(
            Math.abs(estimate - (same?.estimate ?? Number.NaN)) <= 1e-9 * (standardError + Math.abs(estimate)),
            `${estimator} ${measure}`,
          );
          assert.ok(Math.abs(standardError - (same?.standardError ?? Number.NaN)) <= 1e-9 * standardError, `SE of ${estimator} ${measure}`);
        });
      });
      assert.equal(analysis.estimates.length, 3);
    }),
    { numRuns: 5 },
  );
  assert.ok(deaths > 2, `${deaths} processes died`);
});
