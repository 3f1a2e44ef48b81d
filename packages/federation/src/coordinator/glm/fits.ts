/**
 * The Newton rounds. The full model, the model without features and, where tests ask for them, the models without one term advance
 * together, one sum for all that are not finished.
 *
 * Sites know one space of coefficients: intercept and uncorrelated columns u, all of them. A model without a term lives in a subspace of it,
 * c = N d, where d are the coefficients of uncorrelated combinations of the columns that stay; the coordinator takes the gradient there as Nᵀ g
 * and the information as Nᵀ I N. So no site makes another matrix, and at the end the same sums hold the score test of what was left out.
 *
 * Bounds of one site's entries. With Σ u² < n over all rows, n rows, weights a, A = √Σ a²: by Cauchy |Σ a s u| ≤ √(Σ a² s²) √n, and u² < n.
 * Of a linear family Σ a (y − η)² is at most 64 Σ a (a good fit leaves 4); of a logistic |s| ≤ 1 and w ≤ ¼; of counts Σ a μ is at most
 * 16 (T + 1)(1 + log(n + 1)) with T = Σ a y, beyond which the model without features is better; of a Gamma family Σ a y/μ is at most
 * 1024 Σ a. A site beyond its bound at some trial point answers as if rows had no mean there: with zeros and a mark, and the fit steps back.
 * All are divided by a power of two near their total weight, so that what is encoded is near 1.
 */

import { packedLength } from "@dure/numerics";
import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import { absorbGlm, beginNewton, type GlmContribution, glmStart, type NewtonState, type OutcomeTotals } from "@dure/statistics";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { GlmResult } from "../../glm-result.ts";
import { entry, readVector } from "../sum-reading.ts";
import { type GlmDesign, hasTheta, interceptName, isCounted, siteOrder } from "./design.ts";
import type { GlmFit, GlmKnown, GlmPhase, GlmState } from "./state.ts";
import { congruence, intoSubspace, subspaceOf } from "./subspace.ts";

/** Where every fit starts: the model without features. */
export const startOf = (design: GlmDesign, totals: OutcomeTotals): readonly number[] =>
  glmStart(design.model, totals, design.features.length);

export function startFits(design: GlmDesign, totals: OutcomeTotals): readonly GlmFit[] {
  const all = design.features.map((_, j) => j);
  const fit = (name: string, columns: readonly number[], isByHospital = false): GlmFit => {
    const start = glmStart(design.model, totals, columns.length);
    return { name, columns, isByHospital, newton: beginNewton(design.hasOwnIntercepts ? start.slice(1) : start) };
  };
  const left = design.tests.length === 0 ? [] : design.terms;
  const without = left.filter(({ columns }) => columns.length < all.length);
  return [
    fit("full", all),
    fit("null", []),
    ...(needsReduced(design)
      ? without.map(({ name, columns }) =>
          fit(
            `without ${name}`,
            all.filter((j) => !columns.includes(j)),
          ),
        )
      : []),
    ...(design.comparedColumns.length === 0
      ? []
      : [
          fit(
            "by hospital",
            all.filter((j) => !design.comparedColumns.includes(j)),
            true,
          ),
        ]),
  ];
}

const needsReduced = ({ tests }: GlmDesign): boolean => tests.some((kind) => kind !== "wald");

export const runningFits = (fits: readonly GlmFit[]): readonly GlmFit[] => fits.filter((fit) => fit.newton.kind === "running");

export function newtonLayout(design: GlmDesign, state: GlmPhase<"newton">): SumLayout {
  const order = siteOrder(design);
  const { n } = state.counts;
  const bounds = boundsOf(design, state);
  const wide = (name: string, length: number, bound: number): VectorLayout => ({ name, length, encoding: "wide", bound });
  const marks = (name: string, length: number): VectorLayout => ({ name, length, encoding: "histogram", bound: n });
  const vectors = runningFits(state.fits).flatMap(({ name, isByHospital }): VectorLayout[] => [
    wide(`${name}/logLikelihood`, 1, bounds.logLikelihood),
    wide(`${name}/gradient`, order, bounds.gradient),
    wide(`${name}/information`, packedLength(order), bounds.information),
    marks(`${name}/extremes`, 2),
    marks(`${name}/outside`, 1),
    ...(isByHospital ? [marks(`${name}/withoutEffect`, 1)] : []),
  ]);
  return { vectors };
}

/** A power of two near the total weight of the information. */
export const unitOf = (design: GlmDesign, { sums }: Pick<GlmKnown, "sums">): number =>
  2 ** Math.floor(Math.log2(isCounted(design) ? sums.sum : sums.weight));

export interface GlmBounds {
  readonly logLikelihood: number;
  readonly gradient: number;
  readonly information: number;
}

/** Of entries divided by the unit; the comment above derives them. */
export function boundsOf(design: GlmDesign, { counts: { n }, sums, totals }: Pick<GlmKnown, "counts" | "sums" | "totals">): GlmBounds {
  const unit = unitOf(design, { sums });
  const { weight, weightSquares } = sums;
  const [root, largest] = [Math.sqrt(n), Math.sqrt(weightSquares)];
  const of = (logLikelihood: number, gradient: number, information: number): GlmBounds => ({
    logLikelihood: (logLikelihood + 1) / unit,
    gradient: (gradient + 1) / unit,
    information: (information + 1) / unit,
  });
  switch (design.model.family) {
    case "linear":
      return of(32 * weight, 8 * Math.sqrt(weight * largest * n), largest * n);
    case "logistic":
      return of(31 * weight, largest * root, (largest * n) / 4);
    case "gamma": {
      const gradient = design.model.link === "inverse" ? 1024 * weight + totals.sum : 1025 * weight;
      const information = (design.model.link === "inverse" ? 2 ** 20 : 1024) * weight * n;
      return of(1100 * weight + 1024 * totals.sum, gradient * root, information);
    }
    default: {
      const means = 16 * (sums.sum + 1) * (1 + Math.log(n + 1));
      const perCount = 100 + 2 * Math.log(Math.sqrt(totals.squares) + 2);
      return of(perCount * sums.sum + means + 60 * weight, 2 * (sums.sum + means) * root, 6 * (sums.sum + means) * n);
    }
  }
}

export function absorbNewtonRound(design: GlmDesign, state: GlmPhase<"newton">, sum: Sum): Absorbed<GlmState, GlmResult> {
  const fits = state.fits.map((fit) => advance(design, fit, { state, sum }));
  const refusal = findRefusal(design, fits);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const isFinished = fits.every((fit) => fit.newton.kind !== "running");
  return { kind: "continue", state: { ...state, phase: isFinished ? "summary" : "newton", fits } };
}

interface Opened {
  readonly state: GlmPhase<"newton">;
  readonly sum: Sum;
}

function advance(design: GlmDesign, fit: GlmFit, { state, sum }: Opened): GlmFit {
  if (fit.newton.kind !== "running") return fit;
  const withoutEffect = fit.isByHospital ? entry(readVector(sum, `${fit.name}/withoutEffect`, 1), 0) : 0;
  if (withoutEffect > 0) return { ...fit, newton: { kind: "not-converged", columns: [], iterations: 0 } };
  const whole = readContribution(design, fit.name, { sum, unit: unitOf(design, state) });
  const space = subspaceOf(design, state.standardisation, fit.columns);
  if (space.order === 0) return { ...fit, newton: settled(whole.logLikelihood) };
  const sums = {
    ...whole,
    gradient: intoSubspace(space, whole.gradient),
    information: congruence(space, whole.information),
  };
  const options = { n: state.counts.n, basis: space.basis, withoutIntercept: design.hasOwnIntercepts };
  return { ...fit, newton: absorbGlm(design.model, fit.newton, sums, options) };
}

/** Without a coefficient there is nothing to find. */
const settled = (logLikelihood: number): NewtonState => ({
  kind: "converged",
  params: [],
  covariance: [],
  logLikelihood,
  iterations: 1,
  start: { errors: [], logLikelihood, scoreTest: 0 },
});

function readContribution(design: GlmDesign, name: string, { sum, unit }: { sum: Sum; unit: number }): GlmContribution {
  const order = siteOrder(design);
  const [low, high] = readVector(sum, `${name}/extremes`, 2);
  return {
    logLikelihood: unit * entry(readVector(sum, `${name}/logLikelihood`, 1), 0),
    gradient: Float64Array.from(readVector(sum, `${name}/gradient`, order), (value) => unit * value),
    information: Float64Array.from(readVector(sum, `${name}/information`, packedLength(order)), (value) => unit * value),
    outsideCount: entry(readVector(sum, `${name}/outside`, 1), 0),
    extremeCounts: [low ?? 0, high ?? 0],
    weightSum: 0,
    weightSquareSum: 0,
    linearPredictorMax: 0,
  };
}

/** The full model decides the outcome, and the others have to follow; only the comparison of hospitals may be left out. */
function findRefusal(design: GlmDesign, fits: readonly GlmFit[]): AnalysisRefusal | undefined {
  for (const { newton, columns, isByHospital } of fits) {
    if (isByHospital || newton.kind === "running" || newton.kind === "converged") continue;
    const lead = design.hasOwnIntercepts ? 0 : 1;
    const theta = columns.length + lead;
    if (hasTheta(design) && newton.columns.length > 0 && newton.columns.every((column) => column === theta)) {
      return { code: "no-overdispersion", columns: [design.outcome] };
    }
    const nameOf = (column: number): string =>
      column < lead ? interceptName : (design.names[columns[column - lead] ?? -1] ?? design.outcome);
    return { code: newton.kind === "dependent" ? "collinear-column" : newton.kind, columns: newton.columns.map(nameOf) };
  }
  return undefined;
}
