/** Which analysis a study asks for, the half that sees rows. */

import type { JsonValue } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../analysis.ts";
import { analysisNotAvailable } from "../coordinator/not-available.ts";
import { logisticRegressionSite } from "./logistic/logistic-regression.ts";

export type AnySitePart = SitePart<JsonValue, AnalysisTable>;

type Kind = StudyDocument["analysis"]["kind"];

const makers: ReadonlyMap<Kind, (study: StudyDocument) => AnySitePart> = new Map([
  ["logistic-regression", untyped(logisticRegressionSite)],
]);

/** A part remembers a table's grouped and standardised rows from round to round; a shell may ask for it anew in each. */
const parts = new WeakMap<StudyDocument, AnySitePart>();

/** Fails: throws a DureError `federation/analysis-not-available`. */
export function sitePartFor(study: StudyDocument): AnySitePart {
  const part = parts.get(study) ?? makePart(study);
  parts.set(study, part);
  return part;
}

function makePart(study: StudyDocument): AnySitePart {
  const make = makers.get(study.analysis.kind);
  if (make === undefined) throw analysisNotAvailable(study, [...makers.keys()]);
  return make(study);
}

function untyped<State extends JsonValue>(make: (study: StudyDocument) => SitePart<State, AnalysisTable>) {
  return (study: StudyDocument): AnySitePart => make(study) as unknown as AnySitePart; // a state reaches it only after its own absorb made the same one
}
