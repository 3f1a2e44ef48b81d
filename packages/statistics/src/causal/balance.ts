/**
 * How alike two arms are, column by column: the standardised mean difference, before weighting and after.
 *
 *   d = (x̄₁ − x̄₀) / √((s₁² + s₀²) / 2)
 *
 * The denominator is of the unweighted arms whatever weights the means have, so that a change of d is one of the means. Below 0.1 is called
 * balanced. Source: Austin & Stuart 2015, Stat Med 34:3661; Austin 2009, Stat Med 28:3083.
 */

/** Of one arm: Σ w, Σ w x and Σ w x² of one column. */
export interface ArmSums {
  readonly weightSum: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

export interface ColumnBalance {
  readonly untreatedMean: number;
  readonly treatedMean: number;
  readonly standardisedDifference: number;
}

/** √((s₁² + s₀²) / 2) with n − 1; 0 where a column is constant within both arms. @param arms unweighted */
export function pooledDeviation(arms: readonly [ArmSums, ArmSums]): number {
  const variance = ({ weightSum: n, sum, sumOfSquares }: ArmSums): number => Math.max(0, (sumOfSquares - (sum * sum) / n) / (n - 1));
  return Math.sqrt((variance(arms[0]) + variance(arms[1])) / 2);
}

/** @param arms untreated, treated; of any weights */
export function columnBalance(arms: readonly [ArmSums, ArmSums], deviation: number): ColumnBalance {
  const [untreatedMean, treatedMean] = [arms[0].sum / arms[0].weightSum, arms[1].sum / arms[1].weightSum];
  const difference = treatedMean - untreatedMean;
  return { untreatedMean, treatedMean, standardisedDifference: difference === 0 ? 0 : difference / deviation };
}
