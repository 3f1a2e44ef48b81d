/**
 * From counts to a status: passed, failed, not applicable or error.
 *
 * A check that finds no fault where there is nothing to look at has not passed; it is not applicable. The order is OHDSI's: what is
 * missing or empty comes first, then an error of the query, then the threshold.
 * Source: OHDSI DataQualityDashboard, check status definitions.
 */

import { type Text, text, unreachable } from "@dure/kernel";
import { placeOf, type QualityCheck } from "./check.ts";
import { CHECK_TYPES } from "./check-types.ts";

export type CheckStatus = "passed" | "failed" | "not-applicable" | "error";

/** Why there is nothing to look at. */
export type NotApplicableReason =
  | "table-missing"
  | "field-missing"
  | "table-empty"
  | "field-unpopulated"
  | "concept-absent"
  | "no-conditions";

export interface CheckCounts {
  readonly violatedCount: number;
  readonly denominatorCount: number;
}

export interface CheckResult {
  readonly id: string;
  readonly check: QualityCheck;
  readonly status: CheckStatus;
  /** With status passed and failed. A pass may have faults, up to the threshold. */
  readonly counts?: CheckCounts;
  /** With status not-applicable. */
  readonly reason?: NotApplicableReason;
  /** With status error: the kind of the engine's fault, never its message, which may quote a cell. */
  readonly errorCode?: string;
  /** From the vocabulary, for a check of concepts that are there. */
  readonly conceptName?: string;
  readonly durationMs: number;
}

/** What the database holds, as far as the rules of applicability ask. */
export interface TableFacts {
  readonly rowCount: number;
  /** By field that is there: rows with a value. */
  readonly valueCounts: ReadonlyMap<string, number>;
}

/**
 * Why a check cannot say anything here, before it is run; undefined where it can.
 *
 * @param facts undefined where the table is not there
 * @param conditions those of `condition_occurrence`, for the one check that needs them
 */
export function notApplicableReason(
  check: QualityCheck,
  facts: TableFacts | undefined,
  conditions: TableFacts | undefined,
): NotApplicableReason | undefined {
  if (check.name === "cdmTable") return undefined;
  if (facts === undefined) return "table-missing";
  if (check.name === "cdmField" || check.name === "measurePersonCompleteness") return undefined;
  if (check.name === "measureConditionEraCompleteness") return (conditions?.rowCount ?? 0) === 0 ? "no-conditions" : undefined;
  const valueCount = check.field === undefined ? undefined : facts.valueCounts.get(check.field);
  if (check.field !== undefined && valueCount === undefined) return "field-missing";
  if (facts.rowCount === 0) return "table-empty";
  const looksAtEmptiness = check.name === "measureValueCompleteness" || check.name === "isRequired";
  return valueCount === 0 && !looksAtEmptiness ? "field-unpopulated" : undefined;
}

/** The status of a check that was counted, with the reason where it turns out not to apply. */
export function judgeCounts(check: QualityCheck, counts: CheckCounts): Pick<CheckResult, "status" | "counts" | "reason"> {
  if (CHECK_TYPES[check.name].level === "concept" && counts.denominatorCount === 0)
    return { status: "not-applicable", reason: "concept-absent" };
  return { status: exceeds(counts, check.thresholdPercent) ? "failed" : "passed", counts };
}

/** Share of faults in per cent, 0 to 100; 0 of 0 is 0. */
export const violatedPercent = ({ violatedCount, denominatorCount }: CheckCounts): number =>
  denominatorCount === 0 ? 0 : (100 * violatedCount) / denominatorCount;

/** At 0, and without a threshold, any fault is one too many, however many rows there are. */
function exceeds(counts: CheckCounts, thresholdPercent: number | undefined): boolean {
  return thresholdPercent === undefined || thresholdPercent === 0 ? counts.violatedCount > 0 : violatedPercent(counts) > thresholdPercent;
}

/** For the report. */
export function describeReason(reason: NotApplicableReason, check: QualityCheck): Text {
  const { table } = check;
  switch (reason) {
    case "table-missing":
      return text(`There is no table ${table}.`, `${table} 테이블이 없습니다.`);
    case "field-missing":
      return text(`There is no field ${placeOf(check)}.`, `${placeOf(check)} 필드가 없습니다.`);
    case "table-empty":
      return text(`The table ${table} is empty.`, `${table} 테이블이 비어 있습니다.`);
    case "field-unpopulated":
      return text(`No row has a value in ${placeOf(check)}.`, `${placeOf(check)}에 값이 있는 행이 없습니다.`);
    case "concept-absent":
      return text("The concept does not occur.", "이 개념이 나타나지 않습니다.");
    case "no-conditions":
      return text("There are no diagnoses.", "진단이 없습니다.");
    default:
      return unreachable(reason);
  }
}
