/**
 * Newton's method for the Cox partial likelihood as a reducer over sums: it never sees a row. A state is a JSON value.
 *
 * The log-likelihood is concave and the start is 0, where every row has the same hazard: the decrement there is the score test, and the
 * value the null likelihood. Steps that lower the likelihood are halved; no step is longer than 2 on uncorrelated columns, so a row would
 * have to lie 15 deviations out before one step takes it past |η| = 30, where the gate refuses.
 *
 * Monotone likelihood: where some direction of the columns orders the events perfectly (a level without events is the common case), the
 * likelihood rises for ever and a coefficient runs away along it (Heinze & Schemper 2001, Biometrics 57:114). Two signs: a standard error
 * beyond 100 times its value at the start while the coefficient still moves (it grows by √e where |η| grows by 1); or rows with |η| beyond
 * 24 in a fit that still moves and has lost three quarters of its distance to 0. Without that loss rows beyond 24 mean an outlying
 * value, and the fit ends as `not-converged`. The columns are named either way.
 *
 * The columns may be combinations of the study's; `basis` takes coefficients back to the study's own columns, standardised, on which
 * running away is measured and named.
 */

import { factorCholesky, invertCholesky, packedDiagonal, quadraticForm, solveCholesky, transformSymmetric } from "@dure/numerics";
import type { CoxContribution } from "./cox-likelihood.ts";

/** What a step asks of the strata, added up. */
export interface CoxSums {
  readonly logLikelihood: number;
  readonly gradient: ArrayLike<number>;
  readonly information: ArrayLike<number>;
  readonly extremeCounts: ArrayLike<number>;
}

export type CoxRunning = {
  readonly kind: "running";
  /** The point whose sums come next. */
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
  /** At the start: standard errors, log-likelihood, score test. */
  readonly start: { readonly errors: readonly number[]; readonly logLikelihood: number; readonly scoreTest: number } | null;
};

export type CoxConverged = {
  readonly kind: "converged";
  readonly params: readonly number[];
  /** Packed inverse of the information. */
  readonly covariance: readonly number[];
  readonly logLikelihood: number;
  readonly logLikelihoodNull: number;
  readonly scoreTest: number;
  readonly waldTest: number;
  readonly iterations: number;
};

export type CoxNewtonState =
  | CoxRunning
  | CoxConverged
  | {
      readonly kind: "monotone" | "dependent" | "not-converged";
      readonly columns: readonly number[];
      readonly iterations: number;
    };

/** λ² = gᵀ I⁻¹ g at or below this: the last step is 1e-11 standard errors long, and its own error is the square of that. */
const DECREMENT_CONVERGED = 1e-22;
/** Below this, a decrement that no longer falls fourfold is the rounding of the sums themselves. */
const DECREMENT_ROUNDING = 1e-16;
const SUMS_MAX = 60;
const HALVINGS_MAX = 20;
const STEP_MAX = 2;
const ERROR_GROWTH_MAX = 100;
/** A coefficient moves when its step is at least this share of it. */
const MOVING_SHARE = 0.01;

export const beginCox = (order: number): CoxRunning => ({
  kind: "running",
  trial: new Array<number>(order).fill(0),
  accepted: null,
  halvings: 0,
  sums: 0,
  iterations: 0,
  start: null,
});

/**
 * One step from the sums at `state.trial`.
 *
 * @param basis row-major p × p: coefficients of standardised columns = basis × params; without it the columns are those
 * Numerics: O(p³). Converged coefficients include the last step; covariance and likelihood are of the point before, equal to 1e-11.
 */
export function absorbCox(state: CoxRunning, sums: CoxSums, basis?: readonly number[]): CoxNewtonState {
  const counted = { ...state, sums: state.sums + 1 };
  const own = ownColumns(state.trial.length, basis);
  const before = state.accepted?.logLikelihood;
  // A fall within rounding is no fall. NaN is one.
  const isWorse = before !== undefined && !(sums.logLikelihood >= before - 1e-13 * Math.abs(before));
  return isWorse ? halve(counted, own) : advance(counted, sums, own);
}

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

function halve(state: CoxRunning, own: OwnColumns): CoxNewtonState {
  const { accepted } = state;
  if (accepted === null) throw new Error("the first point has nothing to be worse than");
  const halvings = state.halvings + 1;
  if (halvings > HALVINGS_MAX || state.sums >= SUMS_MAX) return ended("not-converged", state, own.params(accepted.step));
  const share = 2 ** -halvings;
  return { ...state, halvings, trial: accepted.params.map((value, j) => value + share * at(accepted.step, j)) };
}

function advance(state: CoxRunning, sums: CoxSums, own: OwnColumns): CoxNewtonState {
  const params = state.trial;
  const { logLikelihood } = sums;
  const factored = factorCholesky(sums.information, params.length);
  if (factored.kind === "dependent") {
    if (state.accepted === null) return { kind: "dependent", columns: [factored.columnIndex], iterations: state.iterations };
    return ended("monotone", state, own.params(state.accepted.step));
  }
  const step = [...solveCholesky(factored, sums.gradient)];
  const decrement = step.reduce((total, value, j) => total + value * at(sums.gradient, j), 0);
  const covariance = [...invertCholesky(factored)];
  const errors = own.errors(covariance);
  const start = state.start ?? { errors, logLikelihood, scoreTest: decrement };
  const next = { ...state, start, iterations: state.iterations + 1, halvings: 0 };
  if (hasSettled(decrement, state.accepted?.decrement)) {
    const settled = params.map((value, j) => value + at(step, j));
    return {
      kind: "converged",
      params: settled,
      covariance,
      logLikelihood,
      logLikelihoodNull: start.logLikelihood,
      scoreTest: start.scoreTest,
      waldTest: quadraticForm(sums.information, settled),
      iterations: next.iterations - 1, // as R counts: steps, not evaluations
    };
  }
  const point = { params: own.params(params), step: own.params(step), errors, sums };
  if (isMonotone(start, point)) return ended("monotone", next, point.step);
  if (isExtreme(point) || state.sums >= SUMS_MAX) return ended("not-converged", next, point.step);
  const taken = shorten(step);
  return { ...next, trial: params.map((value, j) => value + at(taken, j)), accepted: { params, step: taken, logLikelihood, decrement } };
}

const hasSettled = (decrement: number, before: number | undefined): boolean =>
  decrement <= DECREMENT_CONVERGED || (decrement < DECREMENT_ROUNDING && decrement > (before ?? Number.POSITIVE_INFINITY) / 4);

/** On the study's own columns, standardised. */
interface Point {
  readonly params: readonly number[];
  readonly step: readonly number[];
  readonly errors: readonly number[];
  readonly sums: CoxSums;
}

function isMonotone(start: NonNullable<CoxRunning["start"]>, point: Point): boolean {
  const hasGrown = (error: number, j: number): boolean => error > ERROR_GROWTH_MAX * at(start.errors, j) && isMoving(point, j);
  return point.errors.some(hasGrown) || (isExtreme(point) && point.sums.logLikelihood > start.logLikelihood / 4);
}

const isMoving = ({ params, step }: Point, j: number): boolean => Math.abs(at(step, j)) > MOVING_SHARE * Math.abs(at(params, j));

const isExtreme = (point: Point): boolean =>
  at(point.sums.extremeCounts, 1) > 0 && point.step.some((value, j) => isMoving(point, j) && Math.abs(value) > at(point.errors, j) / 10);

function shorten(step: readonly number[]): readonly number[] {
  const length = Math.hypot(...step);
  return length > STEP_MAX ? step.map((value) => (value * STEP_MAX) / length) : step;
}

/** Names the columns of the direction that the fit was about to take. */
function ended(kind: "monotone" | "not-converged", state: CoxRunning, direction: readonly number[]): CoxNewtonState {
  const largest = Math.max(...direction.map(Math.abs));
  const columns = direction.flatMap((value, j) => (Math.abs(value) >= largest / 4 ? [j] : []));
  return { kind, columns, iterations: state.iterations };
}

/** The sums of several strata together. */
export function addCoxContributions(parts: readonly CoxContribution[]): CoxSums {
  const add = (a: ArrayLike<number>, b: ArrayLike<number>): ArrayLike<number> => Array.from(a, (value, i) => value + at(b, i));
  const [first, ...rest] = parts;
  if (first === undefined) throw new RangeError("a fit needs at least one stratum");
  return rest.reduce<CoxSums>(
    (total, part) => ({
      logLikelihood: total.logLikelihood + part.logLikelihood,
      gradient: add(total.gradient, part.gradient),
      information: add(total.information, part.information),
      extremeCounts: add(total.extremeCounts, part.extremeCounts),
    }),
    first,
  );
}

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;
