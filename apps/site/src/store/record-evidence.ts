/**
 * What shows that the records behind a research table's columns are mapped and carry their units: shares of a hospital's own rows, for the gate
 * of a study. They stay in the hospital.
 */

import { type ColumnSource, findConcept, type ResearchTable, sourceReferences, unitConceptId } from "@dure/clinical";
import type { RecordEvidence } from "@dure/records";
import type { SqlSession } from "./clinical-session.ts";
import { identifier, integer, type Sql, sql } from "./clinical-sql.ts";

/**
 * For the wanted columns that are read from measurements or observations. A column computed from others has the least of their shares; one
 * that is read from neither has none. One scan of a domain's table for each record behind a column.
 */
export async function readEvidence(
  session: SqlSession,
  table: ResearchTable,
  schema: string,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, RecordEvidence>> {
  const sources = new Map<string, ColumnSource>(Object.entries(table.inputs));
  for (const [name, { source }] of Object.entries(table.columns)) if (source !== undefined) sources.set(name, source);
  const evidence = new Map<string, RecordEvidence>();
  for (const column of wanted) {
    const found = await Promise.all(findingsOf(column, sources).map((finding) => sharesOf(session, table, schema, finding)));
    evidence.set(column, { ...leastOf("mapped", found), ...leastOf("unit", found) });
  }
  return evidence;
}

type Finding = Extract<ColumnSource, { readonly measurement: unknown } | { readonly observation: unknown }>;

/** Those that a column rests on. A table's references go upwards only, so this ends. */
function findingsOf(column: string, sources: ReadonlyMap<string, ColumnSource>): readonly Finding[] {
  const source = sources.get(column);
  if (source === undefined) return [];
  if ("measurement" in source || "observation" in source) return [source];
  return sourceReferences(source).flatMap((reference) => findingsOf(reference, sources));
}

async function sharesOf(session: SqlSession, { index }: ResearchTable, schema: string, finding: Finding): Promise<RecordEvidence> {
  if (index === undefined) return {};
  const [domain, name] =
    "measurement" in finding ? (["measurement", finding.measurement] as const) : (["observation", finding.observation] as const);
  const concept = findConcept(name);
  const conceptColumn = identifier(`${domain}_concept_id`);
  const [row] = await session.rows(sql`
    SELECT count(*), count(CASE WHEN ${conceptColumn} <> 0 THEN 1 END), count(CASE WHEN ${isOwn(conceptColumn, concept.id)} THEN 1 END),
      count(CASE WHEN ${isOwn(conceptColumn, concept.id)} AND ${carriesUnit(concept.unit === undefined ? undefined : unitConceptId(concept.unit))} THEN 1 END)
    FROM ${identifier(schema)}.${identifier(domain)}
    WHERE person_id IN (SELECT person_id FROM ${identifier(schema)}.condition_occurrence WHERE condition_concept_id = ${integer(findConcept(index.condition).id)})`);
  const [all = 0, mapped = 0, own = 0, withUnit = 0] = (row ?? []).map(Number);
  return { ...(all === 0 ? {} : { mapped: mapped / all }), ...(own === 0 || concept.unit === undefined ? {} : { unit: withUnit / own }) };
}

const isOwn = (column: Sql, conceptId: number): Sql => sql`(${column} = ${integer(conceptId)} AND value_as_number IS NOT NULL)`;

/** A count has no unit: one that has one is wrong. */
const carriesUnit = (unit: number | undefined): Sql =>
  unit === undefined ? sql`coalesce(unit_concept_id, 0) = 0` : sql`unit_concept_id = ${integer(unit)}`;

/** Several records behind one column: the worst of those that are there. */
function leastOf(aspect: keyof RecordEvidence, found: readonly RecordEvidence[]): RecordEvidence {
  const shares = found.flatMap((one) => one[aspect] ?? []);
  return shares.length === 0 ? {} : { [aspect]: Math.min(...shares) };
}
