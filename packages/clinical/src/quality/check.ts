/** One check: a kind of check applied to a table, a field or a concept, with the share of faults that is still accepted. */

import { CHECK_TYPES, type CheckName } from "./check-types.ts";

/** The lowest or highest plausible value. Those of dates that move with the day are reckoned from the day of the run. */
export type PlausibleBound =
  | { readonly kind: "number"; readonly value: number }
  /** `YYYY-MM-DD`. */
  | { readonly kind: "date"; readonly value: string }
  | { readonly kind: "days-from-today"; readonly days: number }
  | { readonly kind: "years-from-this-year"; readonly years: number };

/** Where a threshold comes from: OHDSI's default, or the site's own document. */
export interface ThresholdSource {
  readonly kind: "default" | "site";
  readonly author?: string;
  /** `YYYY-MM-DD`. */
  readonly date?: string;
  readonly reason?: string;
}

/** Table and field names are those of the CDM in lower case; `conceptIds` has several where one check covers a group. */
export interface QualityCheck {
  readonly name: CheckName;
  readonly table: string;
  readonly field?: string;
  readonly conceptIds?: readonly number[];
  /** Per cent of the denominator, 0 to 100: more is a failure. At 0 any row fails. Without one it is as at 0. */
  readonly thresholdPercent?: number;
  readonly thresholdSource: ThresholdSource;
  readonly rule: CheckRule;
}

/** What the kind of check needs to know beside table and field. */
export type CheckRule =
  | { readonly kind: "plain" }
  | { readonly kind: "references"; readonly table: string; readonly field: string }
  | { readonly kind: "domain"; readonly domain: string }
  | { readonly kind: "concept-class"; readonly conceptClass: string }
  | { readonly kind: "source-value"; readonly standardConceptField: string }
  | { readonly kind: "bound"; readonly bound: PlausibleBound }
  /** `table` is `person`, or the check's own. */
  | { readonly kind: "after"; readonly table: string; readonly field: string }
  | { readonly kind: "ends"; readonly field: string }
  | { readonly kind: "sex"; readonly sex: "male" | "female" }
  | { readonly kind: "units"; readonly unitConceptIds: readonly number[] };

export const DEFAULT_SOURCE: ThresholdSource = { kind: "default" };

/** As OHDSI names a check, such as `table_measurepersoncompleteness_observation_period`, so that results can be laid side by side. */
export function checkId({ name, table, field, conceptIds }: Pick<QualityCheck, "name" | "table" | "field" | "conceptIds">): string {
  const parts = [CHECK_TYPES[name].level, name, table, field, conceptIds?.join(",")];
  return parts
    .filter((part) => part !== undefined)
    .join("_")
    .toLowerCase();
}

/** `measurement.unit_concept_id`, or the table alone. */
export const placeOf = ({ table, field }: Pick<QualityCheck, "table" | "field">): string =>
  field === undefined ? table : `${table}.${field}`;
