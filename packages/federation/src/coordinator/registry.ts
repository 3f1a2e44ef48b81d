/** Which analysis a study asks for, public half. */

import type { JsonValue } from "@dure/kernel";
import type { StudyDocument } from "@dure/study";
import type { AnalysisRefusal, CoordinatorPart } from "../analysis.ts";
import type { Analysis } from "../result.ts";
import { coxByStrata, refusedCoxByStrata } from "./cox/by-strata.ts";
import { cumulativeIncidenceCoordinator, refusedCumulativeIncidence } from "./cumulative-incidence/cumulative-incidence.ts";
import { describeCoordinator, refusedDescribeAnalysis } from "./describe/describe.ts";
import { glmCoordinator, refusedGlmAnalysis } from "./glm/generalised-linear-model.ts";
import { incidenceCoordinator, refusedIncidenceAnalysis } from "./incidence-rates/incidence-rates.ts";
import { kaplanMeierCoordinator, refusedKaplanMeierAnalysis } from "./kaplan-meier/kaplan-meier.ts";
import { logisticRegressionCoordinator, refusedLogisticAnalysis } from "./logistic/logistic-regression.ts";
import { metaAnalysisCoordinator, refusedMetaAnalysisOf } from "./meta-analysis/meta-analysis.ts";
import { imputes } from "./missing-values/design.ts";
import { type InnerAnalyses, imputingCoordinator, refusedImputing } from "./missing-values/imputing.ts";
import type { MissingState } from "./missing-values/state.ts";
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
  ["kaplan-meier", untyped({ part: kaplanMeierCoordinator, refused: refusedKaplanMeierAnalysis })],
  ["cumulative-incidence", untyped({ part: cumulativeIncidenceCoordinator, refused: refusedCumulativeIncidence })],
  ["cox", untyped({ part: coxByStrata, refused: refusedCoxByStrata })],
  ["treatment-effect", untyped({ part: treatmentEffectCoordinator, refused: refusedTreatmentAnalysis })],
  ["generalised-linear-model", untyped({ part: glmCoordinator, refused: refusedGlmAnalysis })],
  ["meta-analysis", untyped({ part: metaAnalysisCoordinator, refused: refusedMetaAnalysisOf })],
]);

/** Fails: throws a DureError `federation/analysis-not-available`. */
export function coordinatorPartFor(study: StudyDocument): AnyCoordinatorPart {
  if (!imputes(study)) return plainAnalyses.part(study);
  return imputingCoordinator(study, plainAnalyses) as unknown as AnyCoordinatorPart; // as for every kind: a state given to it is one that it made
}

/** Fails: throws a DureError `federation/analysis-not-available`. */
export function refusedAnalysis(study: StudyDocument, state: JsonValue, refusal: AnalysisRefusal): Analysis {
  if (!imputes(study)) return plainAnalyses.refused(study, state, refusal);
  return refusedImputing(study, state as unknown as MissingState, { refusal, inner: plainAnalyses }); // its own part made it
}

/** Of rows of which no feature is missing. */
const plainAnalyses: InnerAnalyses = {
  part: (study) => publicHalf(study).part(study),
  refused: (study, state, refusal) => publicHalf(study).refused(study, state, refusal),
};

function publicHalf(study: StudyDocument): PublicHalf<JsonValue, JsonValue> {
  const half = analyses.get(study.analysis.kind);
  if (half === undefined) throw analysisNotAvailable(study, [...analyses.keys()]);
  return half;
}

function untyped<State extends JsonValue, Result extends JsonValue>(half: PublicHalf<State, Result>): PublicHalf<JsonValue, JsonValue> {
  return half as unknown as PublicHalf<JsonValue, JsonValue>; // a state given to it is one that it made: the protocol's contract
}
