/** What a report needs beside the result: plain words for the study, and what each hospital's own records say. */

import type { LogisticAnalysis, StudyResult } from "@dure/federation/coordinator";
import type { Language, Text } from "@dure/kernel";

/** The parts of a result by name. */
export type Term = LogisticAnalysis["terms"][number];
export type VariableDescription = LogisticAnalysis["description"][number];
export type ReportedCount = VariableDescription["missing"];
export type SiteEvaluation = StudyResult["evaluation"]["sites"][number];
export type LocalOnExternal = StudyResult["evaluation"]["localOnExternal"][number];
export type Calibration = NonNullable<SiteEvaluation["calibration"]>;

/** The study in words a clinician uses. */
export interface StudyWords {
  readonly title: Text;
  /** The question, in a sentence or two. */
  readonly question: Text;
  /** What is predicted, such as "recurrence or death", to stand inside a sentence. */
  readonly outcome: Text;
  /** Name of the outcome in the study document, such as `y5`. */
  readonly outcomeVariable: string;
  /** By the variable's name in the study document, with unit or comparison: "Age, per 10 years". A name not listed is shown as it is. */
  readonly variables: ReadonlyMap<string, Text>;
}

/** What left a hospital, one line per kind of message, from its own ledger. */
export interface LeftTheHospital {
  readonly roundCount: number;
  readonly messageCount: number;
  /** Bytes on the wire, masks included. */
  readonly bytes: number;
  /** Names of the summed vectors, empty for an own release. */
  readonly vectors: readonly string[];
  /** Own releases that the steward ticked: `headline`, `local-model`, `baseline-hazard`. */
  readonly releases: readonly string[];
}

/**
 * One file of a load, or the research table read from it: rowsIn = rowsOut + the sum of `excluded`. Reasons are as the site wrote them.
 * Counts are exact here; the report suppresses.
 */
export interface LoadReport {
  readonly source: string;
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly excluded: readonly { readonly reason: string; readonly rowCount: number }[];
}

export interface HospitalReport {
  readonly siteId: string;
  readonly displayName: Text;
  readonly role: "training" | "external";
  readonly left: readonly LeftTheHospital[];
  readonly loads: readonly LoadReport[];
  /** Rows left out at this hospital because the outcome is not known. When there are any, no calibration is drawn. */
  readonly outcomeUnknown?: ReportedCount;
  /** The numbered load that the study used. */
  readonly snapshot?: string;
}

/** What somebody needs to run the study again. */
export interface ReproducibilityRecord {
  /** The day of the report, YYYY-MM-DD. */
  readonly reportedOn: string;
  /** Name and value: versions, roster hash, seeds. Shown as given. */
  readonly entries: readonly { readonly name: Text; readonly value: string }[];
}

export interface ReportOptions {
  /** The language shown first; the page holds both. */
  readonly language: Language;
  readonly words: StudyWords;
  /** In the order of the report, training hospitals first. */
  readonly hospitals: readonly HospitalReport[];
  readonly record: ReproducibilityRecord;
}
