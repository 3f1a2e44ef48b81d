/**
 * Results as files for other programs: counts only, never the ids of rows. Names of columns are OHDSI's.
 * They are exact counts of one hospital, for use inside it; what may leave is for the gate to say.
 */

import { type CheckResult, checkTypeOf, violatedPercent } from "@dure/clinical/quality";
import type { JsonValue } from "@dure/kernel";
import type { QualityReport } from "./quality-in-home.ts";

export function exportJson({ organisation, run, results, summary }: QualityReport): JsonValue {
  return {
    organisation,
    run: run.number,
    snapshot: run.snapshot,
    snapshotHash: run.snapshotHash,
    checkedOn: run.today,
    isComplete: run.endedAtMs !== undefined,
    summary: { ...summary, failedBySeverity: { ...summary.failedBySeverity } },
    requirements: run.requirements.map((requirement) => ({ ...requirement })),
    results: results.map((result) => ({ ...columnsOf(result) })),
  };
}

/** RFC 4180, one line a check. */
export function exportCsv({ results }: QualityReport): string {
  const rows = results.map(columnsOf);
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? ""))];
  return lines.map((line) => `${line.map(cellOf).join(",")}\r\n`).join("");
}

function columnsOf({
  id,
  check,
  status,
  counts,
  reason,
  errorCode,
  conceptName,
}: CheckResult): Readonly<Record<string, string | number | null>> {
  const { level, severity, category, context } = checkTypeOf(check.name);
  const { author, date, reason: why } = check.thresholdSource;
  return {
    checkid: id,
    check_name: check.name,
    check_level: level.toUpperCase(),
    severity,
    category,
    context,
    cdm_table_name: check.table,
    cdm_field_name: check.field ?? null,
    concept_id: check.conceptIds?.join(",") ?? null,
    concept_name: conceptName ?? null,
    num_violated_rows: counts?.violatedCount ?? null,
    pct_violated_rows: counts === undefined ? null : violatedPercent(counts) / 100,
    num_denominator_rows: counts?.denominatorCount ?? null,
    failed: Number(status === "failed"),
    passed: Number(status === "passed"),
    is_error: Number(status === "error"),
    not_applicable: Number(status === "not-applicable"),
    not_applicable_reason: reason ?? null,
    error: errorCode ?? null,
    threshold_value: check.thresholdPercent ?? null,
    threshold_set_by: author ?? check.thresholdSource.kind,
    threshold_set_on: date ?? null,
    notes_value: why ?? null,
  };
}

const cellOf = (value: string | number | null): string => {
  const cell = value === null ? "" : String(value);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
};
