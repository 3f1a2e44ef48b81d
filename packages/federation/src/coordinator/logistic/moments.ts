/**
 * Two rounds for means and standard deviations: first Σ x and Σ x², then Σ (x − m) and Σ (x − m)².
 *
 * Σ x² − n m² loses every digit where the mean is large against the spread (a year of birth loses six). So the first round gives
 * only the centre and the magnitude, and the spread is summed around the centre, in units of the magnitude. These rounds always run:
 * `standardise: false` means raw columns in a penalty and in the report, but fits work on standardised columns, where bounds hold
 * for any units and the condition of the information does not depend on them.
 */

import type { Sum, SumLayout } from "@dure/privacy";
import { momentsFromCentred } from "@dure/statistics";
import type { Absorbed } from "../../analysis.ts";
import type { LogisticRegressionResult } from "../../result.ts";
import type { LogisticDesign } from "./design.ts";
import { startFits } from "./fits.ts";
import type { LogisticState, PhaseState } from "./state.ts";
import { entry, readVector } from "./sum-reading.ts";

/** The bound of the first round, which nothing can be derived from yet: 100 sites stay below 2^62. */
export const momentsBound = 2 ** 55;
/** A root mean square below this is lost in the encoding's 2^-64: choose another unit. Counted as constant. */
const MAGNITUDE_MIN = 2 ** -28;
/** A standard deviation of 1e-10 of the magnitude keeps six digits; below, the column is constant. */
const RELATIVE_VARIANCE_MIN = 1e-20;

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
  const sums = readVector(sum, "sums", design.features.length);
  const magnitudes = readVector(sum, "squares", design.features.length).map((square) => Math.sqrt(Math.max(0, square) / n));
  const columns = design.features.filter((_, j) => entry(magnitudes, j) < MAGNITUDE_MIN).map((feature) => feature.name);
  if (columns.length > 0) return { kind: "refused", refusal: { code: "constant-column", columns } };
  const centre = { means: sums.map((value) => value / n), scales: magnitudes.map((magnitude) => 2 ** Math.round(Math.log2(magnitude))) };
  return { kind: "continue", state: { phase: "centred", counts: state.counts, centre } };
}

/**
 * With z = (x − m) / s and s within √2 of the root mean square: Σ z² ≤ Σ x² / s² ≤ 2 n over all sites, so over one,
 * and |Σ z| ≤ √(n Σ z²) ≤ √2 n. Twice that leaves room for the rounding of m.
 */
export function centredLayout(design: LogisticDesign, state: PhaseState<"centred">): SumLayout {
  const length = design.features.length;
  const bound = 4 * state.counts.n;
  return {
    vectors: [
      { name: "deviations", length, encoding: "wide", bound },
      { name: "squares", length, encoding: "wide", bound },
    ],
  };
}

export function absorbCentred(design: LogisticDesign, state: PhaseState<"centred">, sum: Sum): Step {
  const { n } = state.counts;
  const deviations = readVector(sum, "deviations", design.features.length);
  const squares = readVector(sum, "squares", design.features.length);
  const scaled = design.features.map((_, j) =>
    momentsFromCentred({ n, mean: 0, sum: entry(deviations, j), sumOfSquares: entry(squares, j) }),
  );
  const spreads = scaled.map(({ standardDeviation }) => standardDeviation ?? 0);
  const columns = design.features.filter((_, j) => !(entry(spreads, j) ** 2 > RELATIVE_VARIANCE_MIN)).map((feature) => feature.name);
  if (columns.length > 0) return { kind: "refused", refusal: { code: "constant-column", columns } };
  const { means, scales } = state.centre;
  const standardisation = {
    means: means.map((mean, j) => mean + entry(scales, j) * (scaled[j]?.mean ?? 0)),
    standardDeviations: spreads.map((spread, j) => entry(scales, j) * spread),
  };
  return { kind: "continue", state: { phase: "newton", counts: state.counts, standardisation, fits: startFits(design, state.counts) } };
}
