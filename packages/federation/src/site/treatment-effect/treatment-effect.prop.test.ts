import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@dure/kernel";
import { generateTreatment } from "@dure/statistics/testing";
import type { StudyDocument } from "@dure/study";
import fc from "fast-check";
import type { TreatmentEffectAnalysis } from "../../treatment-effect-result.ts";
import { pickRows, testTable } from "../testing.ts";
import { runTreatment, treatmentStudy } from "./testing-treatment.ts";

interface Rows {
  readonly columns: ReadonlyMap<string, Float64Array>;
  readonly sites: readonly (readonly number[])[];
}

/** Every hospital with patients of both treatments, and none with the same number of rows. */
function splitRows(seed: number, rowCount: number, siteCount: number): Rows {
  const { columns } = generateTreatment(seed, rowCount);
  const random = new SeededRandom(seed + 1);
  const sites: number[][] = Array.from({ length: siteCount }, () => []);
  for (let row = 0; row < rowCount; row++) sites[Math.floor(siteCount * random.uniform() ** 1.4)]?.push(row);
  const treated = columns.get("treated") ?? new Float64Array();
  const large = sites.filter((rows) => [0, 1].every((arm) => rows.filter((row) => treated[row] === arm).length >= 5));
  return { columns, sites: large };
}

async function analyse(study: StudyDocument, { columns, sites }: Rows): Promise<TreatmentEffectAnalysis> {
  const tables = sites.map((rows, i) => testTable({ columns: pickRows(columns, rows), keyPrefix: `site-${i}` }));
  const { end } = await runTreatment(study, tables);
  return end.kind === "done" ? end.result.analysis : assert.fail(JSON.stringify(end.refusal));
}

/** All figures of both, but for how the fit got there; the tolerance is of each figure's own standard error, or of 1. */
function assertSame(one: TreatmentEffectAnalysis, other: TreatmentEffectAnalysis): void {
  assert.equal(one.estimates.length, other.estimates.length);
  one.estimates.forEach(({ effects, estimator }, i) => {
    effects.forEach((effect, k) => {
      const same = other.estimates[i]?.effects[k];
      const near = (a: number | undefined, b: number | undefined, of: number): void =>
        assert.ok(a !== undefined && b !== undefined && Math.abs(a - b) <= 1e-8 * of, `${estimator} ${effect.measure}: ${a} against ${b}`);
      near(effect.estimate, same?.estimate, effect.standardError + Math.abs(effect.estimate));
      near(effect.standardError, same?.standardError, effect.standardError);
      if (effect.weightsFixed !== undefined)
        near(effect.weightsFixed.standardError, same?.weightsFixed?.standardError, effect.standardError);
    });
  });
  one.balance?.columns.forEach(({ standardisedDifferences }, j) => {
    standardisedDifferences.forEach((difference, k) => {
      assert.ok(Math.abs(difference - (other.balance?.columns[j]?.standardisedDifferences[k] ?? Number.NaN)) < 1e-8);
    });
  });
  assert.deepEqual(one.survival?.length, other.survival?.length);
  one.survival?.forEach(({ at }, i) => {
    at.forEach(({ survival }, k) => {
      for (const arm of [0, 1] as const)
        assert.ok(Math.abs(survival[arm] - (other.survival?.[i]?.at[k]?.survival[arm] ?? Number.NaN)) < 1e-10);
    });
  });
}

const scenario = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  rowCount: fc.integer({ min: 250, max: 500 }),
  siteCount: fc.integer({ min: 2, max: 6 }),
  estimand: fc.constantFrom("ate" as const, "att" as const),
});

const y = { name: "y", type: "boolean" } as const;
const every = ["iptw", "overlap", "aipw", "g-computation"] as const;

test("with one intercept for all hospitals, every estimator over hospitals is that of the rows put together", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, rowCount, siteCount, estimand }) => {
      const rows = splitRows(seed, rowCount, siteCount);
      const pooled = { ...rows, sites: [rows.sites.flat()] };
      for (const [outcome, outcomeModel] of [
        [y, "logistic"],
        [{ name: "score", type: "number" }, "linear"],
        [{ name: "visits", type: "number" }, "poisson"],
      ] as const) {
        const study = treatmentStudy({ outcome, analysis: { estimators: every, estimand, outcomeModel, siteTerms: false } });
        assertSame(await analyse(study, rows), await analyse(study, pooled));
      }
      const curves = {
        estimators: ["iptw", "overlap"],
        outcomeModel: "kaplan-meier",
        siteTerms: false,
        horizonDays: 900,
        at: [100, 400],
      } as const;
      const study = treatmentStudy({ analysis: curves });
      assertSame(await analyse(study, rows), await analyse(study, pooled));
    }),
    { numRuns: 6 },
  );
});

test("an intercept of each hospital's own is a column of 0 and 1 for each hospital in the rows put together", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, rowCount, siteCount, estimand }) => {
      const rows = splitRows(seed, rowCount, siteCount);
      const dummies = rows.sites.slice(1).map((own, i) => {
        const column = new Float64Array(rowCount);
        for (const row of own) column[row] = 1;
        return [`hospital${i}`, column] as const;
      });
      const pooled = { columns: new Map([...rows.columns, ...dummies]), sites: [rows.sites.flat()] };
      const own = { outcome: y, analysis: { estimators: ["iptw", "overlap"], estimand } } as const;
      const features = [
        { name: "age", type: "number" },
        { name: "severity", type: "number" },
      ] as const;
      const found = await analyse(treatmentStudy({ ...own, features }), rows);
      const withDummies = treatmentStudy({
        ...own,
        features: [...features, ...dummies.map(([name]) => ({ name, type: "boolean" }) as const)],
        analysis: { ...own.analysis, siteTerms: false },
      });
      assertSame(found, await analyse(withDummies, pooled));
    }),
    { numRuns: 8 },
  );
});
