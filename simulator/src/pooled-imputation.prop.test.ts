/** Imputed analyses and meta-analyses over hospitals whose processes die and return, also after their deadline, are those of the rows without a protocol. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { coordinatorPartFor, type LogisticAnalysis, type MetaAnalysis } from "@dure/federation/coordinator";
import { sitePartFor } from "@dure/federation/site";
import { hashJson, SeededRandom, sha256 } from "@dure/kernel";
import { CompensatedVector, logistic } from "@dure/numerics";
import type { AnalysisTable } from "@dure/records";
import type { FrozenStudy, MissingValues, StudyDocument } from "@dure/study";
import fc from "fast-check";
import type { KillPoint } from "./faults.ts";
import { type SimulatedSite, simulate } from "./simulate.ts";
import { predictableRandom } from "./testing.ts";

const names = ["andong", "boryeong", "chuncheon", "daegu"];

function studyOf(missing: MissingValues, analysis: StudyDocument["analysis"]): FrozenStudy {
  const document: StudyDocument = {
    dure: 1,
    id: "invented-gaps",
    title: "Invented gaps",
    purpose: "statistics",
    data: {
      table: "invented",
      missing,
      variables: [
        { name: "y", role: "outcome", type: "boolean" },
        { name: "age", role: "feature", type: "number" },
        { name: "smoker", role: "feature", type: "boolean" },
      ],
    },
    analysis,
    evaluation: { localModels: false, intervals: "delong" },
    privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 },
  };
  const canonical = JSON.parse(JSON.stringify(document));
  return { document, canonical, hash: hashJson(canonical) };
}

function tableOf(seed: number, rowCount: number, hasGaps: boolean): AnalysisTable {
  const random = new SeededRandom(seed);
  const rows = Array.from({ length: rowCount }, () => {
    const age = random.normal();
    const smoker = random.below(2);
    const y = random.uniform() < logistic(0.5 * age + 0.4 * smoker) ? 1 : 0;
    return {
      y,
      age: hasGaps && random.below(6) === 0 ? Number.NaN : 60 + 10 * age,
      smoker: hasGaps && random.below(5) === 0 ? Number.NaN : smoker,
    };
  });
  const columns = new Map((["y", "age", "smoker"] as const).map((name) => [name, Float64Array.from(rows, (row) => row[name])]));
  const rowKeys = Array.from({ length: rowCount }, (_, i) => `${seed}-${String(i).padStart(6, "0")}`);
  return { rowKeys, rowCount, columns, heldOut: new Uint8Array(rowCount), excluded: [], hash: sha256(rowKeys.join(",")) };
}

/** The two halves of the hospitals, with no protocol and no encoding. */
async function withoutProtocol(document: StudyDocument, tables: readonly AnalysisTable[]): Promise<LogisticAnalysis | MetaAnalysis> {
  const [coordinator, site] = [coordinatorPartFor(document), sitePartFor(document)];
  let state = coordinator.begin(tables.map((_, i) => names[i] ?? ""));
  for (;;) {
    const sums = new Map(coordinator.layout(state).vectors.map(({ name, length }) => [name, new CompensatedVector(length)]));
    for (const table of tables) {
      for (const [name, values] of (await site.contribute(state, table)).vectors) sums.get(name)?.add(values);
    }
    const vectors = new Map([...sums].map(([name, sum]) => [name, sum.values]));
    const absorbed = coordinator.absorb(state, { siteCount: tables.length, vectors });
    if (absorbed.kind === "done") return (absorbed.result as unknown as { readonly analysis: LogisticAnalysis | MetaAnalysis }).analysis;
    state = absorbed.kind === "continue" ? absorbed.state : assert.fail(JSON.stringify(absorbed.refusal));
  }
}

const scenario = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  siteCount: fc.integer({ min: 3, max: 4 }),
  deaths: fc.array(
    fc.record({
      site: fc.nat({ max: 3 }),
      round: fc.nat({ max: 12 }),
      cause: fc.constantFrom("open-round", "share-delivery", "survivor-list"),
      when: fc.constantFrom("before" as const, "after" as const),
      awayMs: fc.constantFrom(1_000, 45_000, 400_000),
    }),
    { minLength: 2, maxLength: 3 },
  ),
});

const logisticRegression = { kind: "logistic-regression", standardise: true } as const;
const metaAnalysis = { kind: "meta-analysis", model: "logistic", effects: "random", reason: "seldom online" } as const;

for (const [missing, asked] of [
  [{ method: "single-imputation" }, logisticRegression],
  [{ method: "multiple-imputation", imputations: 2, iterations: 2, seed: 3 }, logisticRegression],
  [{ method: "complete-case" }, metaAnalysis],
] as const satisfies readonly (readonly [MissingValues, StudyDocument["analysis"]])[]) {
  test(`federated equals the sums without a protocol to 1e-9 SE, over deaths and absences that return: ${asked.kind}, ${missing.method}`, async () => {
    let died = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async ({ seed, siteCount, deaths }) => {
        const tables = Array.from({ length: siteCount }, (_, i) => tableOf(seed + i, 90 + 20 * i, missing.method !== "complete-case"));
        const sites = tables.map(
          (table, i): SimulatedSite => ({ siteId: names[i] ?? "", role: "training", table, releases: ["headline"] }),
        );
        const killPoints = deaths.map(({ site, round, cause, when, awayMs }): KillPoint => {
          // Whoever is away for ten minutes before the first sum is left out for good.
          return { effect: `${names[site % siteCount]} ${cause} ${round}`, when, awayMs: round === 0 ? Math.min(awayMs, 45_000) : awayMs };
        });
        const study = studyOf(missing, asked);
        const outcome = await simulate({ study, sites, random: predictableRandom(seed), seed, killPoints });
        died += outcome.killed.length;
        const { analysis } = outcome.result ?? assert.fail(`${outcome.durable.stopReason?.code} ${[...outcome.refusals.values()].flat()}`);
        assert.ok(
          (analysis.kind === "logistic-regression" || analysis.kind === "meta-analysis") && analysis.refusal === undefined,
          JSON.stringify(analysis).slice(0, 300),
        );
        const expected = await withoutProtocol(study.document, tables);
        for (const [j, term] of expected.terms.entries()) {
          const found = analysis.terms[j];
          const distance = Math.abs((found?.estimate ?? Number.NaN) - term.estimate) / term.standardError;
          assert.ok(distance <= 1e-9, `${term.name}: ${distance} standard errors`);
        }
      }),
      { numRuns: 3 },
    );
    assert.ok(died > 0, `${died} processes died`);
  });
}
