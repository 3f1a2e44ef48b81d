/**
 * Checks that look at one row at a time: which rows are at fault, and which rows are counted. All of a table are answered in one pass.
 *
 * `t` is the table; `p` its person, `d` that person's death, `v` its visit: at most one row each, so that a doubled person, death or visit
 * does not count a row twice. Each condition is true, false or unknown; unknown is no fault.
 */

import type { QualityCheck } from "@dure/clinical/quality";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import { type Fields, isDateType, isTextType, isWholeType } from "./snapshot-facts.ts";

export type JoinName = "person" | "death" | "visit";

export interface RowCondition {
  readonly violates: Sql;
  /** Without it all rows are counted. */
  readonly counted?: Sql;
  readonly joins: readonly JoinName[];
}

export interface ConditionContext {
  readonly schema: string;
  readonly fields: Fields;
  /** `YYYY-MM-DD`: the day from which bounds that move with the day are reckoned. */
  readonly today: string;
}

/** Days after death in which a record may still be written. */
const DAYS_AFTER_DEATH_MAX = 60;
/** Days by which a record may lie outside its visit. */
const DAYS_OUTSIDE_VISIT_MAX = 7;

/** Undefined for checks that are answered in another way. */
export function rowCondition(check: QualityCheck, context: ConditionContext): RowCondition | undefined {
  const { field, rule } = check;
  if (field === undefined) return undefined;
  const value = column(field);
  switch (check.name) {
    case "cdmDatatype":
      return { violates: notWhole(value, context.fields.get(field)), joins: [] };
    case "isRequired":
    case "measureValueCompleteness":
      return { violates: sql`${value} IS NULL`, joins: [] };
    case "standardConceptRecordCompleteness":
    case "sourceConceptRecordCompleteness":
      return unmapped(check, value);
    case "plausibleValueLow":
      return rule.kind === "bound" ? beyond(rule.bound, { value, operator: sql`<`, field, context }) : undefined;
    case "plausibleValueHigh":
      return rule.kind === "bound" ? beyond(rule.bound, { value, operator: sql`>`, field, context }) : undefined;
    case "plausibleTemporalAfter":
      return rule.kind === "after" ? notAfter(value, rule) : undefined;
    case "plausibleStartBeforeEnd":
      return rule.kind === "ends" ? endsBefore(value, column(rule.field)) : undefined;
    case "plausibleAfterBirth":
      return { violates: sql`${day(value)} < p.birth_day`, counted: sql`${value} IS NOT NULL`, joins: ["person"] };
    case "plausibleDuringLife":
      return { violates: afterDeath(value), counted: sql`d.person_id IS NOT NULL`, joins: ["death"] };
    case "plausibleBeforeDeath":
      return { violates: afterDeath(value), counted: sql`d.person_id IS NOT NULL AND ${value} IS NOT NULL`, joins: ["death"] };
    case "withinVisitDates":
      return outsideVisit(value);
    default:
      return undefined;
  }
}

/** `FROM` with the joins that the conditions name. */
export function fromTable(schema: string, table: string, joins: ReadonlySet<JoinName>): Sql {
  const parts = (["person", "death", "visit"] as const).filter((name) => joins.has(name)).map((name) => JOINS[name](schema));
  return sql`FROM ${identifier(schema)}.${identifier(table)} t ${join(parts, " ")}`;
}

const JOINS: Readonly<Record<JoinName, (schema: string) => Sql>> = {
  // A date of birth is whole or put together from its parts; an impossible part counts as absent, and so does not end the query.
  person: (schema) => sql`LEFT JOIN (
    SELECT person_id, min(gender_concept_id) AS gender_concept_id,
      min(coalesce(CAST(birth_datetime AS DATE), ${composedDay()})) AS birth_day,
      min(coalesce(CAST(birth_datetime AS DATE), make_date(${plausibleYear()}, 6, 1))) AS birth_or_midyear
    FROM ${identifier(schema)}.person GROUP BY person_id) p ON p.person_id = t.person_id`,
  death: (schema) => sql`LEFT JOIN (
    SELECT person_id, min(CAST(death_date AS DATE)) AS death_day FROM ${identifier(schema)}.death GROUP BY person_id) d
    ON d.person_id = t.person_id`,
  visit: (schema) => sql`LEFT JOIN (
    SELECT visit_occurrence_id, min(CAST(visit_start_date AS DATE)) AS start_day, max(CAST(visit_end_date AS DATE)) AS end_day
    FROM ${identifier(schema)}.visit_occurrence GROUP BY visit_occurrence_id) v ON v.visit_occurrence_id = t.visit_occurrence_id`,
};

const plausibleYear = (): Sql => sql`CAST(CASE WHEN year_of_birth BETWEEN 1 AND 9999 THEN year_of_birth END AS INTEGER)`;
const composedDay = (): Sql => sql`
  make_date(${plausibleYear()}, CAST(CASE WHEN month_of_birth BETWEEN 1 AND 12 THEN month_of_birth ELSE 1 END AS INTEGER), 1)
  + CAST(CASE WHEN day_of_birth BETWEEN 1 AND 31 THEN day_of_birth - 1 ELSE 0 END AS INTEGER)`;

const column = (field: string): Sql => sql`t.${identifier(field)}`;
const day = (value: Sql): Sql => sql`CAST(${value} AS DATE)`;

function notWhole(value: Sql, type: string | undefined): Sql {
  if (isWholeType(type)) return sql`false`;
  return isTextType(type) ? sql`${value} IS NOT NULL AND NOT (${value} ~ '^[+-]?[0-9]+$')` : sql`${value} <> floor(${value})`;
}

/** A unit is asked of numbers only. */
function unmapped({ table, field }: QualityCheck, value: Sql): RowCondition {
  const isUnit = field === "unit_concept_id" && (table === "measurement" || table === "observation");
  const counted = sql`t.value_as_number IS NOT NULL`;
  return isUnit ? { violates: sql`${value} = 0 AND ${counted}`, counted, joins: [] } : { violates: sql`${value} = 0`, joins: [] };
}

type Bound = Extract<QualityCheck["rule"], { kind: "bound" }>["bound"];

interface Beyond {
  readonly value: Sql;
  readonly operator: Sql;
  readonly field: string;
  readonly context: ConditionContext;
}

function beyond(bound: Bound, { value, operator, field, context }: Beyond): RowCondition {
  const counted = sql`${value} IS NOT NULL`;
  const limit = limitOf(bound, context.today);
  const isDay = typeof limit === "string";
  const left = isDay && isDateType(context.fields.get(field)) ? day(value) : value;
  const right = isDay ? sql`CAST(${limit} AS DATE)` : sql`CAST(${limit} AS DOUBLE PRECISION)`;
  return { violates: sql`${left} ${operator} ${right}`, counted, joins: [] };
}

/** A number, or a day as `YYYY-MM-DD`. */
function limitOf(bound: Bound, today: string): number | string {
  switch (bound.kind) {
    case "number":
      return bound.value;
    case "date":
      return bound.value;
    case "days-from-today":
      return addDays(today, bound.days);
    default:
      return Number(today.slice(0, 4)) + bound.years;
  }
}

const DAY_MS = 86_400_000;
const addDays = (isoDay: string, days: number): string => new Date(Date.parse(isoDay) + days * DAY_MS).toISOString().slice(0, 10);

/** Of a date that must follow birth, the middle of the year stands for a birthday that is not known, as OHDSI has it. */
function notAfter(value: Sql, { table, field }: { readonly table: string; readonly field: string }): RowCondition {
  if (table === "person") return { violates: sql`p.birth_or_midyear > ${day(value)}`, joins: ["person"] };
  return { violates: sql`${day(column(field))} > ${day(value)}`, joins: [] };
}

const endsBefore = (start: Sql, end: Sql): RowCondition => ({
  violates: sql`${day(start)} > ${day(end)}`,
  counted: sql`${start} IS NOT NULL AND ${end} IS NOT NULL`,
  joins: [],
});

const afterDeath = (value: Sql): Sql => sql`${day(value)} > d.death_day + ${integer(DAYS_AFTER_DEATH_MAX)}`;

const outsideVisit = (value: Sql): RowCondition => ({
  violates: sql`${day(value)} < v.start_day - ${integer(DAYS_OUTSIDE_VISIT_MAX)} OR ${day(value)} > v.end_day + ${integer(DAYS_OUTSIDE_VISIT_MAX)}`,
  counted: sql`v.visit_occurrence_id IS NOT NULL`,
  joins: ["visit"],
});
