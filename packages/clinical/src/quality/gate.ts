/**
 * Whether the data behind a study's own variables are good enough.
 *
 * A gate is satisfied by evidence only: every check that bears on the variable passed, and at least one did. What could not be checked,
 * because it is not applicable, ended in an error or was never run, is no evidence.
 */

import type { QualityCheck } from "./check.ts";
import { CHECK_TYPES, type CheckName, type Severity } from "./check-types.ts";
import type { CheckResult } from "./result.ts";

/** What a study reads: a field of a table, and the concept where it reads the rows of one only. */
export interface StudiedField {
  readonly table: string;
  readonly field: string;
  readonly conceptId?: number;
}

export interface GateRule {
  /** Checks that must have been run and have passed for each studied field. */
  readonly required: readonly CheckName[];
  /** Any failed check of one of these severities that bears on the field closes the gate. */
  readonly failing: readonly Severity[];
}

export type GateFinding =
  | { readonly kind: "failed" | "not-applicable" | "error"; readonly of: StudiedField; readonly result: CheckResult }
  /** A required check has no result, or the field has no result at all. */
  | { readonly kind: "not-checked"; readonly of: StudiedField; readonly name?: CheckName };

export interface GateJudgement {
  readonly isSatisfied: boolean;
  readonly findings: readonly GateFinding[];
}

/** The table and field are there, and no broken reference or unmapped row is over its threshold. */
export const DEFAULT_GATE: GateRule = { required: ["cdmTable", "cdmField", "measureValueCompleteness"], failing: ["fatal", "convention"] };

/**
 * Judges the results of one run for the fields that a study reads. Pure; results of other fields do not matter.
 * An empty list of fields is not satisfied: nothing was shown.
 */
export function judgeStudiedFields(
  results: readonly CheckResult[],
  fields: readonly StudiedField[],
  rule: GateRule = DEFAULT_GATE,
): GateJudgement {
  const findings = fields.flatMap((of) => findingsOf(results, of, rule));
  return { isSatisfied: fields.length > 0 && findings.length === 0, findings };
}

function findingsOf(results: readonly CheckResult[], of: StudiedField, rule: GateRule): readonly GateFinding[] {
  const bearing = results.filter(({ check }) => bearsOn(check, of));
  if (bearing.length === 0) return [{ kind: "not-checked", of }];
  const unchecked = rule.required.flatMap((name): readonly GateFinding[] => {
    const found = bearing.filter(({ check }) => check.name === name);
    if (found.length === 0) return [{ kind: "not-checked", of, name }];
    return found.flatMap((result) => (result.status === "passed" ? [] : [{ kind: result.status, of, result }]));
  });
  const broken = bearing.flatMap((result): readonly GateFinding[] => {
    if (result.status === "passed" || rule.required.includes(result.check.name)) return [];
    if (result.status === "failed")
      return rule.failing.includes(CHECK_TYPES[result.check.name].severity) ? [{ kind: "failed", of, result }] : [];
    if (result.status === "error") return [{ kind: "error", of, result }];
    // A concept that a study reads must occur; a check of another sex or unit that has no rows says nothing against it.
    return isOfConcept(result.check, of) ? [{ kind: "not-applicable", of, result }] : [];
  });
  return [...unchecked, ...broken];
}

function bearsOn(check: QualityCheck, { table, field, conceptId }: StudiedField): boolean {
  if (check.table !== table) return false;
  if (check.field === undefined) return true;
  if (check.conceptIds === undefined) return check.field === field;
  return conceptId !== undefined && check.conceptIds.includes(conceptId);
}

const isOfConcept = (check: QualityCheck, { conceptId }: StudiedField): boolean =>
  conceptId !== undefined && check.conceptIds?.includes(conceptId) === true;
