/** Which analysis a study asks for, public half. */

import type { JsonValue } from "@dure/kernel";
import type { StudyDocument } from "@dure/study";
import type { AnalysisRefusal, CoordinatorPart } from "../analysis.ts";
import type { Analysis } from "../result.ts";
import { coxByStrata, refusedCoxByStrata } from "./cox/by-strata.ts";
import { describeCoordinator, refusedDescribeAnalysis } from "./describe/describe.ts";
import { incidenceCoordinator, refusedIncidenceAnalysis } from "./incidence-rates/incidence-rates.ts";
import { glmCoordinator, refusedGlmAnalysis } from "./glm/generalised-linear-model.ts";
import { kaplanMeierCoordinator, refusedKaplanMeierAnalysis } from "./kaplan-meier/kaplan-meier.ts";
import { logisticRegressionCoordinator, refusedLogisticAnalysis } from "./logistic/logistic-regression.ts";
import { cumulativeIncidenceCoordinator, refusedCumulativeIncidence } from "./cumulative-incidence/cumulative-incidence.ts";
import { metaAnalysisCoordinator, refusedMetaAnalysisOf } from "./meta-analysis/meta-analysis.ts";
import { analysisNotAvailable } from "./not-available.ts";
import { refusedTreatmentAnalysis, treatmentEffectCoordinator } from "./treatment-effect/treatment-effect.ts";

/** States and results are known to the analysis alone; for everybody else they are JSON that follows from the sums. */
export type AnyCoordinatorPart = CoordinatorPart<JsonValue, JsonValue>;

interface PublicHalf<State extends JsonValue, Result extends JsonValue> {
  part(study: StudyDocument): CoordinatorPart<State, Result>;
  /** What is known of a study that ended without a result: `state` is the one in which its last sum was refused. */
  refused(study: StudyDocument, state: State, refusal: AnalysisRefusal): Analysis;
}

type Kind = StudyDocument["analysis"]["kind"];

const analyses: ReadonlyMap<Kind, PublicHalf<JsonValue, JsonValue>> = new Map([
  ["logistic-regression", untyped({ part: logisticRegressionCoordinator, refused: refusedLogisticAnalysis })],
  ["describe", untyped({ part: describeCoordinator, refused: refusedDescribeAnalysis })],
  ["incidence-rates", untyped({ part: incidenceCoordinator, refused: refusedIncidenceAnalysis })],
  ["generalised-linear-model", untyped({ part: glmCoordinator, refused: refusedGlmAnalysis })],
  ["kaplan-meier", untyped({ part: kaplanMeierCoordinator, refused: refusedKaplanMeierAnalysis })],
  ["cumulative-incidence", untyped({ part: cumulativeIncidenceCoordinator, refused: refusedCumulativeIncidence })],
  ["cox", untyped({ part: coxByStrata, refused: refusedCoxByStrata })],
  ["treatment-effect", untyped({ part: treatmentEffectCoordinator, refused: refusedTreatmentAnalysis })],
  ["meta-analysis", untyped({ part: metaAnalysisCoordinator, refused: refusedMetaAnalysisOf })],
]);

/** Fails: throws a DureError `federation/analysis-not-available`. */
export const coordinatorPartFor = (study: StudyDocument): AnyCoordinatorPart => publicHalf(study).part(study);

/** Fails: throws a DureError `federation/analysis-not-available`. */
export const refusedAnalysis = (study: StudyDocument, state: JsonValue, refusal: AnalysisRefusal): Analysis =>
  publicHalf(study).refused(study, state, refusal);

function publicHalf(study: StudyDocument): PublicHalf<JsonValue, JsonValue> {
  const half = analyses.get(study.analysis.kind);
  if (half === undefined) throw analysisNotAvailable(study, [...analyses.keys()]);
  return half;
}

function untyped<State extends JsonValue, Result extends JsonValue>(half: PublicHalf<State, Result>): PublicHalf<JsonValue, JsonValue> {
  return half as unknown as PublicHalf<JsonValue, JsonValue>; // a state given to it is one that it made: the protocol's contract
}
