/**
 * Cox regression with one baseline hazard for all hospitals, the public half: counts (→ intervals, until they hold) → moments → centred →
 * risk and spread (two sums a step of the fit) → checks.
 *
 * Risk sets reach over hospitals here, on a public grid of time whose bins are merged until each holds enough persons. With no minimum cell
 * and bins as fine as the records the fit is that of all rows put together; else that of the rows with their times binned so.
 */

import { unreachable } from "@dure/kernel";
import type { Sum, SumLayout } from "@dure/privacy";
import type { StudyDocument } from "@dure/study";
import type { Absorbed, AnalysisRefusal, CoordinatorPart } from "../../analysis.ts";
import type { CoxAnalysis, CoxResult } from "../../cox-result.ts";
import { describeRows } from "../cox/checks.ts";
import type { CoxCounts } from "../cox/state.ts";
import { centredLayout, centreOf, momentsLayout, standardisationOf } from "../standardisation.ts";
import { absorbChecks, checksLayout } from "./checks.ts";
import { absorbCounts, absorbIntervals, countsLayout, intervalsLayout } from "./counts.ts";
import { type PooledDesign, pooledDesign } from "./design.ts";
import type { PooledPhase, PooledState } from "./state.ts";
import { absorbRisk, absorbSpread, riskLayout, spreadLayout, startFit } from "./steps.ts";

type Step = Absorbed<PooledState, CoxResult>;

export function pooledCoxCoordinator(study: StudyDocument): CoordinatorPart<PooledState, CoxResult> {
  const design = pooledDesign(study);
  return {
    exact: true,
    begin: () => ({ phase: "counts" }),
    layout: (state) => layoutOf(design, state),
    absorb: (state, sum) => absorb(design, state, sum),
  };
}

/** What is known of a study that ended without a model. */
export function refusedPooledCox(study: StudyDocument, state: PooledState, refusal: AnalysisRefusal): CoxAnalysis {
  const design = pooledDesign(study);
  const none: CoxCounts = { cases: [0, 0], rows: 0, excluded: design.reasons.map(() => 0), folds: [] };
  const known = describeRows(
    design,
    state.phase === "counts" ? none : state.counts,
    "standardisation" in state ? state.standardisation : undefined,
  );
  const newton = "newton" in state && state.newton.kind === "running" ? state.newton : undefined;
  const start = newton?.start?.logLikelihood ?? 0;
  const outcome = refusal.code === "monotone-likelihood" ? "separated" : refusal.code === "not-converged" ? refusal.code : "refused";
  return { ...known, iterations: newton?.iterations ?? 0, outcome, refusal, terms: [], logLikelihood: start, logLikelihoodNull: start };
}

const columnsOf = ({ names }: PooledDesign, { counts }: PooledPhase<"moments" | "centred">) => ({ names, n: counts.rows });

function layoutOf(design: PooledDesign, state: PooledState): SumLayout {
  switch (state.phase) {
    case "counts":
      return countsLayout(design);
    case "intervals":
      return intervalsLayout(design, state);
    case "moments":
      return momentsLayout(design.features.length);
    case "centred":
      return centredLayout(columnsOf(design, state));
    case "risk":
      return riskLayout(design, state);
    case "spread":
      return spreadLayout(design, state);
    case "checks":
      return checksLayout(design, state);
    default:
      return unreachable(state);
  }
}

function absorb(design: PooledDesign, state: PooledState, sum: Sum): Step {
  switch (state.phase) {
    case "counts":
      return absorbCounts(design, sum);
    case "intervals":
      return absorbIntervals(design, state, sum);
    case "moments":
      return absorbMoments(design, state, sum);
    case "centred":
      return absorbCentred(design, state, sum);
    case "risk":
      return absorbRisk(design, state, sum);
    case "spread":
      return absorbSpread(design, state, sum);
    case "checks":
      return absorbChecks(design, state, sum);
    default:
      return unreachable(state);
  }
}

function absorbMoments(design: PooledDesign, { counts, intervals, ...state }: PooledPhase<"moments">, sum: Sum): Step {
  const centre = centreOf(columnsOf(design, { counts, intervals, ...state }), sum);
  if (centre.kind === "refused") return centre;
  return { kind: "continue", state: { phase: "centred", counts, intervals, centre: centre.value } };
}

function absorbCentred(design: PooledDesign, state: PooledPhase<"centred">, sum: Sum): Step {
  const found = standardisationOf(columnsOf(design, state), state.centre, sum);
  if (found.kind === "refused") return found;
  return { kind: "continue", state: startFit(design, state, found.value) };
}
