import assert from "node:assert/strict";
import { test } from "node:test";
import { packedDiagonal, packedIndex, packedLength } from "@dure/numerics";
import { absorbNewton, beginNewton, fitNewton, type LikelihoodSums, type NewtonRules, type NewtonState } from "./newton.ts";

const rules: NewtonRules = {
  hasIntercept: true,
  separatedAbove: 0,
  stepLengthMax: Number.POSITIVE_INFINITY,
  lengtheningShareMax: Number.POSITIVE_INFINITY,
  convergence: "quadratic",
};

/** Of one row: minus half its unit deviance, and its shares of gradient and information by η; all of dispersion 1. */
type Family = (y: number, eta: number) => { readonly value: number; readonly slope: number; readonly weight: number };

const logOf = (y: number): number => (y > 0 ? y * Math.log(y) : 0);
const poisson: Family = (y, eta) => ({ value: y * eta - Math.exp(eta) - logOf(y) + y, slope: y - Math.exp(eta), weight: Math.exp(eta) });
const gamma: Family = (y, eta) => {
  const ratio = y / Math.exp(eta);
  return { value: Math.log(ratio) - ratio + 1, slope: ratio - 1, weight: ratio };
};
/** The same model by its expected information. */
const gammaExpected: Family = (y, eta) => ({ ...gamma(y, eta), weight: 1 });
const gaussian: Family = (y, eta) => ({ value: -((y - eta) ** 2) / 2, slope: y - eta, weight: 1 });

interface Rows {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
}

function sumsOf(family: Family, { x, y }: Rows, dispersion?: number): (params: readonly number[]) => LikelihoodSums {
  return (params) => {
    const order = params.length;
    const gradient = new Float64Array(order);
    const information = new Float64Array(packedLength(order));
    let logLikelihood = 0;
    const extremeCounts = [0, 0];
    x.forEach((row, i) => {
      const eta = row.reduce((total, value, j) => total + value * (params[j] ?? 0), 0);
      const { value, slope, weight } = family(y[i] ?? Number.NaN, eta);
      logLikelihood += value;
      if (Math.abs(eta) > 10) extremeCounts[0] = (extremeCounts[0] ?? 0) + 1;
      if (Math.abs(eta) > 24) extremeCounts[1] = (extremeCounts[1] ?? 0) + 1;
      for (let j = 0; j < order; j++) {
        gradient[j] = (gradient[j] ?? 0) + slope * (row[j] ?? 0);
        for (let k = j; k < order; k++) {
          const cell = packedIndex(order, j, k);
          information[cell] = (information[cell] ?? 0) + weight * (row[j] ?? 0) * (row[k] ?? 0);
        }
      }
    });
    return { logLikelihood, gradient, information, extremeCounts, ...(dispersion === undefined ? {} : { dispersion }) };
  };
}

/** Two groups: the maximum likelihood estimates of any log link are the logarithms of their means. */
const groups: Rows = { x: [0, 0, 0, 0, 1, 1, 1, 1].map((g) => [1, g]), y: [1, 4, 0, 3, 6, 9, 12, 5] };
const positive: Rows = { ...groups, y: [1.5, 4, 0.25, 3, 6, 9, 12.5, 5] };

const converged = (state: NewtonState) => {
  assert.equal(state.kind, "converged");
  return state as Extract<NewtonState, { kind: "converged" }>;
};

const near = (actual: number | undefined, expected: number, what: string): void => {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= 1e-12 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, ${expected}`,
  );
};

test("a Poisson model of two groups has the logarithms of their means, and the errors of their totals", () => {
  const fit = converged(fitNewton([0, 0], sumsOf(poisson, groups), { rules }));
  near(fit.params[0], Math.log(2), "intercept");
  near(fit.params[1], Math.log(4), "slope");
  const [intercept, slope] = packedDiagonal(fit.covariance, 2);
  near(intercept, 1 / 8, "variance of the intercept");
  near(slope, 1 / 8 + 1 / 32, "variance of the slope");
});

test("a step that lowers the likelihood, or makes it NaN, is halved", () => {
  // From 0 the first Poisson step overshoots: a mean of 1 is replaced by one of e^(1 - mean).
  const far: Rows = { x: [[1]], y: [60] };
  const states: NewtonState[] = [beginNewton([0])];
  const sums = sumsOf(poisson, far);
  for (let state = states[0]; state?.kind === "running"; states.push(state)) state = absorbNewton(state, sums(state.trial), { rules });
  assert.ok(states.some((state) => state.kind === "running" && state.halvings > 0));
  near(converged(states.at(-1) ?? beginNewton([])).params[0], Math.log(60), "intercept");
  const [, second] = states;
  assert.ok(second?.kind === "running");
  const halved = absorbNewton(second, { ...sums([0]), logLikelihood: Number.NaN }, { rules });
  assert.ok(halved.kind === "running" && halved.halvings === 1);
  assert.equal(halved.trial[0], (second.trial[0] ?? 0) / 2);
});

test("observed and expected information lead to the same Gamma model, the expected one in more steps", () => {
  const observed = converged(fitNewton([0, 0], sumsOf(gamma, positive), { rules }));
  const expected = converged(fitNewton([0, 0], sumsOf(gammaExpected, positive), { rules: { ...rules, convergence: "linear" } }));
  for (const fit of [observed, expected]) {
    near(fit.params[0], Math.log(8.75 / 4), "intercept");
    near(fit.params[1], Math.log(32.5 / 8.75), "slope");
  }
});

test("a linear model ends after one step whatever the unit of its outcome, told its dispersion", () => {
  for (const unit of [1e-6, 1, 1e9]) {
    const rows = { ...positive, y: positive.y.map((y) => 1000 * unit + unit * y) };
    const fit = converged(fitNewton([0, 0], sumsOf(gaussian, rows, 10 * unit * unit), { rules }));
    near((fit.params[1] ?? 0) / unit, (32.5 - 8.75) / 4, `slope at unit ${unit}`);
    assert.ok(fit.iterations <= 3, `${fit.iterations} iterations`);
  }
});

test("a group without events is separated by its column, a repeated column is dependent", () => {
  const none = fitNewton([0, 0], sumsOf(poisson, { ...groups, y: [1, 4, 2, 3, 0, 0, 0, 0] }), { rules });
  assert.deepEqual([none.kind, "columns" in none ? none.columns : []], ["separated", [1]]);
  const twice = { ...groups, x: groups.x.map(([one = 1, g = 0]) => [one, g, one - g]) };
  assert.deepEqual(fitNewton([0, 0, 0], sumsOf(poisson, twice), { rules }), { kind: "dependent", columns: [2], iterations: 0 });
});

test("no step is longer than the rules allow", () => {
  const limited = { ...rules, stepLengthMax: 0.5 };
  const first = absorbNewton(beginNewton([0, 0]), sumsOf(poisson, groups)([0, 0]), { rules: limited });
  assert.ok(first.kind === "running" && Math.abs(Math.hypot(...first.trial) - 0.5) < 1e-15);
  const atMark = { ...sumsOf(poisson, groups)([1, 1]), extremeCounts: [1, 0] };
  const lengthened = absorbNewton(beginNewton([1, 1]), atMark, { rules: { ...rules, lengtheningShareMax: 0.01 } });
  assert.ok(lengthened.kind === "running");
  near(Math.hypot((lengthened.trial[0] ?? 0) - 1, (lengthened.trial[1] ?? 0) - 1), 0.01 * Math.SQRT2, "length of the step");
});

test("a state that was stored as JSON goes on to the same end, and a fit that only halves ends", () => {
  const sums = sumsOf(poisson, groups);
  let state: NewtonState = beginNewton([0, 0]);
  while (state.kind === "running") state = JSON.parse(JSON.stringify(absorbNewton(state, sums(state.trial), { rules }))) as NewtonState;
  assert.deepEqual(state, fitNewton([0, 0], sums, { rules }));
  let calls = 0;
  const worsening = fitNewton([0, 0], (params) => ({ ...sums(params), logLikelihood: -100 - calls++ }), { rules });
  assert.equal(worsening.kind, "not-converged");
  assert.equal(calls, 22);
});
