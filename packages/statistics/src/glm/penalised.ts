/**
 * Ridge, lasso and elastic net over sums: proximal Newton steps. Minimised over b, the coefficients of standardised columns,
 *
 *   −l(b) + W (l₁ Σ |bⱼ| + ½ l₂ Σ bⱼ²),  W the rows (or their weight); the intercept is not penalised
 *
 * Each sum gives gradient and information at a trial point, whose quadratic approximation is minimised with the penalty by coordinate
 * descent; then the signs are known, and the coefficients that are not 0 are solved for exactly. A step that raises the objective is halved.
 *
 * Source: Friedman, Hastie & Tibshirani 2010, J Stat Softw 33(1), sections 2 and 3; Lee, Sun & Saunders 2014, SIAM J Optim 24:1420.
 */

import { factorCholesky, packedIndex, packedLength, solveCholesky } from "@dure/numerics";
import type { GlmContribution } from "./likelihood.ts";

/** A JSON value. `trial` is the point whose sums come next, on the columns of the sums. */
export type PenalisedFitState =
  | {
      readonly kind: "running";
      readonly trial: readonly number[];
      readonly accepted: { readonly params: readonly number[]; readonly step: readonly number[]; readonly objective: number } | null;
      readonly halvings: number;
      readonly sums: number;
      readonly iterations: number;
    }
  | { readonly kind: "converged"; readonly params: readonly number[]; readonly iterations: number }
  | { readonly kind: "not-converged"; readonly iterations: number };

export interface PenalisedStep {
  /** Both already times W. */
  readonly l1: number;
  readonly l2: number;
  /** Row-major, upper triangular, intercept first: coefficients of standardised columns = basis × params. */
  readonly basis: readonly number[];
  /** The approximation is the likelihood itself, as a linear model's is: one step ends the fit. */
  readonly isQuadratic: boolean;
}

const SUMS_MAX = 60;
const HALVINGS_MAX = 20;
/** A step whose square in the information is below this: 1e-8 standard errors, and what it leaves is the square of that. */
const STEP_CONVERGED = 1e-16;

export const beginPenalised = (start: readonly number[]): PenalisedFitState => ({
  kind: "running",
  trial: start,
  accepted: null,
  halvings: 0,
  sums: 0,
  iterations: 0,
});

/** One step from the sums at `state.trial`. O(p³) and some hundred sweeps of p². */
export function absorbPenalised(
  state: PenalisedFitState & { readonly kind: "running" },
  sums: GlmContribution,
  step: PenalisedStep,
): PenalisedFitState {
  const order = state.trial.length;
  const inverse = invertUpper(step.basis, order);
  const b = multiply(step.basis, state.trial, order);
  const objective = sums.outsideCount > 0 ? Number.NaN : penaltyOf(b, step) - sums.logLikelihood;
  const before = state.accepted;
  const counted = { ...state, sums: state.sums + 1 };
  if (before !== null && !(objective <= before.objective + 1e-13 * Math.abs(before.objective))) return halve(counted);
  if (!Number.isFinite(objective)) return { kind: "not-converged", iterations: state.iterations };
  const hessian = onStandardised(sums.information, inverse, order);
  const gradient = multiplyTransposed(inverse, sums.gradient, order);
  const next = minimise(hessian, { gradient, from: b, order, step });
  if (next === undefined) return { kind: "not-converged", iterations: state.iterations };
  const move = next.map((value, j) => value - at(b, j));
  const iterations = state.iterations + 1;
  const length = quadratic(hessian, move, order);
  const trial = multiply(inverse, next, order);
  if (step.isQuadratic || length <= STEP_CONVERGED) return { kind: "converged", params: trial, iterations };
  if (counted.sums >= SUMS_MAX) return { kind: "not-converged", iterations };
  const taken = trial.map((value, j) => value - at(state.trial, j));
  return { ...counted, iterations, halvings: 0, trial, accepted: { params: state.trial, step: taken, objective } };
}

function halve(state: PenalisedFitState & { readonly kind: "running" }): PenalisedFitState {
  const { accepted } = state;
  const halvings = state.halvings + 1;
  if (accepted === null || halvings > HALVINGS_MAX || state.sums >= SUMS_MAX)
    return { kind: "not-converged", iterations: state.iterations };
  return { ...state, halvings, trial: accepted.params.map((value, j) => value + 2 ** -halvings * at(accepted.step, j)) };
}

const penaltyOf = (b: readonly number[], { l1, l2 }: PenalisedStep): number =>
  b.slice(1).reduce((total, value) => total + l1 * Math.abs(value) + (l2 / 2) * value * value, 0);

interface Quadratic {
  readonly gradient: readonly number[];
  /** The point of gradient and Hessian. */
  readonly from: readonly number[];
  readonly order: number;
  readonly step: PenalisedStep;
}

/** min ½ (b − from)ᵀ H (b − from) − gᵀ (b − from) + penalty. Undefined where it has no unique answer. */
function minimise(hessian: Float64Array, { gradient, from, order, step }: Quadratic): readonly number[] | undefined {
  const linear = Array.from({ length: order }, (_, i) => at(gradient, i) + row(hessian, from, i, order));
  const all = Array.from({ length: order }, (_, j) => j);
  if (step.l1 === 0) return solveActive(hessian, linear, { active: all, signs: all.map(() => 0), order, step });
  const b = [...from];
  const fitted = Array.from({ length: order }, (_, i) => row(hessian, b, i, order));
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep++) {
    let moved = 0;
    for (let j = 0; j < order; j++) {
      const own = at(hessian, j * order + j);
      const pull = at(linear, j) - at(fitted, j) + own * at(b, j);
      const value = j === 0 ? pull / own : softThreshold(pull, step.l1) / (own + step.l2);
      const change = value - at(b, j);
      if (change === 0) continue;
      b[j] = value;
      for (let i = 0; i < order; i++) fitted[i] = at(fitted, i) + change * at(hessian, i * order + j);
      moved = Math.max(moved, change * change * own);
    }
    if (moved > SWEEP_CONVERGED) continue;
    const active = all.filter((j) => j === 0 || at(b, j) !== 0);
    const signs = active.map((j) => (j === 0 ? 0 : Math.sign(at(b, j))));
    const exact = solveActive(hessian, linear, { active, signs, order, step });
    const keepsSigns = active.every((j, k) => j === 0 || Math.sign(at(exact ?? [], j)) === at(signs, k));
    return exact !== undefined && keepsSigns ? exact : b;
  }
  return undefined;
}

/** Squared change of a coordinate in units of the likelihood: 1e-11 standard errors. */
const SWEEP_CONVERGED = 1e-22;
const SWEEPS_MAX = 100_000;

const softThreshold = (value: number, by: number): number => (value > by ? value - by : value < -by ? value + by : 0);

interface Active {
  readonly active: readonly number[];
  readonly signs: readonly number[];
  readonly order: number;
  readonly step: PenalisedStep;
}

/** The coefficients that are not 0, given their signs. */
function solveActive(
  hessian: Float64Array,
  linear: readonly number[],
  { active, signs, order, step }: Active,
): readonly number[] | undefined {
  const block = new Float64Array(packedLength(active.length));
  active.forEach((row, i) => {
    active.slice(i).forEach((column, k) => {
      const ridge = k === 0 && row !== 0 ? step.l2 : 0;
      block[packedIndex(active.length, i, i + k)] = at(hessian, row * order + column) + ridge;
    });
  });
  const factored = factorCholesky(block, active.length);
  if (factored.kind === "dependent") return undefined;
  const solved = solveCholesky(
    factored,
    active.map((j, k) => at(linear, j) - step.l1 * at(signs, k)),
  );
  const out = new Array<number>(order).fill(0);
  active.forEach((j, k) => {
    out[j] = at(solved, k);
  });
  return out;
}

/** The inverse of an upper triangular matrix, row-major. O(p³). */
export function invertUpper(matrix: ArrayLike<number>, order: number): Float64Array {
  const out = new Float64Array(order * order);
  for (let j = 0; j < order; j++) {
    for (let i = j; i >= 0; i--) {
      let value = i === j ? 1 : 0;
      for (let k = i + 1; k <= j; k++) value -= at(matrix, i * order + k) * at(out, k * order + j);
      out[i * order + j] = value / at(matrix, i * order + i);
    }
  }
  return out;
}

/** Cᵀ A C of a packed A and C = basis⁻¹, as a full row-major matrix: the information of the standardised columns. */
function onStandardised(packed: ArrayLike<number>, inverse: Float64Array, order: number): Float64Array {
  const half = new Float64Array(order * order);
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) {
      let total = 0;
      for (let k = 0; k <= j; k++)
        total += at(packed, i <= k ? packedIndex(order, i, k) : packedIndex(order, k, i)) * at(inverse, k * order + j);
      half[i * order + j] = total;
    }
  }
  const out = new Float64Array(order * order);
  for (let i = 0; i < order; i++) {
    for (let j = i; j < order; j++) {
      let total = 0;
      for (let k = 0; k <= i; k++) total += at(inverse, k * order + i) * at(half, k * order + j);
      out[i * order + j] = total;
      out[j * order + i] = total;
    }
  }
  return out;
}

const multiply = (matrix: ArrayLike<number>, vector: ArrayLike<number>, order: number): readonly number[] =>
  Array.from({ length: order }, (_, i) => row(matrix, vector, i, order));

function multiplyTransposed(matrix: ArrayLike<number>, vector: ArrayLike<number>, order: number): readonly number[] {
  return Array.from({ length: order }, (_, j) => {
    let total = 0;
    for (let i = 0; i < order; i++) total += at(matrix, i * order + j) * at(vector, i);
    return total;
  });
}

function row(matrix: ArrayLike<number>, vector: ArrayLike<number>, i: number, order: number): number {
  let total = 0;
  for (let j = 0; j < order; j++) total += at(matrix, i * order + j) * at(vector, j);
  return total;
}

const quadratic = (matrix: ArrayLike<number>, vector: readonly number[], order: number): number =>
  vector.reduce((total, value, i) => total + value * row(matrix, vector, i, order), 0);

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;
