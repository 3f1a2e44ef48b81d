/** What a report says differently for each kind of analysis; everything else is the same page. */

import { type Text, text } from "@dure/kernel";
import { coxReport } from "./cox-report.ts";
import { cumulativeIncidenceReport } from "./cumulative-incidence-report.ts";
import { describeReport } from "./describe-report.ts";
import type { Edition } from "./edition.ts";
import { formatInteger } from "./format.ts";
import { glmReport } from "./glm-report.ts";
import type { Html } from "./html.ts";
import { incidenceRatesReport } from "./incidence-rates-report.ts";
import { kaplanMeierReport } from "./kaplan-meier-report.ts";
import { logisticReport } from "./logistic-report.ts";
import { metaAnalysisReport } from "./meta-analysis-report.ts";
import type { SiteEvaluation } from "./report-options.ts";
import { treatmentEffectReport } from "./treatment-effect-report.ts";

export interface AnalysisReport {
  /** One or two sentences; asked for only where the study has a result. */
  readonly answer: () => Text;
  /** What `n` and `events` of the analysis count. */
  readonly patients: Text;
  readonly events: Text;
  /** Between the headline and how the data were protected. */
  readonly sections: readonly Html[];
  /** What a hospital released in its own name, for its page. */
  readonly siteFigures: (evaluation: SiteEvaluation) => readonly (readonly [Text, string])[];
  /** Hospitals have models of their own, tested elsewhere. */
  readonly hasLocalModels: boolean;
  /** A hospital with too few rows of one class did not take part. */
  readonly asksForClasses: boolean;
  /** For the reproducibility record: the method, and figures of the computation. */
  readonly record: readonly (readonly [Text, string])[];
}

export function analysisReport(edition: Edition): AnalysisReport {
  const { analysis } = edition.result;
  switch (analysis.kind) {
    case "kaplan-meier":
      return kaplanMeierReport(edition, analysis);
    case "logistic-regression":
      return logisticReport(edition, analysis);
    case "cox":
      return coxReport(edition, analysis);
    case "cumulative-incidence":
      return cumulativeIncidenceReport(edition, analysis);
    case "describe":
      return describeReport(edition, analysis);
    case "incidence-rates":
      return incidenceRatesReport(edition, analysis);
    case "treatment-effect":
      return treatmentEffectReport(edition, analysis);
    case "generalised-linear-model":
      return glmReport(edition, analysis);
    case "meta-analysis":
      return metaAnalysisReport(edition, analysis);
  }
}

/** What every headline release holds. */
export const siteCounts = (evaluation: SiteEvaluation): readonly (readonly [Text, string])[] => [
  [text("Patients", "환자 수"), formatInteger(evaluation.n)],
  [text("With the outcome", "결과 발생"), formatInteger(evaluation.events)],
];
