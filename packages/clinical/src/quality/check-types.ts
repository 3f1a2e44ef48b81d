/**
 * The 27 kinds of checks of the DataQualityDashboard: what each counts as a fault, of how many, and how much it matters.
 *
 * Names, levels, severities and Kahn's categories are OHDSI's, so that results can be compared; the words and the SQL are ours.
 * Source: OHDSI DataQualityDashboard, check descriptions for CDM v5.4; Kahn et al. 2016, eGEMs 4(1):1244.
 */

import type { Text } from "@dure/kernel";
import { CHECK_WORDS } from "./check-words.ts";

export type CheckLevel = "table" | "field" | "concept";
/** fatal: the data cannot be used as OMOP. convention: a rule of OMOP is broken. characterization: the records look unlikely. */
export type Severity = "fatal" | "convention" | "characterization";
export type KahnCategory = "conformance" | "completeness" | "plausibility";
/** verification: against the data themselves. validation: against knowledge from outside. */
export type KahnContext = "verification" | "validation";

export interface CheckType {
  readonly level: CheckLevel;
  readonly severity: Severity;
  readonly context: KahnContext;
  readonly category: KahnCategory;
  /** What is counted: rows of the table, persons, source values, or the one table or field itself. */
  readonly counts: "rows" | "persons" | "values" | "itself";
}

/** In the order of OHDSI's list: tables, fields, concepts. */
export const CHECK_TYPES = {
  cdmTable: { level: "table", severity: "fatal", context: "verification", category: "conformance", counts: "itself" },
  measurePersonCompleteness: { level: "table", severity: "convention", context: "validation", category: "completeness", counts: "persons" },
  measureConditionEraCompleteness: {
    level: "table",
    severity: "convention",
    context: "validation",
    category: "completeness",
    counts: "persons",
  },
  measureObservationPeriodOverlap: {
    level: "table",
    severity: "fatal",
    context: "verification",
    category: "plausibility",
    counts: "persons",
  },
  cdmField: { level: "field", severity: "fatal", context: "verification", category: "conformance", counts: "itself" },
  isRequired: { level: "field", severity: "fatal", context: "validation", category: "conformance", counts: "rows" },
  cdmDatatype: { level: "field", severity: "fatal", context: "verification", category: "conformance", counts: "rows" },
  isPrimaryKey: { level: "field", severity: "fatal", context: "verification", category: "conformance", counts: "rows" },
  isForeignKey: { level: "field", severity: "fatal", context: "verification", category: "conformance", counts: "rows" },
  fkDomain: { level: "field", severity: "convention", context: "verification", category: "conformance", counts: "rows" },
  fkClass: { level: "field", severity: "convention", context: "verification", category: "conformance", counts: "rows" },
  isStandardValidConcept: { level: "field", severity: "convention", context: "verification", category: "conformance", counts: "rows" },
  measureValueCompleteness: {
    level: "field",
    severity: "characterization",
    context: "verification",
    category: "completeness",
    counts: "rows",
  },
  standardConceptRecordCompleteness: {
    level: "field",
    severity: "convention",
    context: "verification",
    category: "completeness",
    counts: "rows",
  },
  sourceConceptRecordCompleteness: {
    level: "field",
    severity: "convention",
    context: "verification",
    category: "completeness",
    counts: "rows",
  },
  sourceValueCompleteness: { level: "field", severity: "convention", context: "verification", category: "completeness", counts: "values" },
  plausibleValueLow: { level: "field", severity: "characterization", context: "verification", category: "plausibility", counts: "rows" },
  plausibleValueHigh: { level: "field", severity: "characterization", context: "verification", category: "plausibility", counts: "rows" },
  plausibleTemporalAfter: {
    level: "field",
    severity: "characterization",
    context: "verification",
    category: "plausibility",
    counts: "rows",
  },
  plausibleDuringLife: { level: "field", severity: "characterization", context: "verification", category: "plausibility", counts: "rows" },
  withinVisitDates: { level: "field", severity: "characterization", context: "verification", category: "plausibility", counts: "rows" },
  plausibleAfterBirth: { level: "field", severity: "characterization", context: "verification", category: "plausibility", counts: "rows" },
  plausibleBeforeDeath: { level: "field", severity: "characterization", context: "verification", category: "plausibility", counts: "rows" },
  plausibleStartBeforeEnd: {
    level: "field",
    severity: "characterization",
    context: "verification",
    category: "plausibility",
    counts: "rows",
  },
  plausibleGender: { level: "concept", severity: "characterization", context: "validation", category: "plausibility", counts: "rows" },
  plausibleGenderUseDescendants: {
    level: "concept",
    severity: "characterization",
    context: "validation",
    category: "plausibility",
    counts: "rows",
  },
  plausibleUnitConceptIds: {
    level: "concept",
    severity: "characterization",
    context: "verification",
    category: "plausibility",
    counts: "rows",
  },
} as const satisfies Readonly<Record<string, CheckType>>;

export type CheckName = keyof typeof CHECK_TYPES;

export const checkNames: readonly CheckName[] = Object.keys(CHECK_TYPES) as CheckName[]; // the keys of the constant just above

export const isCheckName = (name: string): name is CheckName => Object.hasOwn(CHECK_TYPES, name);

export const checkTypeOf = (name: CheckName): CheckType => CHECK_TYPES[name];

/** What a person reads about a kind of check. */
export interface CheckWords {
  /** A few words for a table's cell. */
  readonly label: Text;
  /** One sentence: which rows are at fault, and of which rows they are a share. */
  readonly fault: Text;
  /** What a data team does first when it fails. */
  readonly remedy: Text;
}

export const wordsOf = (name: CheckName): CheckWords => CHECK_WORDS[name];
