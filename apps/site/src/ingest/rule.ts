/** One row rule of a mapping: which rows it takes, why it leaves the others, and the OMOP rows that it makes. */

import {
  CONCEPTS,
  type ConceptName,
  type ConceptReference,
  findConcept,
  findValue,
  type Mapping,
  type OmopTable,
  type ResolvedValue,
} from "@dure/clinical";
import { assert } from "@dure/kernel";
import { emptySql, identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import { conditionsSql } from "./condition-sql.ts";
import { type LookedUp, mapKeySql, valueKey } from "./stage-lookups.ts";
import type { StagingNames } from "./staging-names.ts";
import { hasTime } from "./value-sql.ts";

export interface RuleContext {
  readonly mapping: Mapping;
  readonly names: StagingNames;
  readonly parameters: Readonly<Record<string, string>>;
  readonly sensitive: readonly ConceptName[];
  readonly file: string;
  /** The schema of the snapshot. */
  readonly schema: string;
  /** Rows of the file. */
  readonly rowsIn: number;
  /** By `valueKey`: the looked-up values, whose maps stand in temporary tables. */
  readonly lookedUp: ReadonlyMap<string, LookedUp>;
  /** The first of `count` ids of a table. */
  readonly reserveIds: (table: OmopTable, count: number) => number;
}

export type Columns = readonly (readonly [name: string, value: Sql])[];

export interface Rule {
  readonly name: string;
  readonly table: OmopTable;
  /** Checked in order; the first that holds is the reason. Columns of `from`. */
  readonly exclusions: readonly { readonly reason: string; readonly holds: Sql }[];
  /** The staged rows, with what they are joined to. */
  readonly from: Sql;
  /** A row of the file can stand in `from` several times, numbered by `copy` from 0. */
  readonly hasCopies: boolean;
  /** For `arg_min`-like rules: keep the first row of each person by this date. */
  readonly onePerPersonBy?: Sql;
  readonly inserts: readonly { readonly table: OmopTable; readonly columns: Columns; readonly holds?: Sql }[];
  /** Codes of a vocabulary that the rows carry: counted by whether they are mapped. */
  readonly codes: readonly CodeUse[];
  /** More to be made of the rows taken, given as a relation. */
  readonly after?: (rows: Sql) => readonly Sql[];
}

export interface CodeUse {
  readonly vocabulary: string;
  /** In which the hospital reviews codes that have no concept. */
  readonly list: string;
  readonly code: Sql;
  readonly concept: Sql;
  readonly equivalence: Sql;
}

/** Rows that are kept by the file, each with the number `e` of the rule's exclusion; 0 = taken. */
export function takenRows(rule: Rule): Sql {
  const cases = rule.exclusions.map(({ holds }, i) => sql`WHEN ${holds} THEN ${integer(i + 1)}`);
  const number = cases.length === 0 ? sql`0` : sql`CASE ${join(cases, " ")} ELSE 0 END`;
  const rows = sql`SELECT *, ${number} AS e FROM ${rule.from} WHERE x = 0`;
  if (rule.onePerPersonBy === undefined) return rows;
  const last = integer(rule.exclusions.length + 1);
  return sql`
    SELECT * REPLACE (CASE WHEN e = 0 AND row_number() OVER (PARTITION BY person_id, e = 0 ORDER BY ${rule.onePerPersonBy}, source_row) > 1 THEN ${last} ELSE e END AS e)
    FROM (${rows})`;
}

/** Counts rows of the file by exclusion number. */
export const countExcluded = (rule: Rule, rows: Sql): Sql =>
  sql`SELECT e, count(*) FROM ${rows}${rule.hasCopies ? sql` WHERE copy = 0` : emptySql} GROUP BY e ORDER BY e`;

export const insertRows = (
  rule: Rule,
  schema: string,
  rows: Sql,
): readonly { readonly table: OmopTable; readonly statement: Sql; readonly count: Sql }[] =>
  rule.inserts.map(({ table, columns, holds }) => {
    const taken = sql`FROM ${rows} WHERE e = 0${holds === undefined ? emptySql : sql` AND ${holds}`}`;
    return {
      table,
      statement: sql`
        INSERT INTO ${identifier(schema)}.${identifier(table)} (${join(columns.map(([name]) => identifier(name)))})
        SELECT ${join(columns.map(([, value]) => value))} ${taken}`,
      count: sql`SELECT count(*) ${taken}`,
    };
  });

/** The reasons of `countExcluded`, by number from 1. */
export const reasonsOf = (rule: Rule): readonly string[] => [
  ...rule.exclusions.map(({ reason }) => reason),
  ...(rule.onePerPersonBy === undefined ? [] : ["a later row of a person who has one already"]),
];

interface DatedRow {
  readonly date: string;
  readonly when?: Parameters<typeof conditionsSql>[0] | undefined;
  readonly otherwise?: string | undefined;
}

export function commonExclusions(row: DatedRow, context: RuleContext): Rule["exclusions"] {
  const when =
    row.when === undefined
      ? []
      : [{ reason: row.otherwise ?? "its condition does not hold", holds: sql`NOT ${conditionHolds(row.when, context)}` }];
  return [...when, { reason: `${row.date}: missing`, holds: sql`${valueColumn(row.date, context)} IS NULL` }];
}

export const conditionHolds = (conditions: Parameters<typeof conditionsSql>[0], context: RuleContext): Sql =>
  conditionsSql(conditions, {
    names: context.names,
    parameters: context.parameters,
    find: (reference) => findValue(context.mapping, context.file, reference),
  });

export const sensitiveExclusion = (concept: Sql, context: RuleContext): Rule["exclusions"] =>
  context.sensitive.length === 0
    ? []
    : [
        {
          reason: "sensitive category",
          holds: sql`coalesce(${concept} IN (${join(context.sensitive.map((name) => integer(findConcept(name).id)))}), false)`,
        },
      ];

export const typeConcept = (context: RuleContext): Sql => integer(CONCEPTS[context.mapping.recordType].id);
export const valueColumn = (reference: string, context: RuleContext): Sql => context.names.value(resolve(reference, context));

export function resolve(reference: string, context: RuleContext): ResolvedValue {
  const resolved = findValue(context.mapping, context.file, reference);
  assert(resolved !== undefined, "the mapping was checked");
  return resolved;
}

/** The point in time of a date, where its format has the hour. */
export function timeColumn(reference: string | undefined, context: RuleContext): Sql | undefined {
  if (reference === undefined) return undefined;
  const resolved = resolve(reference, context);
  return "date" in resolved.value && hasTime(resolved.value.format) && resolved.file === context.file
    ? context.names.time(resolved)
    : undefined;
}

/** Columns with the values that are there. */
export const present = (columns: readonly (readonly [string, Sql | undefined])[]): Columns =>
  columns.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));

/** The staged rows with their looked-up codes: `concept` gives columns that can be used in the rule's statements. */
export interface Joins {
  readonly concept: (reference: ConceptReference | undefined) => JoinedConcept | undefined;
  /** @param isCounted false for a code of which only the text is used: whether it is mapped is no figure. */
  readonly value: (reference: string | undefined, isCounted?: boolean) => JoinedConcept | undefined;
  /** Any other table, under an alias of its own. */
  readonly add: (join: (alias: Sql) => Sql, columns: (alias: Sql) => Columns) => void;
  readonly from: () => Sql;
  readonly codes: () => readonly CodeUse[];
}

export interface JoinedConcept {
  readonly concept: Sql;
  /** The code as the source wrote it, where it has the form of one. */
  readonly sourceValue?: Sql;
  /** Prefix of the columns that the map of a looked-up code gives. */
  readonly map?: MapColumns;
}

export interface MapColumns {
  readonly code: Sql;
  readonly domain: Sql;
  readonly sourceConcept: Sql;
  readonly value: Sql;
  readonly storedUnit: Sql;
  readonly molarMass: Sql;
  readonly valence: Sql;
  readonly position: Sql;
}

/** @param main the row's own concept, whose several targets make several rows; of any other the first target counts. */
export function joins(context: RuleContext, main: ConceptReference | undefined): Joins {
  const { names, mapping, file } = context;
  const tables: Sql[] = [];
  const columns: [string, Sql][] = [];
  const uses: CodeUse[] = [];
  const joined = new Map<string, JoinedConcept>();
  const mainKey = typeof main === "object" ? valueKey(resolve(main.value, context)) : undefined;
  const joinMap = (resolved: ResolvedValue, isCounted: boolean): JoinedConcept => {
    const key = valueKey(resolved);
    const before = joined.get(key);
    if (before !== undefined) return before;
    const prefix = `j${joined.size}`;
    const alias = identifier(prefix);
    const { code, day } = mapKeySql(resolved, mapping, names);
    const sameDay = day === undefined ? sql`${alias}.day IS NULL` : sql`${alias}.day IS NOT DISTINCT FROM s.${day}`;
    const first = key === mainKey ? emptySql : sql` AND ${alias}.position = 0`;
    const own = "code" in resolved.value ? code : sql`s.${code}`;
    tables.push(sql`LEFT JOIN ${names.map(resolved)} ${alias} ON ${alias}.code = s.${code} AND ${sameDay}${first}`);
    for (const name of MAP_COLUMNS) columns.push([`${prefix}_${name}`, sql`${alias}.${identifier(name)}`]);
    const sourceValue = sql`CASE WHEN ${alias}.concept_id <> 0 THEN ${own} ELSE ${codeText(own)} END`; // a known code is a code
    columns.push([`${prefix}_source_value`, "code" in resolved.value ? sql`NULL::VARCHAR` : sourceValue]);
    const column = (name: string): Sql => identifier(`${prefix}_${name}`);
    if (isCounted)
      uses.push({
        vocabulary: context.lookedUp.get(key)?.vocabulary ?? "",
        list: context.lookedUp.get(key)?.list ?? "",
        ...{ code: column("code"), concept: column("concept_id"), equivalence: column("equivalence") },
      });
    const result: JoinedConcept = {
      concept: column("concept_id"),
      sourceValue: column("source_value"),
      map: {
        ...{
          code: column("code"),
          domain: column("domain_id"),
          sourceConcept: column("source_concept_id"),
          value: column("value_concept_id"),
        },
        ...{ storedUnit: column("stored_unit"), molarMass: column("molar_mass"), valence: column("valence"), position: column("position") },
      },
    };
    joined.set(key, result);
    return result;
  };
  const value = (reference: string, isCounted = true): JoinedConcept => {
    const resolved = resolve(reference, context);
    if ("lookUp" in resolved.value || "code" in resolved.value) return joinMap(resolved, isCounted);
    const isListed = "codeConcept" in resolved.value || "codeNumber" in resolved.value;
    return { concept: names.value(resolved), ...(isListed ? { sourceValue: names.code(resolved) } : {}) };
  };
  return {
    value: (reference, isCounted) => (reference === undefined ? undefined : value(reference, isCounted)),
    concept: (reference) =>
      reference === undefined
        ? undefined
        : typeof reference === "string"
          ? { concept: integer(findConcept(reference).id) }
          : value(reference.value),
    add: (table, added) => {
      const alias = identifier(`t${tables.length}`);
      tables.push(table(alias));
      for (const [name, column] of added(alias)) columns.push([name, column]);
    },
    from: () =>
      tables.length === 0
        ? sql`${names.table(file)} s`
        : sql`(SELECT ${join([sql`s.*`, ...columns.map(([name, column]) => sql`${column} AS ${identifier(name)}`)])} FROM ${names.table(file)} s ${join(tables, " ")})`,
    codes: () => uses,
  };
}

const MAP_COLUMNS = [
  "code",
  "concept_id",
  "domain_id",
  "equivalence",
  "source_concept_id",
  "value_concept_id",
  "stored_unit",
  "molar_mass",
  "valence",
  "position",
] as const;

/**
 * A code as text: a cell of a code's column can hold anything, and what is no code (a word, a name, a resident registration number)
 * does not enter the store.
 */
const codeText = (cell: Sql): Sql =>
  sql`CASE WHEN regexp_full_match(${cell}, '[A-Za-z0-9][A-Za-z0-9._/+*:-]{0,19}') AND NOT regexp_matches(${cell}, '[0-9]{6}-?[0-9]{7}') THEN ${cell} END`;
