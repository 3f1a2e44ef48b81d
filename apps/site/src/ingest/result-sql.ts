/**
 * A laboratory's results in the units that their concepts are stored in.
 *
 * Which units occur is known only when the file is there, so each distinct pair of units is asked of UCUM once, and the answers stand
 * in a temporary table of factors and offsets that the rule joins.
 */

import { findConcept, kindOf, type ResolvedValue } from "@dure/clinical";
import { convertUnits, findUcumCode, isUcumCode } from "@dure/clinical/units";
import { assert, DureError } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import type { CodeLookup } from "../vocabulary/code-lookup.ts";
import type { EventPlan, EventRow } from "./event-rule.ts";
import { tooManyUnits, unknownStoredUnit } from "./problems.ts";
import { joins, type RuleContext, resolve } from "./rule.ts";

/** Different units, or pairs of unit and target, that a file can have: a column with more holds something else. */
const UNIT_PAIRS_MAX = 5000;
const ROWS_PER_STATEMENT = 500;

type ResultValue = Extract<ResolvedValue["value"], { readonly result: string }>;

/** The rule's value, where it is a result. */
export function resultOf(row: EventRow, context: RuleContext): ResolvedValue | undefined {
  if (!("value" in row) || row.value === undefined) return undefined;
  const value = resolve(row.value, context);
  return kindOf(context.mapping, value) === "result" ? value : undefined;
}

/** Fills the temporary table `into` (unit, target, molar_mass, valence, factor, shift, reason, concept_id). */
export async function stageUnits(
  options: { readonly session: SqlSession; readonly codes: CodeLookup; readonly context: RuleContext },
  row: EventRow,
  into: string,
): Promise<void> {
  const { session, codes, context } = options;
  const value = resultOf(row, context);
  assert(value !== undefined && "result" in value.value, "asked for results only");
  const joined = joins(context, row.concept);
  const main = joined.concept(row.concept);
  const target = targetSql(row, value.value, main?.map?.storedUnit);
  const pairs = await session.rows(sql`
    SELECT DISTINCT ${context.names.unit(value)}, ${target}, ${substanceSql(value.value, main?.map)} FROM ${joined.from()} WHERE x = 0 LIMIT ${integer(UNIT_PAIRS_MAX + 1)}`);
  const path = context.mapping.files[context.file]?.path ?? "";
  if (pairs.length > UNIT_PAIRS_MAX)
    throw new DureError(
      tooManyUnits(path, typeof value.value.unit === "string" ? value.value.result : value.value.unit.column, UNIT_PAIRS_MAX),
    );
  const noUnits = [...new Set(pairs.flatMap(([, to]) => (typeof to === "string" && !isUcumCode(to) ? [to] : [])))];
  if (noUnits.length > 0) throw new DureError(noUnits.map((code) => unknownStoredUnit(path, code)));
  const text = (cell: unknown): string | undefined => (typeof cell === "string" ? cell : undefined);
  const number = (cell: unknown): number | undefined => (typeof cell === "number" ? cell : undefined);
  const conversions = pairs.map(([unit, to, molarMass, valence]) => ({
    ...{ unit: text(unit), to: text(to), molarMass: number(molarMass), valence: number(valence) },
    ...convert(value.value as ResultValue, { unit: text(unit), to: text(to), molarMass: number(molarMass), valence: number(valence) }), // checked just above
  }));
  await session.run(
    sql`CREATE TEMP TABLE units_raw (unit VARCHAR, target VARCHAR, molar_mass DOUBLE, valence DOUBLE, factor DOUBLE, shift DOUBLE, reason VARCHAR, stored VARCHAR)`,
  );
  for (let start = 0; start < conversions.length; start += ROWS_PER_STATEMENT) {
    const rows = conversions
      .slice(start, start + ROWS_PER_STATEMENT)
      .map(
        ({ unit, to, molarMass, valence, factor, shift, reason, stored }) =>
          sql`(${unit ?? null}, ${to ?? null}, ${molarMass ?? null}::DOUBLE, ${valence ?? null}::DOUBLE, ${factor}::DOUBLE, ${shift}::DOUBLE, ${reason ?? null}, ${stored ?? null})`,
      );
    await session.run(sql`INSERT INTO units_raw VALUES ${join(rows)}`);
  }
  await codes.resolveSet(
    session,
    sql`SELECT DISTINCT 'UCUM' AS vocabulary, stored AS code, NULL::DATE AS on_date FROM units_raw WHERE stored IS NOT NULL`,
    "units_resolved",
  );
  await session.run(sql`
    CREATE TEMP TABLE ${identifier(into)} AS SELECT u.*, r.concept_id FROM units_raw u
    LEFT JOIN (SELECT code, max(target_concept_id) AS concept_id FROM units_resolved WHERE relation = 'event' GROUP BY code) r ON r.code = u.stored`);
  for (const table of ["units_raw", "units_resolved"]) await session.run(sql`DROP TABLE ${identifier(table)}`);
}

/** Joins the conversion of the row's unit: columns `unit_factor`, `unit_shift`, `unit_reason`, `unit_concept`, `unit_stored`. */
export function joinUnits(plan: EventPlan, value: ResolvedValue): void {
  const { units, row, context, main } = plan;
  assert(units !== undefined && "result" in value.value, "the units of a result were staged");
  const target = targetSql(row, value.value, main.map === undefined ? undefined : sql`j0.stored_unit`);
  const [molarMass, valence] = substanceColumns(
    value.value,
    main.map === undefined ? undefined : { molarMass: sql`j0.molar_mass`, valence: sql`j0.valence` },
  );
  plan.joins.add(
    (
      alias,
    ) => sql`LEFT JOIN ${units} ${alias} ON ${alias}.unit IS NOT DISTINCT FROM s.${context.names.unit(value)} AND ${alias}.target IS NOT DISTINCT FROM ${target}
      AND ${alias}.molar_mass IS NOT DISTINCT FROM ${molarMass} AND ${alias}.valence IS NOT DISTINCT FROM ${valence}`,
    (alias) => [
      ["unit_factor", sql`${alias}.factor`],
      ["unit_shift", sql`${alias}.shift`],
      ["unit_reason", sql`${alias}.reason`],
      ["unit_concept", sql`${alias}.concept_id`],
      ["unit_stored", sql`${alias}.stored`],
    ],
  );
}

/** SNOMED's relational signs, by their OMOP concepts. */
const SIGN_CONCEPTS: readonly (readonly [sign: string, conceptId: number])[] = [
  ["<", 4171756],
  ["<=", 4171754],
  [">=", 4171755],
  [">", 4172704],
];

/** A number of the result's own unit, such as a bound of its reference range, in the unit of the stored result. */
export const convertedSql = (number: Sql): Sql => sql`(${number} * coalesce(unit_factor, 1) + coalesce(unit_shift, 0))`;

export function resultColumns({ context }: EventPlan, value: ResolvedValue): readonly (readonly [string, Sql])[] {
  const number = context.names.value(value);
  const signs = SIGN_CONCEPTS.map(([sign, id]) => sql`WHEN ${sign} THEN ${integer(id)}`);
  return [
    ["value_as_number", sql`(${number} * unit_factor + unit_shift)`],
    ["operator_concept_id", sql`CASE ${context.names.sign(value)} ${join(signs, " ")} END`],
    [
      "unit_concept_id",
      sql`CASE WHEN ${number} IS NOT NULL AND ${context.names.unit(value)} IS NOT NULL THEN coalesce(unit_concept, 0) END`,
    ],
    // The unit's own code, never the cell: a cell can hold anything.
    ["unit_source_value", sql`CASE WHEN ${number} IS NOT NULL THEN left(unit_stored, 50) END`],
  ];
}

function targetSql(row: EventRow, value: ResultValue, ofCode: Sql | undefined): Sql {
  if (value.storeIn !== undefined) return sql`${value.storeIn}::VARCHAR`;
  const named = typeof row.concept === "string" ? findConcept(row.concept).unit : undefined;
  return named === undefined ? (ofCode ?? sql`NULL::VARCHAR`) : sql`${named}::VARCHAR`;
}

const substanceSql = (value: ResultValue, map: { readonly molarMass: Sql; readonly valence: Sql } | undefined): Sql =>
  join(substanceColumns(value, map));

const substanceColumns = (value: ResultValue, map: { readonly molarMass: Sql; readonly valence: Sql } | undefined): readonly [Sql, Sql] => [
  value.molarMassGPerMol === undefined ? (map?.molarMass ?? sql`NULL::DOUBLE`) : sql`${value.molarMassGPerMol}::DOUBLE`,
  value.valence === undefined ? (map?.valence ?? sql`NULL::DOUBLE`) : sql`${value.valence}::DOUBLE`,
];

interface Pair {
  readonly unit: string | undefined;
  readonly to: string | undefined;
  readonly molarMass: number | undefined;
  readonly valence: number | undefined;
}

interface Conversion {
  readonly factor: number;
  readonly shift: number;
  /** UCUM code of the number as it is stored. */
  readonly stored?: string | undefined;
  /** Why it cannot be stored. */
  readonly reason?: string;
}

const AS_IT_IS: Conversion = { factor: 1, shift: 0 };

/** Without a unit to store in, a number keeps the one it came with, known or not. */
function convert(value: ResultValue, { unit, to, molarMass, valence }: Pair): Conversion {
  if (unit === undefined) return to === undefined ? AS_IT_IS : { ...AS_IT_IS, reason: "unit missing" };
  const from = ownUnit(value, unit) ?? findUcumCode(unit);
  if (to === undefined) return { ...AS_IT_IS, stored: from };
  if (from === undefined) return { ...AS_IT_IS, reason: "not a unit" };
  const substance = { ...(molarMass === undefined ? {} : { molarMassGPerMol: molarMass }), ...(valence === undefined ? {} : { valence }) };
  const conversion = convertUnits(from, to, substance);
  if (conversion.kind === "none") return { ...AS_IT_IS, reason: conversion.reason };
  return { factor: conversion.factor, shift: conversion.offset, stored: to };
}

function ownUnit({ unit }: ResultValue, written: string): string | undefined {
  if (typeof unit === "string") return unit;
  const own = unit.units ?? {};
  return Object.hasOwn(own, written) ? own[written] : undefined;
}
