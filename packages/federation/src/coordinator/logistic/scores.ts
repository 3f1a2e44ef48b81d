/**
 * The last round: histograms by class of the predicted probability, from which the pooled AUC follows with its error bound.
 *
 * Then the result, with coefficients taken back from the fit's uncorrelated columns to the columns' own units: b = B c on standardised
 * columns, then βⱼ = bⱼ / sⱼ,  β₀ = b₀ − Σ bⱼ mⱼ / sⱼ; together β = M c, and Cov β = M Cov c Mᵀ.
 */

import { packedDiagonal, transformSymmetric } from "@dure/numerics";
import type { Sum, SumLayout } from "@dure/privacy";
import { aucFromHistograms, waldStatistics } from "@dure/statistics";
import type { Absorbed } from "../../analysis.ts";
import type { FrozenModel, LogisticAnalysis, LogisticRegressionResult, Term } from "../../result.ts";
import { describeColumns } from "../described-columns.ts";
import type { Standardisation } from "../standardisation.ts";
import { withIntercept } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import type { LogisticDesign } from "./design.ts";
import { foldFits } from "./fits.ts";
import { outOfFoldLayout, readOutOfFold } from "./out-of-fold.ts";
import { scoreBinCount } from "./score-bins.ts";
import type { Counts, Fit, LogisticState, PhaseState } from "./state.ts";

export function scoresLayout(design: LogisticDesign, state: PhaseState<"scores">): SumLayout {
  const bound = state.counts.n;
  return {
    vectors: [
      { name: "negatives", length: scoreBinCount, encoding: "histogram", bound },
      { name: "positives", length: scoreBinCount, encoding: "histogram", bound },
      ...outOfFoldLayout(design, state),
    ],
  };
}

export function absorbScores(
  design: LogisticDesign,
  state: PhaseState<"scores">,
  sum: Sum,
): Absorbed<LogisticState, LogisticRegressionResult> {
  const histogram = aucFromHistograms(readVector(sum, "positives", scoreBinCount), readVector(sum, "negatives", scoreBinCount));
  const [fit] = state.fits;
  if (fit === undefined || fit.newton.kind !== "converged") throw new Error("scores are summed of a fit that converged");
  const own = ownUnits(design, state.standardisation, fit);
  const folds = foldFits(state.fits).map((left) =>
    left?.newton.kind === "converged" ? ownUnits(design, state.standardisation, left).model : null,
  );
  const analysis: LogisticAnalysis = {
    ...describeRows(design, state.counts, state.standardisation),
    iterations: fit.newton.iterations,
    outcome: "converged",
    terms: own.terms,
    logLikelihood: fit.newton.logLikelihood,
  };
  const outOfFold = readOutOfFold(design, state, sum);
  const pooled =
    histogram === undefined ? null : { auc: histogram.auc, aucBound: histogram.bound, ...(outOfFold === undefined ? {} : { outOfFold }) };
  const full = { ...own.model, covariance: own.covariance };
  return { kind: "done", result: { analysis, models: { full, folds }, pooled } };
}

/** What the counts and the moments tell, whatever becomes of the fit. */
export function describeRows(
  design: LogisticDesign,
  counts: Counts,
  standardisation: Standardisation | undefined,
): Pick<LogisticAnalysis, "kind" | "n" | "events" | "excluded" | "logLikelihoodNull" | "description"> {
  const { n, classes } = counts;
  const { excluded, description } = describeColumns(design, { n, excluded: counts.excluded, standardisation });
  const logLikelihoodNull = classes.reduce((total, rows) => total + rows * Math.log(rows / n), 0);
  return { kind: "logistic-regression", n, events: classes[1], excluded, logLikelihoodNull, description };
}

function ownUnits(
  design: LogisticDesign,
  standardisation: Standardisation,
  fit: Fit,
): { readonly model: FrozenModel; readonly covariance: readonly number[]; readonly terms: readonly Term[] } {
  const { newton } = fit;
  if (newton.kind !== "converged") throw new Error("only a converged fit has coefficients");
  const order = design.terms.length;
  const matrix = backToOwnUnits(standardisation);
  const coefficients = design.terms.map((_, i) =>
    newton.params.reduce((total, value, j) => total + entry(matrix, i * order + j) * value, 0),
  );
  const covariance = transformSymmetric(newton.covariance, matrix, order);
  const errors = [...packedDiagonal(covariance, order)].map(Math.sqrt);
  const terms = design.terms.map((name, i): Term => {
    const [estimate, standardError] = [entry(coefficients, i), entry(errors, i)];
    return { name, estimate, standardError, ...waldStatistics(estimate, standardError) };
  });
  return { model: { terms: design.terms, coefficients }, covariance: [...covariance], terms };
}

/** M, row-major, intercept first. */
function backToOwnUnits(standardisation: Standardisation): Float64Array {
  const { means, standardDeviations } = standardisation;
  const order = means.length + 1;
  const matrix = Float64Array.from(withIntercept(standardisation));
  for (let column = 0; column < order; column++) {
    for (let i = 1; i < order; i++) {
      const slope = entry(matrix, i * order + column) / entry(standardDeviations, i - 1);
      matrix[i * order + column] = slope;
      matrix[column] = entry(matrix, column) - slope * entry(means, i - 1);
    }
  }
  return matrix;
}
