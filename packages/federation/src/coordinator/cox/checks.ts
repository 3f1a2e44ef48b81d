/**
 * The last round, at the fitted coefficients: pairs for Harrell's C, and the sums of the proportional hazards test. Then the result, with
 * coefficients taken back to the columns' own units: β = M c with M(j, i) = basis(j, i) / sⱼ, Cov β = M Cov c Mᵀ.
 *
 * Bounds of one site's entries, n persons and D events in all: pairs of persons are below n²/2, for two meet once, at the first one's
 * event; a person's own share in them, divided by n so that
 * the bound does not grow with n³, is at most 1. Times are divided by their root mean square over all events, so Σ g² = D over events,
 * Σ g ≤ D by Cauchy, and the bounds of score and information hold for the weighted sums too.
 */

import { chiSquaredUpperTail, factorCholesky, invertCholesky, packedDiagonal, packedLength, transformSymmetric } from "@dure/numerics";
import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import { type CoxConverged, concordanceOf, proportionalHazardsTest, type TimeInteraction, waldStatistics } from "@dure/statistics";
import type { Absorbed } from "../../analysis.ts";
import type {
  ChiSquaredTest,
  Concordance,
  CoxAnalysis,
  CoxResult,
  CoxTerm,
  FrozenCoxModel,
  ProportionalHazards,
} from "../../cox-result.ts";
import { describeColumns } from "../described-columns.ts";
import { foldCount } from "../folds.ts";
import type { Standardisation } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import type { CoxDesign } from "./design.ts";
import { gradientBound, informationBound } from "./fits.ts";
import type { CoxCounts, CoxFit, CoxPhase, CoxState } from "./state.ts";

export function checksLayout(design: CoxDesign, { counts }: CoxPhase<"checks">): SumLayout {
  const order = design.features.length;
  const [n] = counts.cases;
  const wide = (name: string, length: number, bound: number): VectorLayout => ({ name, length, encoding: "wide", bound });
  return {
    vectors: [
      wide("pairs", 4, n * n),
      wide("pairSquares", 3, n),
      wide("timeGradient", order, gradientBound(counts)),
      wide("timeCross", packedLength(order), informationBound(counts)),
      wide("timeInformation", packedLength(order), informationBound(counts)),
    ],
  };
}

export function absorbChecks(design: CoxDesign, state: CoxPhase<"checks">, sum: Sum): Absorbed<CoxState, CoxResult> {
  const [full, ...folds] = state.fits;
  if (full === undefined || full.newton.kind !== "converged") throw new Error("checks are summed of a fit that converged");
  const { newton } = full;
  const order = design.features.length;
  const byTime = {
    score: readVector(sum, "timeGradient", order),
    cross: readVector(sum, "timeCross", packedLength(order)),
    squared: readVector(sum, "timeInformation", packedLength(order)),
  };
  const analysis = fittedAnalysis(design, state, { newton, sum, byTime });
  const covariance = [...transformSymmetric(newton.covariance, ownUnits(state.standardisation), order)];
  const models = {
    full: { ...frozen(design, state, full), covariance },
    folds: folds.length === foldCount ? folds.map((fit) => frozenFold(design, state, fit)) : [],
  };
  return { kind: "done", result: { analysis, models } };
}

export interface FitFigures {
  readonly newton: CoxConverged;
  /** Holds the pairs. */
  readonly sum: Sum;
  /** Of the test of proportional hazards, on the fit's own columns. */
  readonly byTime: { readonly [Part in keyof TimeInteraction]: ArrayLike<number> };
}

interface Known {
  readonly counts: CoxCounts;
  readonly standardisation: Standardisation;
}

/** Everything that a converged fit tells, on the columns' own units. */
export function fittedAnalysis(design: CoxDesign, known: Known, { newton, sum, byTime }: FitFigures): CoxAnalysis {
  const concordance = readConcordance(sum, known.counts.cases[0]);
  const proportionalHazards = testProportionalHazards(design, known.standardisation, { newton, byTime });
  const df = newton.params.length;
  const test = (chisq: number): ChiSquaredTest => ({ chisq, df, p: chiSquaredUpperTail(Math.max(0, chisq), df) });
  return {
    ...describeRows(design, known.counts, known.standardisation),
    iterations: newton.iterations,
    outcome: "converged",
    terms: ownTerms(design, known.standardisation, newton),
    logLikelihood: newton.logLikelihood,
    logLikelihoodNull: newton.logLikelihoodNull,
    tests: {
      likelihoodRatio: test(2 * (newton.logLikelihood - newton.logLikelihoodNull)),
      score: test(newton.scoreTest),
      wald: test(newton.waldTest),
    },
    ...(concordance === undefined ? {} : { concordance }),
    ...(proportionalHazards === undefined ? {} : { proportionalHazards }),
  };
}

/** What the counts and the moments tell, whatever becomes of the fit. */
export function describeRows(design: CoxDesign, { cases, rows, excluded }: CoxCounts, standardisation: Standardisation | undefined) {
  const [n, events] = cases;
  const { ties, grid, cause, person } = design;
  return {
    kind: "cox",
    ties,
    ...(grid === undefined ? { strata: "site" as const } : {}),
    ...(cause.label === undefined ? {} : { cause: cause.label }),
    n,
    ...(person === undefined ? {} : { rows }),
    events,
    ...describeColumns(design, { n: rows, excluded, standardisation }),
  } as const;
}

/** M, row-major: coefficients on the columns' own units = M × coefficients of the fit's columns. */
function ownUnits({ basis, standardDeviations }: Standardisation): Float64Array {
  const order = standardDeviations.length;
  return Float64Array.from(basis, (value, cell) => value / entry(standardDeviations, Math.floor(cell / order)));
}

const multiply = (matrix: Float64Array, params: readonly number[]): readonly number[] =>
  params.map((_, i) => params.reduce((total, value, j) => total + entry(matrix, i * params.length + j) * value, 0));

function ownTerms(design: CoxDesign, standardisation: Standardisation, newton: CoxConverged): readonly CoxTerm[] {
  const matrix = ownUnits(standardisation);
  const estimates = multiply(matrix, newton.params);
  const order = estimates.length;
  const errors = packedDiagonal(transformSymmetric(newton.covariance, matrix, order), order).map(Math.sqrt);
  return design.names.map((name, j): CoxTerm => {
    const [estimate, standardError] = [entry(estimates, j), entry(errors, j)];
    const wald = waldStatistics(estimate, standardError);
    const [low, high] = wald.ci95;
    return { name, estimate, standardError, ...wald, hazardRatio: { estimate: Math.exp(estimate), ci95: [Math.exp(low), Math.exp(high)] } };
  });
}

function frozen(design: CoxDesign, { standardisation }: CoxPhase<"checks">, { newton }: CoxFit): FrozenCoxModel {
  if (newton.kind !== "converged") throw new Error("only a converged fit has coefficients");
  return frozenModel(design, standardisation, newton);
}

export const frozenModel = ({ names }: CoxDesign, standardisation: Standardisation, { params }: CoxConverged): FrozenCoxModel => ({
  terms: names,
  coefficients: multiply(ownUnits(standardisation), params),
  centre: standardisation.means,
});

const frozenFold = (design: CoxDesign, state: CoxPhase<"checks">, fit: CoxFit): FrozenCoxModel | null =>
  fit.newton.kind === "converged" ? frozen(design, state, fit) : null;

function readConcordance(sum: Sum, n: number): Concordance | undefined {
  const [concordant = 0, discordant = 0, tiedX = 0, tiedY = 0] = readVector(sum, "pairs", 4);
  const [aa = 0, ab = 0, bb = 0] = readVector(sum, "pairSquares", 3).map((value) => value * n * n);
  const found = concordanceOf({ concordant, discordant, tiedX, tiedY, squares: [aa, ab, bb] });
  return found === undefined ? undefined : { ...found, concordant, discordant, tiedX, tiedY };
}

/** The score in own units is M⁻ᵀ u, for the log-likelihood's slope along β is that along c through c = M⁻¹ β; its matrices likewise. */
function testProportionalHazards(
  design: CoxDesign,
  standardisation: Standardisation,
  { newton, byTime }: Pick<FitFigures, "newton" | "byTime">,
): ProportionalHazards | undefined {
  const order = design.features.length;
  const factored = factorCholesky(newton.covariance, order);
  if (factored.kind === "dependent") return undefined;
  const back = invertUpper(ownUnits(standardisation), order).map((_, cell, inverse) =>
    entry(inverse, (cell % order) * order + Math.floor(cell / order)),
  );
  const own = (packed: ArrayLike<number>): Float64Array => transformSymmetric(packed, back, order);
  const test = proportionalHazardsTest(own(invertCholesky(factored)), {
    score: multiply(back, Array.from(byTime.score)),
    cross: own(byTime.cross),
    squared: own(byTime.squared),
  });
  if (test === undefined) return undefined;
  const terms = design.names.map((name, j) => ({ name, ...(test.columns[j] ?? test.global) }));
  return { transform: "identity", terms, global: test.global };
}

/** The inverse of an upper triangular matrix, row-major. */
function invertUpper(matrix: Float64Array, order: number): Float64Array {
  const inverse = new Float64Array(order * order);
  for (let j = 0; j < order; j++) {
    for (let i = j; i >= 0; i--) {
      let value = i === j ? 1 : 0;
      for (let k = i + 1; k <= j; k++) value -= entry(matrix, i * order + k) * entry(inverse, k * order + j);
      inverse[i * order + j] = value / entry(matrix, i * order + i);
    }
  }
  return inverse;
}
