/** Whether a value from outside is a row of an OMOP table: every field there that must be, none that must not, each of its type. */

import { isOmopTable, type OmopRow, type OmopTable, omopFields } from "./cdm.ts";
import type { FieldDefinition } from "./definition.ts";

export interface BrokenField {
  readonly field: string;
  readonly rule: "unknown-table" | "unknown-field" | "required" | "integer" | "number" | "text" | "text-too-long" | "date" | "datetime";
}

export type RowCheck<Table extends OmopTable> =
  | { readonly kind: "row"; readonly row: OmopRow<Table> }
  | { readonly kind: "broken"; readonly fields: readonly BrokenField[] };

/**
 * Ids may be bigint or whole numbers; dates are `YYYY-MM-DD`, datetimes `YYYY-MM-DDTHH:MM:SS` or with a space. A field that is left
 * out counts as null. Every broken rule is told; none repeats the value.
 */
export function checkOmopRow<Table extends OmopTable>(table: Table, value: Readonly<Record<string, unknown>>): RowCheck<Table> {
  if (!isOmopTable(table)) return { kind: "broken", fields: [{ field: "", rule: "unknown-table" }] };
  const fields = omopFields(table);
  const known = new Set(fields.map(([name]) => name));
  const broken: BrokenField[] = Object.keys(value).flatMap((field) =>
    known.has(field) ? [] : [{ field, rule: "unknown-field" as const }],
  );
  const row: Record<string, unknown> = {};
  for (const [field, definition] of fields) {
    const cell = (Object.hasOwn(value, field) ? value[field] : null) ?? null;
    const rule = cell === null ? (definition.required ? "required" : undefined) : brokenRule(definition, cell);
    if (rule !== undefined) broken.push({ field, rule });
    row[field] = cell;
  }
  if (broken.length > 0) return { kind: "broken", fields: broken };
  return { kind: "row", row: row as OmopRow<Table> }; // every field was checked just above
}

function brokenRule(field: FieldDefinition, cell: unknown): BrokenField["rule"] | undefined {
  if (field.type === "integer") return typeof cell === "bigint" || Number.isSafeInteger(cell) ? undefined : "integer";
  if (field.type === "float") return typeof cell === "number" && Number.isFinite(cell) ? undefined : "number";
  if (typeof cell !== "string") return "text";
  if (field.type === "date") return isDate(cell) ? undefined : "date";
  if (field.type === "datetime")
    return /^[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(cell.slice(10)) && isDate(cell.slice(0, 10)) ? undefined : "datetime";
  const lengthMax = field.type === "text" ? Infinity : Number(/\d+/.exec(field.type)?.[0]);
  return [...cell].length <= lengthMax ? undefined : "text-too-long";
}

/** A day that exists in the Gregorian calendar. */
function isDate(value: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

function daysInMonth(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (month === 2) return isLeap ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
