/** What became of one contributor's input: rows in = rows out + rows excluded by reason, per kind of input and per table. */

import type { OmopTable } from "@dure/clinical";
import type { ExcludedCount, FileReport, RuleReport } from "../ingest/load-report.ts";

export interface ContributorReport {
  readonly contributor: string;
  readonly inputs: readonly InputReport[];
  /** For each vocabulary of the source: how many rows carried a code of it, and how many of those got a standard concept. */
  readonly mapped: readonly MappedShare[];
  /** Of a mapping: its files, rule by rule. The load's report tells them apart from the contributors. */
  readonly files?: readonly FileReport[];
  /** Where the contributor wrote OBSERVATION_PERIOD by a rule of its own. In: its persons. Out: those with a period. */
  readonly observationPeriods?: RuleReport;
  /** Of FHIR: what of the HL7 FHIR-to-OMOP guide can be seen on the rows of this load. */
  readonly requirements?: readonly RequirementResult[];
}

/** One requirement held against one load; `count` is of rows, resources or codes that speak against it. */
export interface RequirementResult {
  /** Such as `f2o-050`. */
  readonly requirement: string;
  readonly outcome: "pass" | "fail";
  readonly count: number;
}

/** One kind of input: a file of a mapping, a FHIR resource type, a table. Every input row is counted once. */
export interface InputReport {
  readonly input: string;
  readonly rowsIn: number;
  /** Input rows that gave at least one row of OMOP. */
  readonly rowsUsed: number;
  /** rowsIn = rowsUsed + the sum of these. */
  readonly excluded: readonly ExcludedCount[];
  readonly rowsOutByTable: Readonly<Partial<Record<OmopTable, number>>>;
}

export interface MappedShare {
  readonly vocabulary: string;
  readonly rowsWithCode: number;
  readonly rowsMapped: number;
  /** Mapped to a wider concept, such as a KCD subcode to its ICD-10 parent; part of `rowsMapped`. */
  readonly rowsWider: number;
}
