/**
 * The gate before a secure sum.
 *
 * A perfect secure sum still hides nobody whose row *is* the sum: a coordinator that may choose the coefficients can pick them so that
 * all weights but one vanish. So each site asks, before it encodes, that no few rows carry the sum (Kish's effective sample size), and
 * that the run takes no more sums than its steward allowed. This bounds what a dishonest coordinator reads; only differential privacy
 * excludes it.
 *
 * Source of (Σw)²/Σw²: Kish 1965, Survey Sampling.
 */

import { encodeContribution } from "../encoding/encode.ts";
import { EncodingRefusal } from "../encoding/refusal.ts";
import type { Contribution, Influence, SumLayout } from "../layout.ts";
import { type GateAnswer, type GateReason, type GateRefusal, holdBack, refuse } from "./refusal.ts";
import { release } from "./releasable.ts";

/** |η| beyond which exp(η) and p(1 − p) leave double precision; the bound of the vectors is derived with it. */
const LINEAR_PREDICTOR_MAX = 30;
const EFFECTIVE_ROWS_MIN = 10;

export interface GatePolicy {
  /** k. 0 only for public data: then only what holds always is asked. */
  readonly minimumCell: number;
  readonly sumCountMax: number;
  /** Sums of this run that this site has already contributed to. */
  readonly sumCountUsed: number;
}

export interface ContributionRequest {
  readonly layout: SumLayout;
  readonly contribution: Contribution;
  /** Members of the attempt: the bound must hold for the sum of all. */
  readonly siteCount: number;
  readonly policy: GatePolicy;
  /** Rows of this site's frozen table. */
  readonly rowCount: number;
  /** Rows by outcome class, for a classifier; left out for survival. */
  readonly classCounts?: readonly number[];
}

/**
 * Rules (b) and (d) of the minimum cell, and those that hold always: the cap on sums, |η| ≤ 30, no NaN, no infinity, nothing beyond its
 * bound.
 *
 * @returns the encoded vectors, or why not
 * Disclosure: the released bytes are clear; they still have to be masked. The refusal's detail stays inside.
 */
export function gateContribution(request: ContributionRequest): GateAnswer<Uint8Array> {
  const { layout, contribution, siteCount, policy } = request;
  checkPolicy(policy);
  const reason = alwaysRefused(request) ?? (policy.minimumCell === 0 ? undefined : refusedBelowCell(request));
  if (reason !== undefined) return refuse(reason);
  const encoded = encodeOrRefuse(layout, contribution, siteCount);
  if ("kind" in encoded) return encoded;
  return { kind: "released", released: release(encoded, rulesApplied(policy)) };
}

/** Kish's effective number of rows, (Σw)²/Σw², at most rowCount; undefined where the weights are no weights. */
export function effectiveRows({ weightSum, weightSquareSum }: Pick<Influence, "weightSum" | "weightSquareSum">): number | undefined {
  const effective = weightSum * (weightSum / weightSquareSum); // exact for equal weights of 1; the square of the sum could overflow
  return weightSum > 0 && weightSquareSum > 0 && Number.isFinite(effective) ? effective : undefined;
}

function checkPolicy({ minimumCell, sumCountMax, sumCountUsed }: GatePolicy): void {
  for (const value of [minimumCell, sumCountMax, sumCountUsed]) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`a policy holds ${value} where a whole number of at least 0 is needed`);
  }
}

function alwaysRefused({ contribution, policy }: ContributionRequest): GateReason | undefined {
  if (policy.sumCountUsed >= policy.sumCountMax) return "sums-used-up";
  // Written so that NaN is refused.
  if (!contribution.influence.every(({ linearPredictorMax }) => Math.abs(linearPredictorMax) <= LINEAR_PREDICTOR_MAX))
    return "linear-predictor-too-large";
  return undefined;
}

function refusedBelowCell({ contribution, policy, rowCount, classCounts }: ContributionRequest): GateReason | undefined {
  if (!(rowCount >= policy.minimumCell)) return "too-few-rows";
  if (classCounts?.some((count) => !(count >= policy.minimumCell))) return "too-few-in-a-class";
  for (const influence of contribution.influence) {
    const effective = effectiveRows(influence);
    if (effective === undefined || !(effective >= effectiveRowsMin(influence, policy))) return "few-rows-dominate";
    if (!(influence.parameterCount <= influence.totalRowCount / 3)) return "too-many-parameters";
  }
  return undefined;
}

function effectiveRowsMin({ effectiveRowsMin: own, parameterCount }: Influence, { minimumCell }: GatePolicy): number {
  return own === undefined ? Math.max(EFFECTIVE_ROWS_MIN, 2 * parameterCount) : Math.max(own, minimumCell);
}

function encodeOrRefuse(layout: SumLayout, contribution: Contribution, siteCount: number): Uint8Array | GateRefusal {
  try {
    return encodeContribution(layout, contribution, siteCount);
  } catch (error) {
    const problem = error instanceof EncodingRefusal ? error.problems[0] : undefined;
    if (problem === undefined) throw error;
    return holdBack(problem);
  }
}

function rulesApplied({ minimumCell, sumCountMax, sumCountUsed }: GatePolicy): string[] {
  const always = [`sum ${sumCountUsed + 1} of ${sumCountMax}`, `linear-predictor ${LINEAR_PREDICTOR_MAX}`, "bound"];
  return minimumCell === 0 ? [...always, "public-data"] : [...always, `minimum-cell ${minimumCell}`, "influence"];
}
