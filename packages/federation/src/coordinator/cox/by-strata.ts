/** A Cox regression has a baseline hazard for each hospital, or one for all: two ways to sum, one result. */

import type { JsonValue } from "@dure/kernel";
import type { StudyDocument } from "@dure/study";
import type { AnalysisRefusal, CoordinatorPart } from "../../analysis.ts";
import type { CoxAnalysis, CoxResult } from "../../cox-result.ts";
import { pooledCoxCoordinator, refusedPooledCox } from "../cox-pooled/cox-pooled.ts";
import type { PooledState } from "../cox-pooled/state.ts";
import { coxCoordinator, refusedCoxAnalysis } from "./cox-regression.ts";
import { coxDesign } from "./design.ts";
import type { CoxState } from "./state.ts";

export type EitherState = CoxState | PooledState;

export const isPooled = (study: StudyDocument): boolean => coxDesign(study).grid !== undefined;

export function coxByStrata(study: StudyDocument): CoordinatorPart<JsonValue, CoxResult> {
  const part = isPooled(study) ? pooledCoxCoordinator(study) : coxCoordinator(study);
  return part as unknown as CoordinatorPart<JsonValue, CoxResult>; // a state given to it is one that it made: the protocol's contract
}

export function refusedCoxByStrata(study: StudyDocument, state: EitherState, refusal: AnalysisRefusal): CoxAnalysis {
  // The study decides which of the two made the state.
  return isPooled(study) ? refusedPooledCox(study, state as PooledState, refusal) : refusedCoxAnalysis(study, state as CoxState, refusal);
}
