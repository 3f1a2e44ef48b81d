import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@dure/kernel";
import { packedDiagonal, sum } from "@dure/numerics";
import { fitGlm, type Glm, type GlmRows, glmDispersion, glmFitSums, type OutcomeTotals, sandwichCovariance } from "@dure/statistics";
import type { GeneralisedLinearModel, Variable } from "@dure/study";
import fc from "fast-check";
import { dealRows, glmStudy, runGlm } from "./testing-glm.ts";

const names = ["a", "b", "c"];
const variables = names.map((name): Variable => ({ name, role: "feature", type: name === "c" ? "boolean" : "number" }));

const scenario = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  rowCount: fc.integer({ min: 80, max: 500 }),
  siteCount: fc.integer({ min: 1, max: 7 }),
  family: fc.constantFrom(...(["linear", "logistic", "poisson", "negative-binomial", "gamma"] as const)),
  weighted: fc.boolean(),
  withOffset: fc.boolean(),
});

/** A year of birth, a small number that goes with it and a boolean; outcomes of every family, weights and months. */
function makeColumns(seed: number, rowCount: number): ReadonlyMap<string, Float64Array> {
  const random = new SeededRandom(seed);
  const columns = new Map([...names, "y", "weight", "offset"].map((name) => [name, new Float64Array(rowCount)]));
  const all = ["linear", "logistic", "count", "amount"].map((name) => [name, new Float64Array(rowCount)] as const);
  for (let i = 0; i < rowCount; i++) {
    const a = random.normal();
    const b = 0.9 * a + 0.5 * random.normal();
    const c = Number(random.uniform() < 0.35);
    const eta = 0.4 * a - 0.3 * b + 0.5 * c;
    const frailty = -Math.log(1 - random.uniform());
    const offset = 0.7 * random.normal();
    const row: Record<string, number> = { a: 1960 + 9 * a, b: 1e-3 * b, c, weight: 0.5 + 2 * random.uniform(), offset };
    for (const [name, column] of columns) if (row[name] !== undefined) column[i] = row[name];
    const values = [
      4000 + 30 * (eta + random.normal()),
      Number(random.uniform() < 1 / (1 + Math.exp(-eta))),
      Math.floor(frailty * Math.exp(1 + eta + offset) * (0.5 + random.uniform())),
      500 * Math.exp(eta) * (0.05 - Math.log(1 - random.uniform())),
    ];
    all.forEach(([, column], k) => {
      column[i] = values[k] ?? Number.NaN;
    });
  }
  return new Map([...columns, ...all]);
}

const outcomeOf = { linear: "linear", logistic: "logistic", poisson: "count", "negative-binomial": "count", gamma: "amount" } as const;

/** By other means: rows standardised once where they lie, no rounds, no whitening, no scaled outcome but a Gamma's. */
function fitInOnePlace(model: Glm, columns: ReadonlyMap<string, Float64Array>, used: { weighted: boolean; offset: boolean }) {
  const y = columns.get(outcomeOf[model.family]) ?? new Float64Array();
  const n = y.length;
  const scales = names.map((name) => {
    const values = columns.get(name) ?? new Float64Array();
    const mean = sum(values) / n;
    return { mean, sd: Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (n - 1)) };
  });
  const features = Float64Array.from(
    names.flatMap((name, j) => Array.from(columns.get(name) ?? [], (value) => (value - (scales[j]?.mean ?? 0)) / (scales[j]?.sd ?? 1))),
  );
  const weights = columns.get("weight") ?? y;
  const offset = columns.get("offset") ?? y;
  const keepsOffset = used.offset && model.family !== "linear" && model.family !== "gamma";
  const own = y.map((value, i) => {
    if (model.family === "linear") return (value - (used.offset ? (offset[i] ?? 0) : 0) - 4000) / 32;
    return model.family === "gamma" ? (value * Math.exp(used.offset ? -(offset[i] ?? 0) : 0)) / 512 : value;
  });
  const rows: GlmRows = {
    rowCount: n,
    features,
    featureCount: 3,
    stride: n,
    outcome: own,
    ...(used.weighted ? { weights } : {}),
    ...(keepsOffset ? { offset } : {}),
  };
  const a = used.weighted ? weights : y.map(() => 1);
  const exposure =
    model.link === "logit" ? sum(offset.map((o, i) => o * (a[i] ?? 0))) : sum(offset.map((o, i) => Math.exp(o) * (a[i] ?? 0)));
  const totals: OutcomeTotals = {
    n,
    weight: sum(a),
    sum: sum(own.map((value, i) => value * (a[i] ?? 0))),
    squares: sum(own.map((value, i) => value * value * (a[i] ?? 0))),
    ...(keepsOffset ? { exposure } : {}),
  };
  const fit = fitGlm(model, rows, totals);
  assert.ok(fit.kind === "converged", fit.kind);
  const sums = glmFitSums(model, rows, fit.params);
  const dispersion = glmDispersion(model, { pearson: sums.pearson, residualDf: n - 4 });
  const inverse = sandwichCovariance(sums.information, sums.information, 4) ?? new Float64Array(10);
  const robust = sandwichCovariance(sums.information, sums.scoreProducts, 4) ?? new Float64Array(10);
  const factor = model.family === "linear" ? 32 : 1;
  return names.map((_, j) => {
    const unit = factor / (scales[j]?.sd ?? 1);
    return {
      estimate: unit * (fit.params[j + 1] ?? Number.NaN),
      standardError: unit * Math.sqrt(dispersion * (packedDiagonal(inverse, 4)[j + 1] ?? Number.NaN)),
      robust: unit * Math.sqrt(packedDiagonal(robust, 4)[j + 1] ?? Number.NaN),
    };
  });
}

test("federated equals the fit in one place to 1e-8 SE, over families, weights, offsets, rows, hospitals and their order", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, rowCount, siteCount, family, weighted, withOffset }) => {
      const columns = makeColumns(seed, rowCount);
      const link = family === "linear" ? "identity" : family === "logistic" ? "logit" : "log";
      const expected = fitInOnePlace({ family, link } as Glm, columns, { weighted, offset: withOffset });
      const tables = dealRows(seed, columns, siteCount);
      for (const errors of ["model", "sandwich"] as const) {
        const analysis: Omit<GeneralisedLinearModel, "kind"> = { family, errors };
        const study = glmStudy({
          analysis,
          outcome: outcomeOf[family],
          features: variables,
          ...(weighted ? { weight: "weight" } : {}),
          ...(withOffset ? { offset: "offset" } : {}),
        });
        const { end } = await runGlm(study, errors === "model" ? tables : tables.toReversed());
        assert.ok(end.kind === "done", JSON.stringify(end.kind === "refused" ? end.refusal : ""));
        expected.forEach(({ estimate, standardError, robust }, j) => {
          const term = end.result.analysis.terms[j + 1];
          const error = errors === "model" ? standardError : robust;
          assert.ok(
            Math.abs((term?.estimate ?? Number.NaN) - estimate) <= 1e-8 * error,
            `${names[j]}: ${term?.estimate} against ${estimate}`,
          );
          assert.ok(
            Math.abs((term?.standardError ?? Number.NaN) - error) <= 1e-8 * error,
            `${errors} SE of ${names[j]}: ${term?.standardError} against ${error}`,
          );
        });
      }
    }),
    { numRuns: 25 },
  );
});

test("with an intercept a hospital, where all rows lie changes nothing but by rounding: hospitals in any order, estimates to 1e-9 SE", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, rowCount, family, withOffset }) => {
      const columns = makeColumns(seed, rowCount + 100);
      const study = glmStudy({
        analysis: { family, siteEffects: "fixed" },
        outcome: outcomeOf[family],
        features: variables,
        ...(withOffset ? { offset: "offset" } : {}),
      });
      const tables = dealRows(seed, columns, 4);
      const [one, other] = await Promise.all([
        runGlm(study, tables),
        runGlm(
          study,
          [2, 0, 3, 1].flatMap((i) => tables[i] ?? []),
        ),
      ]);
      assert.ok(one.end.kind === "done" && other.end.kind === "done");
      const again = other.end.result.analysis.terms;
      one.end.result.analysis.terms.forEach(({ name, estimate, standardError }, j) => {
        assert.ok(Math.abs(estimate - (again[j]?.estimate ?? Number.NaN)) <= 1e-9 * standardError, name);
      });
    }),
    { numRuns: 8 },
  );
});
