import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@dure/kernel";
import { packedDiagonal } from "@dure/numerics";
import { describe, fitCoxRegression, sortCoxRows } from "@dure/statistics";
import { generateVisits, visitFeatures } from "@dure/statistics/testing";
import fc from "fast-check";
import { coxStudy, runCox, runPooledCox } from "../cox/testing-cox.ts";
import { pickRows, testTable } from "../testing.ts";

type Columns = ReadonlyMap<string, Float64Array>;

const scenario = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  personCount: fc.integer({ min: 250, max: 400 }),
  siteCount: fc.integer({ min: 1, max: 5 }),
  ties: fc.constantFrom("efron" as const, "breslow" as const),
  cause: fc.constantFrom("1" as const, "2" as const),
});

/** By other means: rows standardised once where they lie; one stratum, or one a hospital. */
function fitInOnePlace(
  columns: Columns,
  parts: readonly (readonly number[])[],
  { cause, ties }: { cause: string; ties: "efron" | "breslow" },
) {
  const scales = visitFeatures.map((name) => describe(columns.get(name) ?? new Float64Array()));
  const strata = parts.map((rows) => {
    const of = (name: string): Float64Array => pickRows(columns, rows).get(name) ?? new Float64Array();
    const features = visitFeatures.flatMap((name, j) =>
      Array.from(of(name), (value) => (value - (scales[j]?.mean ?? 0)) / (scales[j]?.standardDeviation ?? 1)),
    );
    return sortCoxRows({
      times: of("days"),
      entries: of("entry"),
      events: of("cause").map((value) => (value === Number(cause) ? 1 : 0)),
      features: Float64Array.from(features),
      featureCount: visitFeatures.length,
    });
  });
  const fit = fitCoxRegression(strata, { ties });
  // With few events a level may have none: such rows have no fit, federated or pooled.
  fc.pre(fit.kind === "converged");
  assert.ok(fit.kind === "converged");
  const errors = packedDiagonal(fit.covariance, visitFeatures.length).map(Math.sqrt);
  return visitFeatures.map((_, j) => {
    const sd = scales[j]?.standardDeviation ?? 1;
    return { estimate: (fit.params[j] ?? 0) / sd, standardError: (errors[j] ?? 0) / sd };
  });
}

test("(start, stop] rows of random persons over random hospitals: federated equals pooled to 1e-8 SE, with one baseline hazard and with strata", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, personCount, siteCount, ties, cause }) => {
      const { columns, rowCount } = generateVisits(seed, personCount);
      const random = new SeededRandom(seed);
      const siteOf = Array.from({ length: personCount }, () => random.below(siteCount));
      const rows = Array.from({ length: rowCount }, (_, row) => row);
      const hasEvent = (own: readonly number[]): boolean => own.some((row) => columns.get("cause")?.[row] === Number(cause));
      const sites = Array.from({ length: siteCount }, (_, site) =>
        rows.filter((row) => siteOf[columns.get("person")?.[row] ?? 0] === site),
      );
      const used = sites.filter(hasEvent);
      // Rows of a person need not lie together, nor in the order of time.
      const tables = used.map((own, i) =>
        testTable({ columns: pickRows(columns, random.below(2) === 0 ? own : own.toReversed()), keyPrefix: `s${i}` }),
      );
      const options = { ties, visits: { cause }, booleans: ["female", "treated"], holdout: "age > 999" } as const;
      const together = pickRows(columns, used.flat());
      const all = Array.from({ length: used.flat().length }, (_, row) => row);
      const starts = used.map((_, i) => used.slice(0, i).flat().length);
      const strata = used.map((own, i) => own.map((_, place) => (starts[i] ?? 0) + place));
      for (const [run, expected] of [
        [
          () => runPooledCox(coxStudy(visitFeatures, { ...options, grid: { timeBinDays: 1, horizonDays: 3000 } }), tables),
          fitInOnePlace(together, [all], { cause, ties }),
        ],
        [() => runCox(coxStudy(visitFeatures, options), tables), fitInOnePlace(together, strata, { cause, ties })],
      ] as const) {
        const { end } = await run();
        assert.ok(end.kind === "done", end.kind === "refused" ? end.refusal.code : "");
        end.result.analysis.terms.forEach(({ estimate, standardError }, j) => {
          const wanted = expected[j];
          const tolerance = 1e-8 * (wanted?.standardError ?? 0);
          assert.ok(Math.abs(estimate - (wanted?.estimate ?? Number.NaN)) <= tolerance, `term ${j}`);
          assert.ok(Math.abs(standardError - (wanted?.standardError ?? Number.NaN)) <= tolerance, `SE ${j}`);
        });
      }
    }),
    { numRuns: 8 },
  );
});
