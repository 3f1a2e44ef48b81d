/**
 * The Newton rounds: the full fit and the five that leave a fold out advance together, one sum for all that are not finished.
 *
 * Bounds of one site's entries, on columns u with Σ u² = n − 1 over all rows, and n rows in all: |Σ (y − p) u| ≤ Σ |u| ≤ √(n Σ u²) < n
 * by Cauchy; |Σ w u u'| ≤ ¼ √(Σ u² Σ u'²) < n / 4; |log-likelihood| ≤ n (30 + log 2) while |η| ≤ 30, which the gate asks.
 */

import { logit, packedLength } from "@dure/numerics";
import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import { absorbLogistic, beginNewton } from "@dure/statistics";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { LogisticRegressionResult } from "../../result.ts";
import { foldCount } from "../folds.ts";
import { withIntercept } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import type { LogisticDesign } from "./design.ts";
import type { Counts, Fit, LogisticState, PhaseState } from "./state.ts";

/** All start at the full fit's class share: the difference of two fits' first sums is then the aggregate of a whole fold, no less. */
export function startFits(design: LogisticDesign, counts: Counts): readonly Fit[] {
  const start = [logit(counts.classes[1] / counts.n), ...design.features.map(() => 0)];
  const newton = beginNewton(start);
  const full: Fit = { name: "full", leftOut: null, n: counts.n, newton };
  const folds = counts.folds.map(
    ([zeros, ones], fold): Fit => ({ name: `fold ${fold}`, leftOut: fold, n: counts.n - zeros - ones, newton }),
  );
  return [full, ...folds];
}

export function newtonLayout(design: LogisticDesign, state: PhaseState<"newton">): SumLayout {
  const order = design.terms.length;
  const { n } = state.counts;
  const wide = (name: string, length: number, bound: number): VectorLayout => ({ name, length, encoding: "wide", bound });
  const vectors = runningFits(state).flatMap(({ name }): VectorLayout[] => [
    wide(`${name}/logLikelihood`, 1, 31 * n),
    wide(`${name}/gradient`, order, n + 1),
    wide(`${name}/information`, packedLength(order), (n + 1) / 4),
    { name: `${name}/extremes`, length: 2, encoding: "histogram", bound: n },
  ]);
  return { vectors };
}

export const runningFits = (state: PhaseState<"newton">): readonly Fit[] => state.fits.filter((fit) => fit.newton.kind === "running");

/** The full fit decides the outcome; a fold's fit that ends without an answer only leaves its evaluation out. */
export function absorbNewtonRound(
  design: LogisticDesign,
  state: PhaseState<"newton">,
  sum: Sum,
): Absorbed<LogisticState, LogisticRegressionResult> {
  const basis = withIntercept(state.standardisation);
  const fits = state.fits.map((fit) => advance(design, fit, { sum, basis }));
  const refusal = findRefusal(design, fits);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const isFinished = fits.every((fit) => fit.newton.kind !== "running");
  return { kind: "continue", state: { ...state, phase: isFinished ? "scores" : "newton", fits } };
}

interface Opened {
  readonly sum: Sum;
  readonly basis: readonly number[];
}

function advance(design: LogisticDesign, fit: Fit, { sum, basis }: Opened): Fit {
  if (fit.newton.kind !== "running") return fit;
  const order = design.terms.length;
  const sums = {
    logLikelihood: entry(readVector(sum, `${fit.name}/logLikelihood`, 1), 0),
    gradient: readVector(sum, `${fit.name}/gradient`, order),
    information: readVector(sum, `${fit.name}/information`, packedLength(order)),
    extremeCounts: readVector(sum, `${fit.name}/extremes`, 2),
  };
  return { ...fit, newton: absorbLogistic(fit.newton, sums, basis) };
}

function findRefusal(design: LogisticDesign, fits: readonly Fit[]): AnalysisRefusal | undefined {
  const newton = fits[0]?.newton;
  if (newton === undefined || newton.kind === "running" || newton.kind === "converged") return undefined;
  const code = newton.kind === "dependent" ? "collinear-column" : newton.kind;
  return { code, columns: newton.columns.map((column) => design.terms[column] ?? "") };
}

/** By fold, the fit that left it out; empty where none was. */
export const foldFits = (fits: readonly Fit[]): readonly (Fit | undefined)[] =>
  fits.length > 1 ? Array.from({ length: foldCount }, (_, fold) => fits.find((fit) => fit.leftOut === fold)) : [];
