/**
 * Two rounds for means, standard deviations and correlations: first Σ x and Σ x², then the same and Σ x x' around the mean.
 *
 * Σ x² − n m² loses every digit where the mean is large against the spread (a year of birth loses six). So the first round gives
 * only the centre and the size, and the spread is summed around the centre, in units near the spread. The products tell the correlation
 * of the columns, as the first information matrix would. These rounds always run: `standardise: false` means raw columns in a
 * penalty and in the report, but fits work on standardised, uncorrelated columns, where bounds hold for any units and rounding is
 * not magnified by the condition of the information.
 */

import { factorCholesky, packedIndex, packedLength, whitenCholesky } from "@dure/numerics";
import type { Sum, SumLayout } from "@dure/privacy";
import { momentsFromCentred } from "@dure/statistics";
import type { Absorbed } from "../../analysis.ts";
import type { LogisticRegressionResult } from "../../result.ts";
import type { LogisticDesign } from "./design.ts";
import { startFits } from "./fits.ts";
import type { LogisticState, PhaseState, Standardisation } from "./state.ts";
import { entry, readVector } from "./sum-reading.ts";

/** The bound of the first round, which nothing can be derived from yet: 100 sites stay below 2^62. */
const momentsBound = 2 ** 55;
/** A root mean square below this is lost in the encoding's 2^-64: choose another unit. Counted as constant. */
const MAGNITUDE_MIN = 2 ** -28;
/** Σ x² / n − m² is noise below these: the rounding of doubles against the magnitude, and the encoding's 2^-64 a site. */
const ROUGH_VARIANCE_MIN = { relative: 1e-14, absolute: 2 ** -60 };
/** A standard deviation of 1e-10 of the magnitude keeps six digits; below, the column is constant. */
const RELATIVE_SPREAD_MIN = 1e-10;

type Step = Absorbed<LogisticState, LogisticRegressionResult>;

export function momentsLayout(design: LogisticDesign): SumLayout {
  const length = design.features.length;
  return {
    vectors: [
      { name: "sums", length, encoding: "wide", bound: momentsBound },
      { name: "squares", length, encoding: "wide", bound: momentsBound },
    ],
  };
}

export function absorbMoments(design: LogisticDesign, state: PhaseState<"moments">, sum: Sum): Step {
  const { n } = state.counts;
  const means = readVector(sum, "sums", design.features.length).map((value) => value / n);
  const meanSquares = readVector(sum, "squares", design.features.length).map((square) => Math.max(0, square) / n);
  const magnitudes = meanSquares.map(Math.sqrt);
  const columns = design.features.filter((_, j) => entry(magnitudes, j) < MAGNITUDE_MIN).map((feature) => feature.name);
  if (columns.length > 0) return { kind: "refused", refusal: { code: "constant-column", columns } };
  const scales = meanSquares.map((square, j) => {
    const rough = Math.max(square - entry(means, j) ** 2, ROUGH_VARIANCE_MIN.relative * square, ROUGH_VARIANCE_MIN.absolute);
    return 2 ** Math.round(Math.log2(rough) / 2);
  });
  return { kind: "continue", state: { phase: "centred", counts: state.counts, centre: { means, scales, magnitudes } } };
}

/**
 * With z = (x − m) / s and s² within a factor 2 of the variance, or above it where that was noise: Σ z² ≤ 2.2 n over all sites, so over
 * one, and |Σ z|, |Σ z z'| ≤ 2.2 n by Cauchy.
 */
export function centredLayout(design: LogisticDesign, state: PhaseState<"centred">): SumLayout {
  const length = design.features.length;
  const bound = 4 * state.counts.n;
  return {
    vectors: [
      { name: "deviations", length, encoding: "wide", bound },
      { name: "products", length: packedLength(length), encoding: "wide", bound },
    ],
  };
}

export function absorbCentred(design: LogisticDesign, state: PhaseState<"centred">, sum: Sum): Step {
  const { n } = state.counts;
  const order = design.features.length;
  const { means, scales, magnitudes } = state.centre;
  const deviations = readVector(sum, "deviations", order);
  const products = readVector(sum, "products", packedLength(order));
  const scaled = scales.map((_, j) =>
    momentsFromCentred({ n, mean: 0, sum: entry(deviations, j), sumOfSquares: entry(products, packedIndex(order, j, j)) }),
  );
  const standardDeviations = scales.map((scale, j) => scale * (scaled[j]?.standardDeviation ?? 0));
  const isConstant = (j: number): boolean => !(entry(standardDeviations, j) > RELATIVE_SPREAD_MIN * entry(magnitudes, j));
  const columns = design.features.filter((_, j) => isConstant(j)).map((feature) => feature.name);
  if (columns.length > 0) return { kind: "refused", refusal: { code: "constant-column", columns } };
  const correlation = correlations({ n, deviations, products, spreads: scaled.map((moments) => moments.standardDeviation ?? 0) });
  const factored = factorCholesky(correlation, order);
  if (factored.kind === "dependent") {
    const name = design.features[factored.columnIndex]?.name ?? "";
    return { kind: "refused", refusal: { code: "collinear-column", columns: [name] } };
  }
  const standardisation: Standardisation = {
    means: means.map((mean, j) => mean + entry(scales, j) * (scaled[j]?.mean ?? 0)),
    standardDeviations,
    basis: [...whitenCholesky(factored)],
  };
  return {
    kind: "continue",
    state: { phase: "newton", counts: state.counts, standardisation, fits: startFits(design, state.counts) },
  };
}

interface CentredSums {
  readonly n: number;
  readonly deviations: readonly number[];
  readonly products: readonly number[];
  readonly spreads: readonly number[];
}

/** (Σ z z' − Σ z Σ z' / n) / ((n − 1) s s'), packed. */
function correlations({ n, deviations, products, spreads }: CentredSums): Float64Array {
  const order = spreads.length;
  const out = new Float64Array(packedLength(order));
  for (let i = 0; i < order; i++) {
    for (let j = i; j < order; j++) {
      const cell = packedIndex(order, i, j);
      const covariance = (entry(products, cell) - (entry(deviations, i) * entry(deviations, j)) / n) / (n - 1);
      out[cell] = covariance / (entry(spreads, i) * entry(spreads, j));
    }
  }
  return out;
}
