/**
 * A number in the unit that its concept is stored in. In a long table with one row a test both the concept and the unit differ by
 * row: each pair that can be converted is a branch, and a row of any other pair is refused before anything is written.
 */

import {
  type Concept,
  conceptsOf,
  findConcept,
  findConversion,
  findValue,
  kindOf,
  type Mapping,
  type MappingRow,
  type ResolvedValue,
  type Unit,
  unitConceptId,
  unitsOf,
} from "@dure/clinical";
import { assert } from "@dure/kernel";
import { integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import type { StagingNames } from "./staging-names.ts";
import { hasSeveralUnits } from "./value-sql.ts";

interface Context {
  readonly mapping: Mapping;
  readonly names: StagingNames;
  readonly file: string;
}

type NumberRow = Extract<MappingRow, { readonly to: "measurement" | "observation" }> & { readonly value: string };

/** Columns of the OMOP row of a number. */
export function numberColumns(row: NumberRow, context: Context): readonly (readonly [string, Sql])[] {
  const number = context.names.value(find(row.value, context));
  if (pairsOf(row, context).length === 0) return asItIs(number, unitsOf(context.mapping, find(row.value, context)));
  const branches = branchesOf(row, context);
  const choose = (result: (branch: Branch) => Sql): Sql =>
    branches.length === 1 && branches[0] !== undefined
      ? result(branches[0])
      : sql`CASE ${join(
          branches.map((branch) => sql`WHEN ${branch.holds} THEN ${result(branch)}`),
          " ",
        )} END`;
  return [
    ["value_as_number", choose(({ unit, stored }) => converted(number, unit, stored))],
    ["unit_concept_id", choose(({ stored }) => sql`${unitIdSql(stored)}::INTEGER`)],
  ];
}

/** A number whose concept a vocabulary decides: no unit to store it in is known, so it keeps the one it came in. */
function asItIs(number: Sql, units: readonly Unit[]): readonly (readonly [string, Sql])[] {
  const [unit] = units;
  return [
    ["value_as_number", number],
    ...(unit === undefined || units.length > 1 ? [] : ([["unit_concept_id", unitIdSql(unit)]] as const)),
  ];
}

/** Whether the row has a number, a concept and a unit of which the one cannot be stored in the other's; undefined where none can. */
export function unfitUnitSql(row: NumberRow, context: Context): Sql | undefined {
  const value = find(row.value, context);
  if (typeof row.concept === "string" || kindOf(context.mapping, value) !== "number") return undefined;
  const branches = branchesOf(row, context);
  if (branches.length === pairsOf(row, context).length) return undefined;
  const [number, concept, unit] = [context.names.value(value), conceptOf(row.concept, context), context.names.unit(value)];
  const fits = join(
    branches.map(({ holds }) => holds),
    " OR ",
  );
  return sql`(${number} IS NOT NULL AND ${concept} IS NOT NULL AND ${unit} IS NOT NULL AND NOT coalesce(${fits}, false))`;
}

interface Branch {
  readonly unit: Unit;
  readonly stored: Unit;
  readonly holds: Sql;
}

/** The pairs of concept and unit that can be converted. */
function branchesOf(row: NumberRow, context: Context): readonly Branch[] {
  const value = find(row.value, context);
  const concepts = conceptsOf(context.mapping, (reference) => findValue(context.mapping, context.file, reference), row);
  return pairsOf(row, context).flatMap(({ concept, unit }) => {
    const stored = storedUnit(concept);
    if (findConversion(unit, stored) === undefined) return [];
    const tests = [
      ...(concepts.length > 1 ? [sql`${conceptOf(row.concept, context)} = ${integer(concept.id)}`] : []),
      ...(hasSeveralUnits(value, context.mapping) ? [sql`${context.names.unit(value)} = ${unit}`] : []),
    ];
    return [{ unit, stored, holds: tests.length === 0 ? sql`true` : sql`(${join(tests, " AND ")})` }];
  });
}

function pairsOf(row: NumberRow, context: Context): readonly { readonly concept: Concept; readonly unit: Unit }[] {
  const units = unitsOf(context.mapping, find(row.value, context));
  const concepts = conceptsOf(context.mapping, (reference) => findValue(context.mapping, context.file, reference), row);
  return concepts.flatMap((concept) => units.map((unit) => ({ concept, unit })));
}

const conceptOf = (concept: NumberRow["concept"], context: Context): Sql =>
  typeof concept === "string" ? integer(findConcept(concept).id) : context.names.value(find(concept.value, context));

function find(reference: string, context: Context): ResolvedValue {
  const resolved = findValue(context.mapping, context.file, reference);
  assert(resolved !== undefined, "the mapping was checked");
  return resolved;
}

function converted(number: Sql, from: Unit, to: Unit): Sql {
  const factor = findConversion(from, to);
  assert(factor !== undefined, "the mapping was checked");
  const times = factor.numerator === 1 ? number : sql`${number} * ${integer(factor.numerator)}::DOUBLE`;
  return factor.denominator === 1 ? times : sql`${times} / ${integer(factor.denominator)}::DOUBLE`;
}

function storedUnit(concept: Concept): Unit {
  assert(concept.unit !== undefined, "the mapping was checked: a number's concept has a unit");
  return concept.unit;
}

const unitIdSql = (unit: Unit): Sql => {
  const id = unitConceptId(unit);
  return id === undefined ? sql`NULL` : integer(id);
};
