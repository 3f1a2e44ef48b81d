/**
 * Cox regression stratified by hospital, the public half: counts → moments → centred → newton (as many sums as it takes) → checks.
 *
 * With a baseline hazard of each hospital's own, a risk set never reaches over two hospitals, so the partial likelihood is a product over
 * hospitals: its logarithm, score and information are sums, and the fit equals the stratified one on the rows put together (design.md
 * section 3). Nothing about a time leaves but through these sums.
 */

import { unreachable } from "@dure/kernel";
import type { Sum, SumLayout } from "@dure/privacy";
import type { StudyDocument } from "@dure/study";
import type { Absorbed, AnalysisRefusal, CoordinatorPart } from "../../analysis.ts";
import type { CoxAnalysis, CoxResult } from "../../cox-result.ts";
import { centredLayout, centreOf, momentsBound, momentsLayout, standardisationOf } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import { absorbChecks, checksLayout, describeRows } from "./checks.ts";
import { absorbCounts, countsLayout } from "./counts.ts";
import { type CoxDesign, coxDesign } from "./design.ts";
import { absorbNewtonRound, newtonLayout, startFits } from "./fits.ts";
import type { CoxPhase, CoxState } from "./state.ts";

export function coxCoordinator(study: StudyDocument): CoordinatorPart<CoxState, CoxResult> {
  const design = coxDesign(study);
  return {
    exact: true,
    begin: () => ({ phase: "counts" }),
    layout: (state) => layoutOf(design, state),
    absorb: (state, sum) => absorb(design, state, sum),
  };
}

/** What is known of a study that ended without a model: the counts, the moments if they were taken, and why. */
export function refusedCoxAnalysis(study: StudyDocument, state: CoxState, refusal: AnalysisRefusal): CoxAnalysis {
  const design = coxDesign(study);
  const counts =
    state.phase === "counts" ? { cases: [0, 0] as const, rows: 0, excluded: design.reasons.map(() => 0), folds: [] } : state.counts;
  const known = describeRows(design, counts, "standardisation" in state ? state.standardisation : undefined);
  const newton = "fits" in state ? state.fits[0]?.newton : undefined;
  const start = newton?.kind === "running" ? (newton.start?.logLikelihood ?? 0) : 0;
  const outcome = refusal.code === "monotone-likelihood" ? "separated" : refusal.code === "not-converged" ? refusal.code : "refused";
  return { ...known, iterations: newton?.iterations ?? 0, outcome, refusal, terms: [], logLikelihood: start, logLikelihoodNull: start };
}

function layoutOf(design: CoxDesign, state: CoxState): SumLayout {
  switch (state.phase) {
    case "counts":
      return countsLayout(design);
    case "moments":
      return withEventTimes(momentsLayout(design.features.length));
    case "centred":
      return centredLayout(columnsOf(design, state));
    case "newton":
      return newtonLayout(design, state);
    case "checks":
      return checksLayout(design, state);
    default:
      return unreachable(state);
  }
}

/** Σ t² over events: the unit in which the proportional hazards test counts time. */
const withEventTimes = ({ vectors }: SumLayout): SumLayout => ({
  vectors: [...vectors, { name: "eventTimeSquares", length: 1, encoding: "wide", bound: momentsBound }],
});

const columnsOf = ({ names }: CoxDesign, { counts }: Pick<CoxPhase<"moments">, "counts">) => ({ names, n: counts.rows });

function absorb(design: CoxDesign, state: CoxState, sum: Sum): Absorbed<CoxState, CoxResult> {
  switch (state.phase) {
    case "counts":
      return absorbCounts(design, sum);
    case "moments":
      return absorbMoments(design, state, sum);
    case "centred":
      return absorbCentred(design, state, sum);
    case "newton":
      return absorbNewtonRound(design, state, sum);
    case "checks":
      return absorbChecks(design, state, sum);
    default:
      return unreachable(state);
  }
}

function absorbMoments(design: CoxDesign, state: CoxPhase<"moments">, sum: Sum): Absorbed<CoxState, CoxResult> {
  const centre = centreOf(columnsOf(design, state), sum);
  if (centre.kind === "refused") return centre;
  const meanSquare = entry(readVector(sum, "eventTimeSquares", 1), 0) / state.counts.cases[1];
  // Where every event is at time 0 there is no unit, and no test either.
  const timeUnit = meanSquare > 0 ? Math.sqrt(meanSquare) : 1;
  return { kind: "continue", state: { phase: "centred", counts: state.counts, timeUnit, centre: centre.value } };
}

function absorbCentred(design: CoxDesign, state: CoxPhase<"centred">, sum: Sum): Absorbed<CoxState, CoxResult> {
  const found = standardisationOf(columnsOf(design, state), state.centre, sum);
  if (found.kind === "refused") return found;
  const { counts, timeUnit } = state;
  return { kind: "continue", state: { phase: "newton", counts, timeUnit, standardisation: found.value, fits: startFits(design, counts) } };
}
