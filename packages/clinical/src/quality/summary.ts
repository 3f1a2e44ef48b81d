/** Counts over the results of one run: what a report begins with, and what a trend is made of. */

import { CHECK_TYPES, type Severity } from "./check-types.ts";
import type { CheckResult, CheckStatus } from "./result.ts";

export const STATUSES: readonly CheckStatus[] = ["failed", "error", "passed", "not-applicable"];
export const SEVERITIES: readonly Severity[] = ["fatal", "convention", "characterization"];

export type StatusCounts = Readonly<Record<CheckStatus, number>>;

export interface QualitySummary extends StatusCounts {
  readonly total: number;
  /** Passed although there are faults, fewer than the threshold. Part of `passed`. */
  readonly passedWithFaults: number;
  readonly failedBySeverity: Readonly<Record<Severity, number>>;
}

export function summariseResults(results: readonly CheckResult[]): QualitySummary {
  const count = (holds: (result: CheckResult) => boolean): number => results.filter(holds).length;
  const ofStatus = (status: CheckStatus): number => count((result) => result.status === status);
  const failed = (severity: Severity): number =>
    count(({ status, check }) => status === "failed" && CHECK_TYPES[check.name].severity === severity);
  return {
    total: results.length,
    failed: ofStatus("failed"),
    error: ofStatus("error"),
    passed: ofStatus("passed"),
    "not-applicable": ofStatus("not-applicable"),
    passedWithFaults: count(({ status, counts }) => status === "passed" && (counts?.violatedCount ?? 0) > 0),
    failedBySeverity: { fatal: failed("fatal"), convention: failed("convention"), characterization: failed("characterization") },
  };
}
