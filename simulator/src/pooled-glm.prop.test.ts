/** A negative binomial and a linear model over hospitals whose processes die and return are the fits of the rows in one place. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashJson, SeededRandom, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { fitGlm, type Glm, type GlmRows, glmDispersion, glmFitSums, sandwichCovariance } from "@dure/statistics";
import type { FrozenStudy, StudyDocument } from "@dure/study";
import fc from "fast-check";
import type { KillPoint } from "./faults.ts";
import { type SimulatedSite, simulate } from "./simulate.ts";
import { predictableRandom } from "./testing.ts";

const names = ["andong", "boryeong", "chuncheon", "daegu"];

function studyOf(family: "linear" | "negative-binomial"): FrozenStudy {
  const document: StudyDocument = {
    dure: 1,
    id: "invented-counts",
    title: "An invented study of counts",
    purpose: "statistics",
    data: {
      table: "invented",
      variables: [
        { name: "y", role: "outcome", type: "number" },
        { name: "x", role: "feature", type: "number" },
        { name: "z", role: "feature", type: "boolean" },
      ],
    },
    analysis: { kind: "generalised-linear-model", family, errors: "model" },
    evaluation: { localModels: false, intervals: "delong" },
    privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 },
  };
  const canonical = JSON.parse(JSON.stringify(document));
  return { document, canonical, hash: hashJson(canonical) };
}

/** x has mean 0 and deviation 1 as drawn, so the fit in one place needs no scaling. */
function countTable(seed: number, rowCount: number): AnalysisTable {
  const random = new SeededRandom(seed);
  const columns = new Map(["y", "x", "z"].map((name) => [name, new Float64Array(rowCount)]));
  for (let i = 0; i < rowCount; i++) {
    const [x, z] = [random.normal(), random.below(2)];
    const y = Math.floor(-2 * Math.log(1 - random.uniform()) * Math.exp(0.3 * x - 0.4 * z) * (0.5 + random.uniform()));
    const row: Record<string, number> = { x, y, z };
    for (const [name, values] of columns) values[i] = row[name] ?? Number.NaN;
  }
  const rowKeys = Array.from({ length: rowCount }, (_, i) => `${seed}-${String(i).padStart(6, "0")}`);
  return { rowKeys, rowCount, columns, heldOut: new Uint8Array(rowCount), excluded: [], hash: sha256(rowKeys.join(",")) };
}

function fitInOnePlace(model: Glm, tables: readonly AnalysisTable[]) {
  const all = (name: string): Float64Array => Float64Array.from(tables.flatMap(({ columns }) => [...(columns.get(name) ?? [])]));
  const outcome = all("y");
  const n = outcome.length;
  const rows: GlmRows = { rowCount: n, features: Float64Array.from([...all("x"), ...all("z")]), featureCount: 2, stride: n, outcome };
  const total = outcome.reduce((sum, y) => sum + y, 0);
  const fit = fitGlm(model, rows, { n, weight: n, sum: total, squares: outcome.reduce((sum, y) => sum + y * y, 0) });
  assert.ok(fit.kind === "converged");
  const sums = glmFitSums(model, rows, fit.params);
  const inverse = sandwichCovariance(sums.information, sums.information, 3) ?? assert.fail();
  const dispersion = glmDispersion(model, { pearson: sums.pearson, residualDf: n - 3 });
  const diagonal = [0, 3, 5].map((cell) => inverse[cell] ?? Number.NaN); // of a packed 3 × 3
  return { params: fit.params, errors: diagonal.map((variance) => Math.sqrt(dispersion * variance)) };
}

const scenario = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  family: fc.constantFrom("linear" as const, "negative-binomial" as const),
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

test("federated equals the fit in one place to 1e-8 SE over rows, families, hospitals, deaths and absences that return", async () => {
  let deaths = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, family, siteCount, deaths: drawn }) => {
      const sites = names.slice(0, siteCount).map((siteId, i): SimulatedSite => {
        return { siteId, role: "training", table: countTable(seed + i, 80 + 40 * i), releases: ["headline"] };
      });
      const killPoints = drawn.map(({ site, round, cause, when, awayMs }): KillPoint => {
        // Whoever is away for ten minutes before the first sum is left out for good.
        return { effect: `${names[site % siteCount]} ${cause} ${round}`, when, awayMs: round === 0 ? Math.min(awayMs, 45_000) : awayMs };
      });
      const outcome = await simulate({ study: studyOf(family), sites, random: predictableRandom(seed), seed, killPoints });
      deaths += outcome.killed.length;
      const { analysis } = outcome.result ?? assert.fail(`${outcome.durable.stopReason?.code} ${[...outcome.refusals.values()].flat()}`);
      assert.ok(analysis.kind === "generalised-linear-model" && analysis.outcome === "converged");
      const model: Glm = family === "linear" ? { family, link: "identity" } : { family, link: "log" };
      const { params, errors } = fitInOnePlace(
        model,
        sites.map(({ table }) => table),
      );
      analysis.terms.forEach(({ name, estimate, standardError }, j) => {
        const error = errors[j] ?? Number.NaN;
        assert.ok(Math.abs(estimate - (params[j] ?? Number.NaN)) <= 1e-8 * error, `${name}: ${estimate} against ${params[j]}`);
        assert.ok(Math.abs(standardError - error) <= 1e-8 * error, `SE of ${name}: ${standardError} against ${error}`);
      });
    }),
    { numRuns: 6 },
  );
  assert.ok(deaths > 2, `${deaths} processes died`);
});
