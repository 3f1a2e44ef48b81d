/** Which analysis a study asks for, public half. */

import type { JsonValue } from "@dure/kernel";
import type { StudyDocument } from "@dure/study";
import type { CoordinatorPart } from "../analysis.ts";
import { logisticRegressionCoordinator } from "./logistic/logistic-regression.ts";
import { analysisNotAvailable } from "./not-available.ts";

/** States and results are known to the analysis alone; for everybody else they are JSON that follows from the sums. */
export type AnyCoordinatorPart = CoordinatorPart<JsonValue, JsonValue>;

/** Fails: throws a DureError `federation/analysis-not-available`. */
export function coordinatorPartFor(study: StudyDocument): AnyCoordinatorPart {
  if (study.analysis.kind !== "logistic-regression") throw analysisNotAvailable(study);
  return logisticRegressionCoordinator(study) as unknown as AnyCoordinatorPart; // a state given to it is one that it made: the protocol's contract
}
