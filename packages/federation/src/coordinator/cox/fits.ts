/**
 * The Newton rounds: the full fit and the five that leave a fold out advance together, one sum for all that are not finished.
 *
 * Bounds of one site's entries, on columns u with Σ u² < n over all n rows (persons have one or more) and D events in all: |u| < √n, so a risk set's mean is
 * below √n too, and |Σ over events of u − ū| < 2 D √n; its covariance is below n an event, so the information is below D n; an
 * event's log-likelihood is η − log Σ exp(η), within ±(2 · 30 + log n) while |η| ≤ 30, which the gate asks.
 */

import { packedLength } from "@dure/numerics";
import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import { absorbCox, beginCox, type CoxNewtonState } from "@dure/statistics";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { CoxResult } from "../../cox-result.ts";
import { entry, readVector } from "../sum-reading.ts";
import type { CoxDesign } from "./design.ts";
import type { CoxCounts, CoxFit, CoxPhase, CoxState } from "./state.ts";

/** All start at 0: the difference of two fits' first sums is then the aggregate of a whole fold, no less. */
export function startFits(design: CoxDesign, { cases, folds }: CoxCounts): readonly CoxFit[] {
  const newton = beginCox(design.features.length);
  const [n, events] = cases;
  const ofFolds = folds.map(
    ([rows, withEvent], fold): CoxFit => ({ name: `fold ${fold}`, leftOut: fold, cases: [n - rows, events - withEvent], newton }),
  );
  return [{ name: "full", leftOut: null, cases, newton }, ...ofFolds];
}

/** Public bounds of sums over risk sets. */
export const gradientBound = ({ rows, cases: [, events] }: CoxCounts): number => 2 * events * Math.sqrt(rows) + 1;
export const informationBound = ({ rows, cases: [, events] }: CoxCounts): number => events * rows + 1;

export function newtonLayout(design: CoxDesign, state: CoxPhase<"newton">): SumLayout {
  const order = design.features.length;
  const { counts } = state;
  const { rows, cases } = counts;
  const [, events] = cases;
  const wide = (name: string, length: number, bound: number): VectorLayout => ({ name, length, encoding: "wide", bound });
  const vectors = runningFits(state).flatMap(({ name }): VectorLayout[] => [
    wide(`${name}/logLikelihood`, 1, events * (60 + Math.log(rows)) + 1),
    wide(`${name}/gradient`, order, gradientBound(counts)),
    wide(`${name}/information`, packedLength(order), informationBound(counts)),
    { name: `${name}/extremes`, length: 2, encoding: "histogram", bound: rows },
  ]);
  return { vectors };
}

export const runningFits = (state: CoxPhase<"newton">): readonly CoxFit[] => state.fits.filter((fit) => fit.newton.kind === "running");

/** The full fit decides the outcome; a fold's fit that ends without an answer only leaves its evaluation out. */
export function absorbNewtonRound(design: CoxDesign, state: CoxPhase<"newton">, sum: Sum): Absorbed<CoxState, CoxResult> {
  const { basis } = state.standardisation;
  const fits = state.fits.map((fit) => advance(design, fit, { sum, basis }));
  const refusal = findRefusal(design, fits);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const isFinished = fits.every((fit) => fit.newton.kind !== "running");
  return { kind: "continue", state: { ...state, phase: isFinished ? "checks" : "newton", fits } };
}

interface Opened {
  readonly sum: Sum;
  readonly basis: readonly number[];
}

function advance(design: CoxDesign, fit: CoxFit, { sum, basis }: Opened): CoxFit {
  if (fit.newton.kind !== "running") return fit;
  const order = design.features.length;
  const sums = {
    logLikelihood: entry(readVector(sum, `${fit.name}/logLikelihood`, 1), 0),
    gradient: readVector(sum, `${fit.name}/gradient`, order),
    information: readVector(sum, `${fit.name}/information`, packedLength(order)),
    extremeCounts: readVector(sum, `${fit.name}/extremes`, 2),
  };
  return { ...fit, newton: absorbCox(fit.newton, sums, basis) };
}

const codes = { separated: "monotone-likelihood", dependent: "collinear-column", "not-converged": "not-converged" } as const;

const findRefusal = (design: CoxDesign, [full]: readonly CoxFit[]): AnalysisRefusal | undefined =>
  full === undefined ? undefined : newtonRefusal(design, full.newton);

/** Undefined of a fit that goes on or has converged. */
export function newtonRefusal({ names }: Pick<CoxDesign, "names">, newton: CoxNewtonState): AnalysisRefusal | undefined {
  if (newton.kind === "running" || newton.kind === "converged") return undefined;
  return { code: codes[newton.kind], columns: newton.columns.map((column) => names[column] ?? "") };
}
