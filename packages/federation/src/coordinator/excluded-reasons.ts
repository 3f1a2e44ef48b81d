/** Why rows are left out: every site counts each reason that the study allows, so that the layout is the same everywhere. */

import type { StudyDocument, Variable } from "@dure/study";
import type { ReportedCount } from "../result.ts";
import { entry } from "./sum-reading.ts";

/** What makes a value missing; a reason of the table that is not listed here is counted as `<variable>: other`. */
const missingReasons = [
  "missing",
  "not a finite number",
  "not 0 or 1",
  "outside the domain of log",
  "outside the domain of log1p",
  "outside the domain of sqrt",
  "other",
] as const;

/** Rows that the research table itself leaves out, whatever the column: the table's columns are not the study's variables. */
const tableReason = "table: row not complete";

/** Why a row may be left out of an analysis of these variables. */
export function excludedReasons(study: StudyDocument, variables: readonly Variable[]): readonly string[] {
  const conditions = [...(study.data.split?.holdout === undefined ? [] : ["split.holdout"]), "include"];
  return [
    tableReason,
    ...variables.flatMap(({ name, type }) => [
      ...missingReasons.map((reason) => `${name}: ${reason}`),
      ...(type === "category" ? [`${name}: not a level`] : []),
    ]),
    ...conditions.flatMap((condition) => ["not met", ...missingReasons].map((reason) => `${condition}: ${reason}`)),
  ];
}

/** The place of a table's reason in `design.reasons`. */
export function reasonIndex(design: { readonly reasons: readonly string[] }, reason: string): number {
  const exact = design.reasons.indexOf(reason);
  if (exact >= 0) return exact;
  if (reason.startsWith("table:")) return design.reasons.indexOf(tableReason);
  const variable = reason.slice(0, Math.max(0, reason.indexOf(":")));
  const other = design.reasons.indexOf(`${variable}: other`);
  return other >= 0 ? other : design.reasons.length - 1;
}

/** A count that may be shown: of fewer patients than the minimum cell only that they are fewer. */
export const reportedCount = (count: number, minimumCell: number): ReportedCount =>
  count > 0 && count < minimumCell ? { lessThan: minimumCell } : { n: count };

/** The reasons for which any row was left out, and of how many. */
export const reportedExclusions = (
  { reasons, minimumCell }: { readonly reasons: readonly string[]; readonly minimumCell: number },
  counts: readonly number[],
): readonly ({ readonly reason: string } & ReportedCount)[] =>
  reasons.flatMap((reason, i) => (entry(counts, i) > 0 ? [{ reason, ...reportedCount(entry(counts, i), minimumCell) }] : []));
