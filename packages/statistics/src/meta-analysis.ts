/**
 * Meta-analysis of one coefficient from sums over hospitals: fixed and random effects, heterogeneity, and the variance between hospitals by
 * restricted maximum likelihood. It never sees a hospital's own estimate.
 *
 *   βᵢ ~ N(θᵢ, vᵢ), θᵢ ~ N(μ, τ²);  wᵢ = 1 / (vᵢ + τ²),  μ̂ = Σ w β / Σ w,  SE² = 1 / Σ w
 *
 * All that follows is a function of the nine sums Σ w^i b^j (i = 1…3, j = 0…2) at a τ², with b = β − centre; the centre is the
 * fixed-effect estimate, so that nothing is lost by subtraction. With r = b − (Σ w b / Σ w):
 *
 *   score  2 U(τ²) = Σ w² r² − (Σ w − Σ w² / Σ w)
 *   expected information  2 E = Σ w² − 2 Σ w³ / Σ w + (Σ w² / Σ w)²
 *   observed information  2 O = 2 (Σ w³ r² − (Σ w² r)² / Σ w) − 2 E
 *
 * Fisher scoring divides U by E (Viechtbauer 2005, J Educ Behav Stat 30:261, eq. 10; Raudenbush 2009). Each step costs a round in which every
 * hospital must be reached, and Fisher's steps shrink only linearly; so where O is positive and near E U is divided by O, which is Newton's
 * step on the same likelihood with the same root. Steps stay within the bracket that earlier signs of U gave; below the mode of a likelihood
 * that bends the wrong way there (O ≤ 0) the bracket is divided instead.
 */

import { chiSquaredUpperTail } from "@dure/numerics";

/** Of one hospital, in any one unit common to all. */
export interface SiteEstimate {
  readonly estimate: number;
  /** > 0 */
  readonly standardError: number;
}

/** Σ w b^j, Σ w² b^j, Σ w³ b^j for j = 0, 1, 2. */
export const WEIGHTED_SUMS = 9;

export interface Weighting {
  readonly tauSquared: number;
  /** Public: subtracted from every estimate. */
  readonly centre: number;
}

/** One hospital's share of the nine sums. O(1). */
export function weightedSums({ estimate, standardError }: SiteEstimate, { tauSquared, centre }: Weighting): readonly number[] {
  const weight = 1 / (standardError * standardError + tauSquared);
  const deviation = estimate - centre;
  return [1, 2, 3].flatMap((power) => [0, 1, 2].map((degree) => weight ** power * deviation ** degree));
}

/** What the nine sums over `siteCount` hospitals say at one τ². */
export interface WeightedFigures {
  /** μ̂ − centre. */
  readonly shift: number;
  readonly standardError: number;
  /** Σ w r²: Cochran's Q where τ² = 0. */
  readonly quadratic: number;
  readonly score: number;
  readonly expectedInformation: number;
  readonly observedInformation: number;
  /** Σ w and Σ w². */
  readonly weight: number;
  readonly weightSquares: number;
}

export function weightedFigures(sums: ArrayLike<number>): WeightedFigures {
  const sum = (power: 1 | 2 | 3, degree: 0 | 1 | 2): number => sums[3 * (power - 1) + degree] ?? Number.NaN;
  const weight = sum(1, 0);
  const shift = sum(1, 1) / weight;
  /** Σ w^power r² */
  const spread = (power: 1 | 2 | 3): number => Math.max(0, sum(power, 2) - 2 * shift * sum(power, 1) + shift * shift * sum(power, 0));
  const share = sum(2, 0) / weight;
  const expected = sum(2, 0) - (2 * sum(3, 0)) / weight + share * share;
  const tilt = sum(2, 1) - shift * sum(2, 0);
  return {
    shift,
    standardError: Math.sqrt(1 / weight),
    quadratic: spread(1),
    score: (spread(2) - weight + share) / 2,
    expectedInformation: expected / 2,
    observedInformation: spread(3) - (tilt * tilt) / weight - expected / 2,
    weight,
    weightSquares: sum(2, 0),
  };
}

/** A JSON value. `trial` is the τ² whose sums come next; the root lies above `low` and, once known, below `high`. */
export type TauRunning = {
  readonly kind: "running";
  readonly trial: number;
  readonly low: number;
  readonly high: number | null;
  /** The score at 0 is not positive: a step to 0 ends there. */
  readonly mayBeZero: boolean;
  readonly rounds: number;
};

export type TauState =
  | TauRunning
  /** `sums` are those at this τ². */
  | { readonly kind: "settled"; readonly tauSquared: number; readonly sums: readonly number[] }
  | { readonly kind: "not-settled" };

/** A step this small against the typical vᵢ + τ² moves μ̂ by less than 1e-10 of its standard error. */
const STEP_SETTLED = 1e-10;
const ROUNDS_MAX = 60;
/** Above so many times the expected information, or below its cube's inverse, the observed one says little about where the root is. */
const NEAR = 4;
/** Rounding of the score itself, against its terms. */
const SCORE_ROUNDING = 1e-14;

/**
 * From the sums at τ² = 0: settled at 0, or where to look.
 *
 * The search starts from DerSimonian and Laird's moment estimate (1986, Control Clin Trials 7:177), (Q − (k − 1)) / (Σ w − Σ w² / Σ w).
 */
export function beginTau(atZero: readonly number[], siteCount: number): TauState {
  const { quadratic, weight, weightSquares, score, expectedInformation } = weightedFigures(atZero);
  if (siteCount < 2) return { kind: "settled", tauSquared: 0, sums: atZero };
  const moment = (quadratic - (siteCount - 1)) / (weight - weightSquares / weight);
  const start = moment > 0 ? moment : score / expectedInformation;
  if (!(start > 0)) return { kind: "settled", tauSquared: 0, sums: atZero };
  return { kind: "running", trial: start, low: 0, high: null, mayBeZero: !(score > 0), rounds: 0 };
}

/**
 * One step from the sums at `state.trial`.
 *
 * @param atZero the sums at τ² = 0, where a search may end
 * Numerics: quadratic convergence near the root; some six rounds, at most 60, then `not-settled`. O(1).
 */
export function absorbTau(state: TauRunning, sums: readonly number[], atZero: readonly number[]): TauState {
  const { trial, mayBeZero } = state;
  const { score, expectedInformation: expected, observedInformation: observed, weight, weightSquares } = weightedFigures(sums);
  const isBent = observed <= 0 && score < 0;
  const step = isBent ? -trial : score / (observed > 0 && observed < NEAR * expected ? Math.max(observed, expected / NEAR ** 3) : expected);
  const typical = weight / weightSquares;
  if (Math.abs(step) <= STEP_SETTLED * typical || Math.abs(score) <= SCORE_ROUNDING * weight) {
    return { kind: "settled", tauSquared: trial, sums };
  }
  const low = score > 0 ? trial : state.low;
  const high = score > 0 ? state.high : trial;
  const rounds = state.rounds + 1;
  if (mayBeZero && trial + step <= 0 && (!isBent || trial < typical / NEAR ** 3)) return { kind: "settled", tauSquared: 0, sums: atZero };
  if (rounds >= ROUNDS_MAX) return { kind: "not-settled" };
  return { kind: "running", trial: within(trial + step, low, high), low, high, mayBeZero, rounds };
}

/** A step beyond the bracket is replaced by the bracket's middle on a logarithmic scale: τ² may be orders of magnitude below where it is looked for. */
function within(next: number, low: number, high: number | null): number {
  if (high === null || (next > low && next < high)) return next;
  return low > 0 ? Math.sqrt(low * high) : high / 16;
}

export interface Heterogeneity {
  /** Cochran's Q with k − 1 degrees of freedom; null of one hospital alone. */
  readonly q: { readonly statistic: number; readonly df: number; readonly p: number };
  /** Share of the total variance that lies between hospitals, 0 to 1. */
  readonly iSquared: number;
  /** Total variance over the variance within hospitals; at least 1 where τ² is estimated. */
  readonly hSquared: number;
}

/**
 * Q at τ² = 0, and I² and H² from τ² and the typical variance within hospitals s² = (k − 1) Σ w / ((Σ w)² − Σ w²), w at τ² = 0:
 * I² = τ² / (τ² + s²), H² = τ² / s² + 1. Without τ² (fixed effects) from Q: I² = max(0, 1 − (k − 1) / Q), H² = Q / (k − 1).
 *
 * @returns undefined of one hospital
 * Source: Cochran 1954, Biometrics 10:101; Higgins & Thompson 2002, Stat Med 21:1539, eqs. 9, 10 and section 3.
 */
export function heterogeneityOf(atZero: readonly number[], siteCount: number, tauSquared: number | undefined): Heterogeneity | undefined {
  const df = siteCount - 1;
  if (df < 1) return undefined;
  const { quadratic, weight, weightSquares } = weightedFigures(atZero);
  const q = { statistic: quadratic, df, p: chiSquaredUpperTail(quadratic, df) };
  if (tauSquared === undefined) return { q, iSquared: quadratic > 0 ? Math.max(0, 1 - df / quadratic) : 0, hSquared: quadratic / df };
  const typical = (df * weight) / (weight * weight - weightSquares);
  return { q, iSquared: tauSquared / (tauSquared + typical), hSquared: tauSquared / typical + 1 };
}
