/** How well a classifier does on rows that it was not fitted to, or on score histograms of such rows: one set of figures, suppressed alike. */

import { aucFromHistograms } from "../discrimination.ts";
import { averagePrecision, averagePrecisionOfHistograms, brierScore } from "./average-precision.ts";
import { type Decision, decisionAt, type NetBenefit, netBenefitAt } from "./decisions.ts";
import { countByRisk, countByRiskOfHistograms, keepCuts, type RiskCounts } from "./risk-intervals.ts";

/** What the study asks for. */
export interface PerformanceRequest {
  /** Ascending; may be empty. */
  readonly thresholds: readonly number[];
  readonly decisionCurve: boolean;
  /** Least rows of either class between two thresholds that are told. */
  readonly minimumCell: number;
}

export interface ClassifierPerformance {
  readonly averagePrecision: number;
  readonly brier: number;
  /** 1 − Brier score / that of giving everybody the share with the outcome. */
  readonly scaledBrier: number;
  /** At the study's thresholds; those between which too few patients lie are left out. */
  readonly decisions: readonly Decision[];
  /** Where the study asks for it. */
  readonly decisionCurve?: readonly NetBenefit[];
}

/** Every per cent. */
const CURVE_THRESHOLDS = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

/**
 * @param eta     shape (n,), linear predictor of log-odds of rows that the model was not fitted to
 * @param outcome shape (n,), 0 or 1
 * @returns undefined where a class is empty
 * Numerics: O(n log n).
 * Disclosure: any two thresholds that are told have at least minimumCell rows of either class between them.
 */
export function classifierPerformance(
  eta: Float64Array,
  outcome: Float64Array,
  request: PerformanceRequest,
): ClassifierPerformance | undefined {
  const precision = averagePrecision(eta, outcome);
  if (precision === undefined) return undefined;
  const share = outcome.reduce((total, value) => total + value, 0) / outcome.length;
  const told = tell(request, (cuts) => countByRisk(eta, outcome, cuts));
  return { averagePrecision: precision, ...brier(brierScore(eta, outcome), share), ...told };
}

export interface ScoreHistograms {
  /** Rows of class 0 by bin of risk, bins of equal width over 0 to 1. */
  readonly negatives: readonly number[];
  readonly positives: readonly number[];
  /** Σ (risk − outcome)² over all rows. */
  readonly squaredErrors: number;
}

export interface PooledPerformance extends ClassifierPerformance {
  readonly auc: number;
  /** How far the AUC of the rows themselves can be away. */
  readonly aucBound: number;
  readonly n: number;
  readonly events: number;
}

/** As `classifierPerformance`, of all hospitals together. Thresholds count at the nearest edge of a bin. O(bins × thresholds). */
export function pooledPerformance(histograms: ScoreHistograms, request: PerformanceRequest): PooledPerformance | undefined {
  const { negatives, positives, squaredErrors } = histograms;
  const precision = averagePrecisionOfHistograms(negatives, positives);
  const area = aucFromHistograms(positives, negatives);
  if (precision === undefined || area === undefined) return undefined;
  const [zeros, events] = [total(negatives), total(positives)];
  const n = zeros + events;
  return {
    n,
    events,
    auc: area.auc,
    aucBound: area.bound,
    averagePrecision: precision,
    ...brier(squaredErrors / n, events / n),
    ...tell(request, (cuts) => countByRiskOfHistograms(negatives, positives, cuts)),
  };
}

/** The study's thresholds, as far as they may be told of all groups alike. Empty groups, and groups without a class, hide them all. */
export function groupDecisions(
  groups: readonly ((cuts: readonly number[]) => RiskCounts)[],
  { thresholds, minimumCell }: PerformanceRequest,
): readonly (readonly Decision[])[] {
  const counts = groups.map((count) => count(thresholds));
  const kept = keepCuts(counts, minimumCell, { candidates: thresholds.map((_, cut) => cut) });
  return counts.map((of) => kept.flatMap((cut) => decisionAt(of, thresholds, cut) ?? []));
}

type Told = Pick<ClassifierPerformance, "decisions" | "decisionCurve">;

/** The study's own thresholds come first; the curve's stand between them. */
function tell(request: PerformanceRequest, count: (cuts: readonly number[]) => RiskCounts): Told {
  const { thresholds, decisionCurve, minimumCell } = request;
  const cuts = decisionCurve ? [...new Set([...thresholds, ...CURVE_THRESHOLDS])].sort((a, b) => a - b) : thresholds;
  const counts = count(cuts);
  const numberOf = (threshold: number): number => cuts.indexOf(threshold);
  const own = keepCuts([counts], minimumCell, { candidates: thresholds.map(numberOf) });
  const decisions = own.flatMap((cut) => decisionAt(counts, cuts, cut) ?? []);
  if (!decisionCurve) return { decisions };
  const all = keepCuts([counts], minimumCell, { candidates: cuts.map((_, cut) => cut), kept: own });
  return { decisions, decisionCurve: all.map((cut) => netBenefitAt(counts, cuts, cut)) };
}

const brier = (score: number, share: number) => ({ brier: score, scaledBrier: 1 - score / (share * (1 - share)) });

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
