/**
 * Counts of faults, for many checks of one table in few passes.
 *
 * Asking each of 2,500 checks on its own would read the large tables a hundred times. Checks that look at one row at a time share one
 * pass; those of a concept field share one grouping of its values, which is then small, and is looked up in the vocabulary once.
 */

import type { CheckCounts, QualityCheck } from "@dure/clinical/quality";
import type { Cell, SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import { type ConditionContext, fromTable, type RowCondition, rowCondition } from "./row-conditions.ts";
import {
  conceptAtFault,
  conceptFault,
  descendantsOf,
  GENDER_CONCEPTS,
  HAS_UNIT_AND_NUMBER,
  OVERLAPS,
  periodsWithEarlierEnd,
  pointsAtNothing,
} from "./violations.ts";

/** Checks that one statement answers, and how. They are of one table. */
export interface CheckGroup {
  readonly checks: readonly QualityCheck[];
  /** In the order of `checks`. Any part of them can be counted as well, where the whole cannot. */
  readonly count: (session: SqlSession, checks: readonly QualityCheck[], context: ConditionContext) => Promise<readonly CheckCounts[]>;
}

/** Checks in one statement: some have two results each, and an engine takes 1,600. */
const CHECKS_MAX = 300;

/** @param checks of one table, without those that the table's facts answer. */
export function groupChecks(checks: readonly QualityCheck[], context: ConditionContext): readonly CheckGroup[] {
  const ways = checks.map((check) => ({ check, way: wayOf(check, context) }));
  const groups = Map.groupBy(ways, ({ check, way }, i) => {
    if (way.kind === "alone") return `alone ${i}`;
    return way.kind === "rows" ? way.kind : `${way.kind} ${check.field}`;
  });
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const own = group.map(({ check }) => check);
    const starts = Array.from({ length: Math.ceil(own.length / CHECKS_MAX) }, (_, i) => i * CHECKS_MAX);
    return starts.map((start) => ({ checks: own.slice(start, start + CHECKS_MAX), count: first.way.count }));
  });
}

interface Way {
  readonly kind: "rows" | "concepts" | "sex" | "units" | "alone";
  readonly count: CheckGroup["count"];
}

function wayOf(check: QualityCheck, context: ConditionContext): Way {
  if (rowCondition(check, context) !== undefined) return { kind: "rows", count: countRows };
  const { name, rule } = check;
  const isOfConcepts = name === "fkDomain" || name === "fkClass" || name === "isStandardValidConcept";
  if (isOfConcepts || (rule.kind === "references" && rule.table === "concept" && rule.field === "concept_id"))
    return { kind: "concepts", count: countConcepts };
  if (name === "plausibleGender") return { kind: "sex", count: countSex };
  if (name === "plausibleUnitConceptIds") return { kind: "units", count: countUnits };
  return {
    kind: "alone",
    count: async (session, checks, { schema }) => Promise.all(checks.map((one) => countAlone(session, one, schema))),
  };
}

async function countRows(session: SqlSession, checks: readonly QualityCheck[], context: ConditionContext): Promise<readonly CheckCounts[]> {
  const conditions = checks.map((check): RowCondition => rowCondition(check, context) ?? { violates: sql`false`, joins: [] });
  const counts = conditions.flatMap(({ violates, counted }) => [
    sql`count(*) FILTER (WHERE ${violates})`,
    counted === undefined ? sql`count(*)` : sql`count(*) FILTER (WHERE ${counted})`,
  ]);
  const from = fromTable(context.schema, checks[0]?.table ?? "", new Set(conditions.flatMap(({ joins }) => joins)));
  const [row = []] = await session.rows(sql`SELECT ${join(counts)} ${from}`);
  return checks.map((_, i) => pair(row, 2 * i));
}

/** How often each value occurs, then each value once against the vocabulary. */
async function countConcepts(
  session: SqlSession,
  checks: readonly QualityCheck[],
  { schema }: ConditionContext,
): Promise<readonly CheckCounts[]> {
  const faults = checks.map((check) => (check.name === "isForeignKey" ? sql`c.concept_id IS NULL` : conceptAtFault(conceptFault(check))));
  const counts = faults.map((fault) => sql`coalesce(sum(u.row_count) FILTER (WHERE ${fault}), 0)`);
  const { table, field } = ofAll(checks);
  const [row = []] = await session.rows(sql`
    SELECT (SELECT count(*) FROM ${identifier(schema)}.${identifier(table)}), ${join(counts)}
    FROM (SELECT ${identifier(field)} AS concept_id, count(*) AS row_count FROM ${identifier(schema)}.${identifier(table)}
      WHERE ${identifier(field)} IS NOT NULL GROUP BY ${identifier(field)}) u
    LEFT JOIN ${identifier(schema)}.concept c ON c.concept_id = u.concept_id`);
  return checks.map((_, i) => ({ violatedCount: Number(row[i + 1]), denominatorCount: Number(row[0]) }));
}

async function countSex(
  session: SqlSession,
  checks: readonly QualityCheck[],
  { schema }: ConditionContext,
): Promise<readonly CheckCounts[]> {
  const { table, field } = ofAll(checks);
  const value = sql`t.${identifier(field)}`;
  const rows = await session.rows(sql`
    SELECT ${value}, p.gender_concept_id, count(*) ${fromTable(schema, table, new Set(["person"]))}
    WHERE ${value} IN (${conceptsOf(checks)}) GROUP BY ${value}, p.gender_concept_id`);
  return checks.map((check) => tally(rows, check, (gender) => gender !== expectedGender(check)));
}

async function countUnits(
  session: SqlSession,
  checks: readonly QualityCheck[],
  { schema }: ConditionContext,
): Promise<readonly CheckCounts[]> {
  const { table, field } = ofAll(checks);
  const value = sql`t.${identifier(field)}`;
  const rows = await session.rows(sql`
    SELECT ${value}, t.unit_concept_id, count(*) FROM ${identifier(schema)}.${identifier(table)} t
    WHERE ${value} IN (${conceptsOf(checks)}) AND ${HAS_UNIT_AND_NUMBER} GROUP BY ${value}, t.unit_concept_id`);
  return checks.map((check) => {
    const units = new Set(check.rule.kind === "units" ? check.rule.unitConceptIds : []);
    return tally(rows, check, (unit) => !units.has(unit));
  });
}

async function countAlone(session: SqlSession, check: QualityCheck, schema: string): Promise<CheckCounts> {
  const [row = []] = await session.rows(statementOf(check, schema));
  return pair(row, 0);
}

/** Faults and denominator of a check that shares its pass with no other. */
function statementOf(check: QualityCheck, schema: string): Sql {
  const { name, rule, conceptIds = [] } = check;
  const of = (table: string): Sql => sql`${identifier(schema)}.${identifier(table)}`;
  const table = of(check.table);
  const field = identifier(check.field ?? "person_id");
  if (name === "measurePersonCompleteness") return withoutRow(of("person"), sql`(SELECT DISTINCT person_id FROM ${table})`);
  if (name === "measureConditionEraCompleteness")
    return withoutRow(sql`(SELECT DISTINCT person_id FROM ${of("condition_occurrence")})`, sql`(SELECT DISTINCT person_id FROM ${table})`);
  if (name === "measureObservationPeriodOverlap")
    return sql`SELECT count(DISTINCT t.person_id) FILTER (WHERE ${OVERLAPS}), count(DISTINCT t.person_id) FROM ${periodsWithEarlierEnd(schema)} t`;
  if (name === "isPrimaryKey")
    return sql`SELECT coalesce(sum(row_count) FILTER (WHERE row_count > 1 AND id IS NOT NULL), 0), coalesce(sum(row_count), 0)
      FROM (SELECT ${field} AS id, count(*) AS row_count FROM ${table} GROUP BY ${field}) k`;
  if (rule.kind === "references")
    return sql`SELECT count(*) FILTER (WHERE ${pointsAtNothing(sql`t.${field}`, schema, rule)}), count(*) FROM ${table} t`;
  if (rule.kind === "source-value")
    return sql`SELECT count(*) FILTER (WHERE is_unmapped), count(*)
      FROM (SELECT ${field}, bool_or(${identifier(rule.standardConceptField)} = 0) AS is_unmapped FROM ${table} GROUP BY ${field}) s`;
  const from = fromTable(schema, check.table, new Set(["person"]));
  return sql`SELECT count(*) FILTER (WHERE p.gender_concept_id <> ${integer(expectedGender(check))}), count(*) ${from}
    WHERE t.${field} IN (${descendantsOf(conceptIds, schema)})`;
}

const withoutRow = (persons: Sql, seen: Sql): Sql =>
  sql`SELECT count(*) FILTER (WHERE x.person_id IS NULL), count(*) FROM ${persons} a LEFT JOIN ${seen} x ON x.person_id = a.person_id`;

/** From rows of concept, what is judged, count. What is not recorded is no fault. */
function tally(rows: readonly (readonly Cell[])[], { conceptIds = [] }: QualityCheck, isFault: (value: number) => boolean): CheckCounts {
  const own = rows.filter(([concept]) => conceptIds.includes(Number(concept)));
  const sum = (some: readonly (readonly Cell[])[]): number => some.reduce((total, [, , count]) => total + Number(count), 0);
  return { violatedCount: sum(own.filter(([, value]) => value !== null && isFault(Number(value)))), denominatorCount: sum(own) };
}

const expectedGender = ({ rule }: QualityCheck): number => GENDER_CONCEPTS[rule.kind === "sex" ? rule.sex : "male"];

const conceptsOf = (checks: readonly QualityCheck[]): Sql => join(checks.flatMap(({ conceptIds = [] }) => conceptIds).map(integer));

const ofAll = (checks: readonly QualityCheck[]): { readonly table: string; readonly field: string } => ({
  table: checks[0]?.table ?? "",
  field: checks[0]?.field ?? "",
});

const pair = (row: readonly Cell[], at: number): CheckCounts => ({
  violatedCount: Number(row[at] ?? 0),
  denominatorCount: Number(row[at + 1] ?? 0),
});
