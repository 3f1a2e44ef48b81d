/**
 * Newton's method for a logistic likelihood as a reducer over sums: it never sees a row.
 *
 * One step takes the log-likelihood, gradient and information at the point asked for and answers with the next point. The state is
 * a JSON value, so that a federation can store it, and any party that holds the sums can do the step again.
 *
 * The columns may be combinations of the study's columns, chosen so that they are uncorrelated and the information is well conditioned.
 * `basis` then takes coefficients back to the study's own columns, standardised: those are what separation is measured on and named by.
 *
 * Separation: where some direction splits the classes, the likelihood has no maximum, coefficients run away along it and standard
 * errors grow without limit (Albert & Anderson 1984, Biometrika 71:1). Three signs, each a function of the sums:
 *  1. −log-likelihood < log 2. Then every row's −log p is below log 2, so every row is on its own side: the classes *are* split.
 *  2. A standard error, on standardised columns, beyond 100 times its value at the start while the coefficient still moves: |η| grows by
 *     about 1 a step in a split cell and the error by √e, so this comes at |η| of about 11.
 *  3. Rows with |η| beyond 24 while the fit still moves, and a likelihood that has lost three quarters of its distance to 0: a
 *     continuous column that splits the classes comes here first.
 * Without that loss, rows beyond 24 mean one outlying value that the column's slope multiplies: the fit ends as `not-converged`, with the
 * column, for the gate refuses what lies beyond 30 whatever the reason. From |η| = 10 on a step may lengthen the coefficients by at most a fifth, so that no row passes 30, where the gate refuses.
 */

import { factorCholesky, invertCholesky, packedDiagonal, solveCholesky, transformSymmetric } from "@dure/numerics";

/** What a fit asks of the rows: the sums at `params`. */
export interface LikelihoodSums {
  readonly logLikelihood: number;
  readonly gradient: ArrayLike<number>;
  /** Packed upper triangle. */
  readonly information: ArrayLike<number>;
  readonly extremeCounts: ArrayLike<number>;
}

/** A JSON value. `trial` is the point whose sums come next. */
export type NewtonRunning = {
  readonly kind: "running";
  readonly trial: readonly number[];
  readonly accepted: {
    readonly params: readonly number[];
    readonly step: readonly number[];
    readonly logLikelihood: number;
    readonly decrement: number;
  } | null;
  readonly halvings: number;
  /** Sums taken so far, halvings included. */
  readonly sums: number;
  readonly iterations: number;
  /** Standard errors at the start; the scale that growth is measured on. */
  readonly startErrors: readonly number[];
  /** −log-likelihood at the start. */
  readonly startDistance: number;
};

/** A JSON value. Column indices count the intercept as 0. */
export type NewtonState =
  | NewtonRunning
  | {
      readonly kind: "converged";
      readonly params: readonly number[];
      /** Packed inverse of the information. */
      readonly covariance: readonly number[];
      readonly logLikelihood: number;
      readonly iterations: number;
    }
  | { readonly kind: "separated"; readonly columns: readonly number[]; readonly iterations: number }
  | { readonly kind: "dependent"; readonly columns: readonly number[]; readonly iterations: number }
  | { readonly kind: "not-converged"; readonly columns: readonly number[]; readonly iterations: number };

/** λ² = gᵀ H⁻¹ g at or below this: the last step is 1e-11 standard errors long, and its own error is the square of that. */
const DECREMENT_CONVERGED = 1e-22;
/** Below this, a decrement that no longer falls fourfold is the rounding of the sums themselves. */
const DECREMENT_ROUNDING = 1e-16;
const SUMS_MAX = 50;
const HALVINGS_MAX = 20;
const ERROR_GROWTH_MAX = 100;
const LENGTHENING_MAX = 1.2;
/** A coefficient moves when its step is at least this share of it. */
const MOVING_SHARE = 0.01;

export function beginNewton(start: readonly number[]): NewtonRunning {
  return { kind: "running", trial: start, accepted: null, halvings: 0, sums: 0, iterations: 0, startErrors: [], startDistance: 0 };
}

/**
 * One step from the sums at `state.trial`.
 *
 * @param basis row-major p × p, triangular: coefficients of standardised columns = basis × params; without it the columns are those
 * Numerics: O(p³). Converged coefficients include the last step; their covariance is that of the point before it, equal to
 * a relative 1e-11.
 * Source: Boyd & Vandenberghe 2004, Convex Optimization, section 9.5 (Newton decrement as stopping rule).
 */
export function absorbNewton(state: NewtonRunning, sums: LikelihoodSums, basis?: readonly number[]): NewtonState {
  const counted = { ...state, sums: state.sums + 1 };
  const columns = ownColumns(state.trial.length, basis);
  return isWorse(counted, sums.logLikelihood) ? halve(counted, columns) : advance(counted, sums, columns);
}

/** Coefficients and covariances as of the study's own columns. */
interface OwnColumns {
  readonly params: (params: readonly number[]) => readonly number[];
  readonly errors: (covariance: readonly number[]) => readonly number[];
}

function ownColumns(order: number, basis: readonly number[] | undefined): OwnColumns {
  const rootDiagonal = (covariance: ArrayLike<number>): readonly number[] => [...packedDiagonal(covariance, order)].map(Math.sqrt);
  if (basis === undefined) return { params: (params) => params, errors: rootDiagonal };
  return {
    params: (params) => params.map((_, i) => params.reduce((total, value, j) => total + at(basis, i * order + j) * value, 0)),
    errors: (covariance) => rootDiagonal(transformSymmetric(covariance, basis, order)),
  };
}

function isWorse(state: NewtonRunning, logLikelihood: number): boolean {
  const before = state.accepted?.logLikelihood;
  // A fall within rounding is no fall: n rows of size 1 are summed with compensation.
  return before !== undefined && logLikelihood < before - 1e-13 * Math.abs(before);
}

function halve(state: NewtonRunning, columns: OwnColumns): NewtonState {
  const { accepted } = state;
  if (accepted === null) throw new Error("the first point has nothing to be worse than");
  const halvings = state.halvings + 1;
  if (halvings > HALVINGS_MAX || state.sums >= SUMS_MAX) return giveUp(state, columns.params(accepted.step));
  const share = 2 ** -halvings;
  return { ...state, halvings, trial: accepted.params.map((value, j) => value + share * at(accepted.step, j)) };
}

function advance(state: NewtonRunning, sums: LikelihoodSums, own: OwnColumns): NewtonState {
  const params = state.trial;
  const order = params.length;
  const isStart = state.accepted === null;
  const factored = factorCholesky(sums.information, order);
  if (factored.kind === "dependent") {
    const columns = isStart ? [factored.columnIndex] : runaway(own.params(state.accepted?.step ?? params));
    return { kind: isStart ? "dependent" : "separated", columns, iterations: state.iterations };
  }
  const step = [...solveCholesky(factored, sums.gradient)];
  const decrement = step.reduce((total, value, j) => total + value * at(sums.gradient, j), 0);
  const covariance = [...invertCholesky(factored)];
  const errors = own.errors(covariance);
  const startErrors = isStart ? errors : state.startErrors;
  const startDistance = isStart ? -sums.logLikelihood : state.startDistance;
  const iterations = state.iterations + 1;
  const hasSettled =
    decrement <= DECREMENT_CONVERGED ||
    (decrement < DECREMENT_ROUNDING && decrement > (state.accepted?.decrement ?? Number.POSITIVE_INFINITY) / 4);
  if (hasSettled) {
    return {
      kind: "converged",
      params: params.map((value, j) => value + at(step, j)),
      covariance,
      logLikelihood: sums.logLikelihood,
      iterations,
    };
  }
  const next = { ...state, startErrors, startDistance, iterations, halvings: 0 };
  const point = { params: own.params(params), step: own.params(step), errors, sums };
  if (isSeparating(next, point)) return { kind: "separated", columns: runaway(point.step), iterations };
  if (isExtreme(point) || state.sums >= SUMS_MAX) return giveUp(next, point.step);
  const taken = shorten(params, step, at(sums.extremeCounts, 0) > 0);
  return {
    ...next,
    trial: params.map((value, j) => value + at(taken, j)),
    accepted: { params, step: taken, logLikelihood: sums.logLikelihood, decrement },
  };
}

/** On the study's own columns, standardised. */
interface Point {
  readonly params: readonly number[];
  readonly step: readonly number[];
  readonly errors: readonly number[];
  readonly sums: LikelihoodSums;
}

function isSeparating(state: NewtonRunning, point: Point): boolean {
  const distance = -point.sums.logLikelihood;
  if (distance < Math.LN2) return true;
  const hasGrown = (error: number, j: number): boolean => error > ERROR_GROWTH_MAX * at(state.startErrors, j) && isMoving(point, j);
  return point.errors.some(hasGrown) || (isExtreme(point) && distance < state.startDistance / 4);
}

const isMoving = ({ params, step }: Point, j: number): boolean => Math.abs(at(step, j)) > MOVING_SHARE * Math.abs(at(params, j));

const isExtreme = (point: Point): boolean =>
  at(point.sums.extremeCounts, 1) > 0 && point.step.some((value, j) => isMoving(point, j) && Math.abs(value) > at(point.errors, j) / 10);

/** Once rows reach |η| = 10, the coefficients grow by at most a fifth a step. */
function shorten(params: readonly number[], step: readonly number[], hasExtremes: boolean): readonly number[] {
  const length = Math.hypot(...params);
  const stepLength = Math.hypot(...step);
  const lengthMax = (LENGTHENING_MAX - 1) * length;
  return hasExtremes && stepLength > lengthMax ? step.map((value) => (value * lengthMax) / stepLength) : step;
}

/** The columns of the direction the fit runs away along; the intercept only when it is alone. */
function runaway(direction: readonly number[]): readonly number[] {
  const largest = Math.max(...direction.slice(1).map(Math.abs), 0);
  const columns = direction.flatMap((value, j) => (j > 0 && Math.abs(value) >= largest / 4 ? [j] : []));
  return columns.length > 0 ? columns : [0];
}

const giveUp = (state: NewtonRunning, direction: readonly number[]): NewtonState => ({
  kind: "not-converged",
  columns: runaway(direction),
  iterations: state.iterations,
});

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;
