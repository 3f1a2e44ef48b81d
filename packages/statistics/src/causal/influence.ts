/**
 * Means over rows whose terms depend on an estimated model, and the share that each row has in their error.
 *
 * A target is a ratio θ = Σ num / Σ den over all rows, such as a weighted mean of an arm: num = w y, den = w. With ψ = num − θ den and a model
 * fitted by the score s(β) = Σ r x (r = y − μ of the model's own outcome), the stacked equations give each row the influence
 *
 *   h = (n / Σ den) (ψ + Dᵀ I⁻¹ r x),   D = Σ dψ/dβ,   I = the model's information,   Var θ = Σ h² / n²
 *
 * (the "sandwich" of the stacked equations, written row by row). Without the second term the weights are taken as known. Where each hospital
 * has an intercept α(β) of its own, dα/dβ = −x̄ takes it out of D and I, and the intercept's own error stays with its hospital's rows:
 *
 *   h = (n / Σ den) (ψ + c r + Dᵀ I⁻¹ r (x − x̄)),   D = Σ dψ/dη (x − x̄),   c = Σ dψ/dη / Σ w over the hospital's rows
 *
 * Source: Stefanski & Boos 2002, Am Stat 56:29; Lunceford & Davidian 2004, Stat Med 23:2937.
 */

import { sum } from "@dure/numerics";
import { sumColumns } from "@dure/numerics/kernels";
import { columnCentres, type ModelRows, type RowMeans } from "./own-intercept.ts";

/** By row. Slopes are derivatives by the model's linear predictor. */
export interface TargetTerms {
  readonly num: Float64Array;
  readonly den: Float64Array;
  readonly numSlope: Float64Array;
  readonly denSlope: Float64Array;
  /** Σ slope × column where the columns are not the model's own but those of the row under another treatment. */
  readonly columnSums?: (slopes: Float64Array) => Float64Array;
}

/** A model fitted on the same rows. */
export interface FittedModel {
  readonly rows: ModelRows;
  readonly means: RowMeans;
  readonly ownIntercept: boolean;
}

/** What does not change from target to target. */
export interface ModelScores {
  readonly rows: ModelRows;
  /** r by row. */
  readonly residual: Float64Array;
  /** x̄; zeros where hospitals share an intercept. */
  readonly centres: Float64Array;
  readonly weightSum: number;
  readonly ownIntercept: boolean;
}

export function modelScores({ rows, means, ownIntercept }: FittedModel): ModelScores {
  return {
    rows,
    residual: rows.outcome.map((y, i) => y - (means.mean[i] ?? 0)),
    centres: ownIntercept ? columnCentres(rows, means.weight) : new Float64Array(rows.featureCount),
    weightSum: sum(means.weight),
    ownIntercept,
  };
}

export const targetTotals = ({ num, den }: TargetTerms): readonly [num: number, den: number] => [sum(num), sum(den)];

/** ψ at the mean θ. */
export const targetErrors = ({ num, den }: TargetTerms, mean: number): Float64Array => num.map((value, i) => value - mean * (den[i] ?? 0));

const errorSlopes = ({ numSlope, denSlope }: TargetTerms, mean: number): Float64Array =>
  numSlope.map((value, i) => value - mean * (denSlope[i] ?? 0));

/** D, shape (p,): sums over hospitals. O(n p). */
export function slopeSums(terms: TargetTerms, mean: number, { rows, centres }: ModelScores): Float64Array {
  const slopes = errorSlopes(terms, mean);
  const total = sum(slopes);
  const { featureCount: columnCount, rowCount } = rows;
  const ownColumns = (weight: Float64Array): Float64Array =>
    sumColumns({ values: rows.features, columnCount, stride: rowCount }, { from: 0, to: rowCount, weight });
  return (terms.columnSums ?? ownColumns)(slopes).map((value, j) => value - total * (centres[j] ?? 0));
}

/**
 * h by row, without the factor n / Σ den.
 *
 * @param direction I⁻¹ D of all rows together, shape (p,)
 */
export function rowInfluence(
  terms: TargetTerms,
  mean: number,
  { scores, direction }: { readonly scores: ModelScores; readonly direction: ArrayLike<number> },
): Float64Array {
  const { rows, residual, centres, weightSum, ownIntercept } = scores;
  const { features, featureCount, rowCount } = rows;
  const influence = targetErrors(terms, mean);
  const own = ownIntercept ? sum(errorSlopes(terms, mean)) / weightSum : 0;
  const along = new Float64Array(rowCount).fill(own);
  for (let j = 0; j < featureCount; j++) {
    const share = direction[j] ?? Number.NaN;
    const centre = centres[j] ?? 0;
    for (let i = 0; i < rowCount; i++) along[i] = (along[i] ?? 0) + share * ((features[j * rowCount + i] ?? 0) - centre);
  }
  for (let i = 0; i < rowCount; i++) influence[i] = (influence[i] ?? 0) + (residual[i] ?? 0) * (along[i] ?? 0);
  return influence;
}

/** Σ h hᵀ of several targets, packed upper triangle by rows. O(n t²). */
export function influenceProducts(influences: readonly Float64Array[]): Float64Array {
  const cells = influences.flatMap((a, i) => influences.slice(i).map((b) => sum(a.map((value, row) => value * (b[row] ?? 0)))));
  return Float64Array.from(cells);
}
