/**
 * Newton's method for any log-likelihood whose value, gradient and information are sums over rows. It never sees a row.
 *
 *   let state: NewtonState = beginNewton(start);
 *   while (state.kind === "running") state = absorbNewton(state, sumsAt(state.trial), { rules });
 *
 * `sumsAt` is the family's: the sums of all hospitals' rows at `state.trial`. One step takes them and answers with the next point or with
 * how the fit ended. The state is a JSON value, so that a federation can store it between two rounds, and any party that holds the sums
 * can do the step again. `fitNewton` is that loop, for rows that lie together.
 *
 * What a family brings:
 *  - `LikelihoodSums` at the trial point. The value, the gradient and the information belong to one function, which may be penalised.
 *  - `NewtonRules`: how long a step may be, and what else its likelihood tells about separation.
 *  - optionally `basis`, where the columns are combinations of the study's, chosen so that they are uncorrelated and the information is
 *    well conditioned: it takes coefficients back to the study's own columns, standardised, on which separation is measured and named.
 *
 * A step that lowers the likelihood is halved. Where the information is the observed one (for canonical links it is the expected one too)
 * convergence is quadratic. With the expected information of another link it is linear: say so in the rules, and expect more rounds.
 *
 * Separation: where some direction of the columns splits the classes or orders the events, the likelihood has no maximum, coefficients
 * run away along it and standard errors grow without limit (Albert & Anderson 1984, Biometrika 71:1). Three signs, each a function of sums:
 *  1. the likelihood is above `separatedAbove`, if the family has such a bound;
 *  2. a standard error, on standardised columns, beyond 100 times its value at the start while the coefficient still moves: |η| grows by
 *     about 1 a step in a split cell and the error by √e, so this comes at |η| of about 11;
 *  3. rows with |η| beyond the second mark while the fit still moves, and a likelihood that has lost three quarters of its distance to 0:
 *     a continuous column that splits the classes comes here first.
 * Without that loss, rows beyond the mark mean one outlying value that the column's slope multiplies: the fit ends as `not-converged`, with
 * the column, for the gate refuses what lies beyond 30 whatever the reason.
 */

import { factorCholesky, invertCholesky, packedDiagonal, solveCholesky, transformSymmetric } from "@dure/numerics";

/** What a fit asks of the rows: the sums at `trial`. */
export interface LikelihoodSums {
  /**
   * At most 0, and 0 of a model that fits every row perfectly (minus half the deviance, where there is no such likelihood): its terms then
   * have one sign, and a fall of a relative 1e-13 is a fall. NaN counts as one.
   */
  readonly logLikelihood: number;
  /** Shape (p,). */
  readonly gradient: ArrayLike<number>;
  /** Packed upper triangle by rows. */
  readonly information: ArrayLike<number>;
  /** Rows with |η| above each of `extremeAt`; [0, 0] of a family whose linear predictor has no such marks. */
  readonly extremeCounts: ArrayLike<number>;
  /** What the other sums are to be divided by to be those of a likelihood, > 0: the dispersion of a linear or a Gamma model. Absent: 1. */
  readonly dispersion?: number;
}

/** The two marks of `extremeCounts`. At 24 a probability is 4e-11; at 30 the gate refuses the round. */
export const extremeAt = [10, 24] as const;

/** What distinguishes one likelihood from another. A constant of the family, not part of the state. */
export interface NewtonRules {
  /** Column 0 is the intercept: blamed only where no other column can be. */
  readonly hasIntercept: boolean;
  /** The log-likelihood above which the classes are split; 0 where none tells. */
  readonly separatedAbove: number;
  /** Longest step, on the columns of the fit; may be infinite. */
  readonly stepLengthMax: number;
  /** Once a row is beyond the first mark, most that a step adds to the length of the coefficients, as a share of it; may be infinite. */
  readonly lengtheningShareMax: number;
  /** `linear` where the information is the expected one of a link that is not canonical. */
  readonly convergence: "quadratic" | "linear";
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
  readonly start: NewtonStart | null;
};

/** At the first point: the standard errors, the scale that their growth is measured on, the value, and the score test of that point. */
export type NewtonStart = { readonly errors: readonly number[]; readonly logLikelihood: number; readonly scoreTest: number };

export type NewtonConverged = {
  readonly kind: "converged";
  readonly params: readonly number[];
  /** Packed inverse of the information; times the dispersion, where there is one, it is the covariance. */
  readonly covariance: readonly number[];
  readonly logLikelihood: number;
  /** Points accepted, the first included: one more than steps taken. */
  readonly iterations: number;
  readonly start: NewtonStart;
};

/** Indices of columns, the most suspect of them; `separated` is also a monotone likelihood. */
export type NewtonFailed = {
  readonly kind: "separated" | "dependent" | "not-converged";
  readonly columns: readonly number[];
  readonly iterations: number;
};

/** A JSON value. */
export type NewtonState = NewtonRunning | NewtonConverged | NewtonFailed;

export interface NewtonOptions {
  readonly rules: NewtonRules;
  /** Row-major p × p: coefficients of standardised columns = basis × params; without it the columns are those. */
  readonly basis?: readonly number[];
}

/** λ² = gᵀ H⁻¹ g at or below this: the last step is 1e-11 standard errors long, and its own error is the square of that. */
const DECREMENT_CONVERGED = 1e-22;
/** Below this, a decrement that no longer falls as it would is the rounding of the sums themselves. */
const DECREMENT_ROUNDING = 1e-16;
const FALL_MIN = { quadratic: 4, linear: 1 } as const;
const SUMS_MAX = 60;
const HALVINGS_MAX = 20;
const ERROR_GROWTH_MAX = 100;
/** A coefficient moves when its step is at least this share of it. */
const MOVING_SHARE = 0.01;

/** @param start finite, one a column; the point whose sums come first */
export const beginNewton = (start: readonly number[]): NewtonRunning => ({
  kind: "running",
  trial: start,
  accepted: null,
  halvings: 0,
  sums: 0,
  iterations: 0,
  start: null,
});

/**
 * One step from the sums at `state.trial`.
 *
 * Fails: throws on a gradient or an information that is not finite or of another order.
 * Numerics: O(p³). Converged coefficients include the last step; covariance and likelihood are of the point before it, equal to a
 * relative 1e-11. Ends after at most 60 sums.
 * Source: Boyd & Vandenberghe 2004, Convex Optimization, section 9.5 (Newton decrement as stopping rule).
 */
export function absorbNewton(state: NewtonRunning, sums: LikelihoodSums, { rules, basis }: NewtonOptions): NewtonState {
  const counted = { ...state, sums: state.sums + 1 };
  const own = ownColumns(state.trial.length, basis);
  const before = state.accepted?.logLikelihood;
  const isWorse = before !== undefined && !(sums.logLikelihood >= before - 1e-13 * Math.abs(before));
  return isWorse ? halve(counted, rules, own) : advance(counted, sums, { rules, own });
}

/** The whole fit, where `sumsAt` has the rows at hand. */
export function fitNewton(
  start: readonly number[],
  sumsAt: (params: readonly number[]) => LikelihoodSums,
  options: NewtonOptions,
): NewtonConverged | NewtonFailed {
  let state: NewtonState = beginNewton(start);
  while (state.kind === "running") state = absorbNewton(state, sumsAt(state.trial), options);
  return state;
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

function halve(state: NewtonRunning, rules: NewtonRules, own: OwnColumns): NewtonState {
  const { accepted } = state;
  if (accepted === null) throw new Error("the first point has nothing to be worse than");
  const halvings = state.halvings + 1;
  if (halvings > HALVINGS_MAX || state.sums >= SUMS_MAX) return failed("not-converged", state, suspects(own.params(accepted.step), rules));
  return { ...state, halvings, trial: addScaled(accepted.params, 2 ** -halvings, accepted.step) };
}

interface Frame {
  readonly rules: NewtonRules;
  readonly own: OwnColumns;
}

function advance(state: NewtonRunning, sums: LikelihoodSums, { rules, own }: Frame): NewtonState {
  const { trial: params, accepted } = state;
  const { logLikelihood, gradient, extremeCounts, dispersion = 1 } = sums;
  const factored = factorCholesky(sums.information, params.length);
  if (factored.kind === "dependent") {
    if (accepted === null) return failed("dependent", state, [factored.columnIndex]);
    return failed("separated", state, suspects(own.params(accepted.step), rules));
  }
  const step = [...solveCholesky(factored, gradient)];
  const decrement = step.reduce((total, value, j) => total + value * at(gradient, j), 0) / dispersion;
  const covariance = [...invertCholesky(factored)];
  const errors = own.errors(covariance).map((error) => error * Math.sqrt(dispersion));
  const start = state.start ?? { errors, logLikelihood, scoreTest: decrement };
  const next = { ...state, start, iterations: state.iterations + 1, halvings: 0 };
  if (hasSettled(decrement, accepted?.decrement, rules)) {
    return { kind: "converged", params: addScaled(params, 1, step), covariance, logLikelihood, iterations: next.iterations, start };
  }
  const point = { params: own.params(params), step: own.params(step), errors, sums };
  if (isSeparating(start, point, rules)) return failed("separated", next, suspects(point.step, rules));
  if (isExtreme(point) || state.sums >= SUMS_MAX) return failed("not-converged", next, suspects(point.step, rules));
  const taken = shorten(step, stepLengthMax(params, at(extremeCounts, 0) > 0, rules));
  return { ...next, trial: addScaled(params, 1, taken), accepted: { params, step: taken, logLikelihood, decrement } };
}

const hasSettled = (decrement: number, before: number | undefined, { convergence }: NewtonRules): boolean =>
  decrement <= DECREMENT_CONVERGED ||
  (decrement < DECREMENT_ROUNDING && decrement > (before ?? Number.POSITIVE_INFINITY) / FALL_MIN[convergence]);

/** On the study's own columns, standardised. */
interface Point {
  readonly params: readonly number[];
  readonly step: readonly number[];
  readonly errors: readonly number[];
  readonly sums: LikelihoodSums;
}

function isSeparating(start: NewtonStart, point: Point, rules: NewtonRules): boolean {
  const { logLikelihood } = point.sums;
  if (logLikelihood > rules.separatedAbove) return true;
  const hasGrown = (error: number, j: number): boolean => error > ERROR_GROWTH_MAX * at(start.errors, j) && isMoving(point, j);
  return point.errors.some(hasGrown) || (isExtreme(point) && logLikelihood > start.logLikelihood / 4);
}

const isMoving = ({ params, step }: Point, j: number): boolean => Math.abs(at(step, j)) > MOVING_SHARE * Math.abs(at(params, j));

const isExtreme = (point: Point): boolean =>
  at(point.sums.extremeCounts, 1) > 0 && point.step.some((value, j) => isMoving(point, j) && Math.abs(value) > at(point.errors, j) / 10);

const stepLengthMax = (params: readonly number[], hasExtremes: boolean, rules: NewtonRules): number =>
  Math.min(rules.stepLengthMax, hasExtremes ? rules.lengtheningShareMax * Math.hypot(...params) : Number.POSITIVE_INFINITY);

function shorten(step: readonly number[], lengthMax: number): readonly number[] {
  const length = Math.hypot(...step);
  return length > lengthMax ? step.map((value) => (value * lengthMax) / length) : step;
}

/** The columns that most of the direction lies along. */
function suspects(direction: readonly number[], { hasIntercept }: NewtonRules): readonly number[] {
  const first = hasIntercept ? 1 : 0;
  const largest = Math.max(...direction.slice(first).map(Math.abs), 0);
  const columns = direction.flatMap((value, j) => (j >= first && Math.abs(value) >= largest / 4 ? [j] : []));
  return columns.length > 0 ? columns : [0];
}

const failed = (kind: NewtonFailed["kind"], { iterations }: NewtonRunning, columns: readonly number[]): NewtonFailed => ({
  kind,
  columns,
  iterations,
});

const addScaled = (params: readonly number[], share: number, step: readonly number[]): readonly number[] =>
  params.map((value, j) => value + share * at(step, j));

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;
