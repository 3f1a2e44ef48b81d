/** Which analysis a study asks for, the half that sees rows. */

import type { JsonValue } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../analysis.ts";
import { isPooled } from "../coordinator/cox/by-strata.ts";
import { imputes } from "../coordinator/missing-values/design.ts";
import { analysisNotAvailable } from "../coordinator/not-available.ts";
import { coxSite } from "./cox/cox-regression.ts";
import { coxFigures, coxLocalModels } from "./cox/figures.ts";
import { pooledCoxSite } from "./cox-pooled/cox-pooled.ts";
import { cumulativeIncidenceFigures, cumulativeIncidenceSite } from "./cumulative-incidence/cumulative-incidence.ts";
import { describeFigures, describeSite } from "./describe/describe.ts";
import type { LocalModels, SiteFiguresOf } from "./figures.ts";
import { glmFigures } from "./glm/figures.ts";
import { glmSite } from "./glm/generalised-linear-model.ts";
import { incidenceFigures, incidenceSite } from "./incidence-rates/incidence-rates.ts";
import { kaplanMeierFigures, kaplanMeierSite } from "./kaplan-meier/kaplan-meier.ts";
import { logisticFigures, logisticLocalModels } from "./logistic/figures.ts";
import { logisticRegressionSite } from "./logistic/logistic-regression.ts";
import { metaAnalysisFigures, metaAnalysisSite } from "./meta-analysis/meta-analysis.ts";
import { imputingFigures, imputingLocalModels, imputingSite } from "./missing-values/imputing.ts";
import { treatmentFigures } from "./treatment-effect/figures.ts";
import { treatmentEffectSite } from "./treatment-effect/treatment-effect.ts";

export type AnySitePart = SitePart<JsonValue, AnalysisTable>;

interface PrivateHalf<State extends JsonValue> {
  part(study: StudyDocument): SitePart<State, AnalysisTable>;
  readonly figures: SiteFiguresOf;
  /** Without it an analysis makes no model. */
  readonly localModels?: LocalModels;
}

type Kind = StudyDocument["analysis"]["kind"];

const analyses: ReadonlyMap<Kind, PrivateHalf<JsonValue>> = new Map([
  ["describe", untyped({ part: describeSite, figures: describeFigures })],
  ["generalised-linear-model", untyped({ part: glmSite, figures: glmFigures })],
  ["incidence-rates", untyped({ part: incidenceSite, figures: incidenceFigures })],
  ["kaplan-meier", untyped({ part: kaplanMeierSite, figures: kaplanMeierFigures })],
  ["logistic-regression", untyped({ part: logisticRegressionSite, figures: logisticFigures, localModels: logisticLocalModels })],
  ["cumulative-incidence", untyped({ part: cumulativeIncidenceSite, figures: cumulativeIncidenceFigures })],
  ["cox", untyped({ part: coxSiteByStrata, figures: coxFigures, localModels: coxLocalModels })],
  ["treatment-effect", untyped({ part: treatmentEffectSite, figures: treatmentFigures })],
  ["meta-analysis", untyped({ part: metaAnalysisSite, figures: metaAnalysisFigures })],
]);

function coxSiteByStrata(study: StudyDocument): AnySitePart {
  const part = isPooled(study) ? pooledCoxSite(study) : coxSite(study);
  return part as unknown as AnySitePart; // as for every kind: a state reaches it only after its own absorb made the same one
}

/** A part remembers a table's grouped and standardised rows from round to round; a shell may ask for it anew in each. */
const parts = new WeakMap<StudyDocument, AnySitePart>();

/** Fails: throws a DureError `federation/analysis-not-available`. */
export function sitePartFor(study: StudyDocument): AnySitePart {
  const part = parts.get(study) ?? newPart(study);
  parts.set(study, part);
  return part;
}

function newPart(study: StudyDocument): AnySitePart {
  const part = (of: StudyDocument): AnySitePart => privateHalf(of).part(of);
  return imputes(study) ? (imputingSite(study, part) as unknown as AnySitePart) : part(study); // as for every kind
}

/** Fails: throws a DureError `federation/analysis-not-available`. */
export function siteFiguresFor(study: StudyDocument): SiteFiguresOf {
  const { figures } = privateHalf(study);
  return imputes(study) ? imputingFigures(figures) : figures;
}

export function localModelsFor(study: StudyDocument): LocalModels | undefined {
  const { localModels } = privateHalf(study);
  return localModels !== undefined && imputes(study) ? imputingLocalModels(localModels) : localModels;
}

function privateHalf(study: StudyDocument): PrivateHalf<JsonValue> {
  const half = analyses.get(study.analysis.kind);
  if (half === undefined) throw analysisNotAvailable(study, [...analyses.keys()]);
  return half;
}

function untyped<State extends JsonValue>(half: PrivateHalf<State>): PrivateHalf<JsonValue> {
  return half as unknown as PrivateHalf<JsonValue>; // a state reaches it only after its own absorb made the same one
}
