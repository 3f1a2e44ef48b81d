/** Which analysis a study asks for, the half that sees rows. */

import type { JsonValue } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../analysis.ts";
import { analysisNotAvailable } from "../coordinator/not-available.ts";
import { logisticRegressionSite } from "./logistic/logistic-regression.ts";

export type AnySitePart = SitePart<JsonValue, AnalysisTable>;

/** A part remembers a table's grouped and standardised rows from round to round; a shell may ask for it anew in each. */
const parts = new WeakMap<StudyDocument, AnySitePart>();

/** Fails: throws a DureError `federation/analysis-not-available`. */
export function sitePartFor(study: StudyDocument): AnySitePart {
  const part = parts.get(study) ?? makePart(study);
  parts.set(study, part);
  return part;
}

function makePart(study: StudyDocument): AnySitePart {
  if (study.analysis.kind !== "logistic-regression") throw analysisNotAvailable(study);
  return logisticRegressionSite(study) as unknown as AnySitePart; // a state reaches it only after its own absorb made the same one
}
