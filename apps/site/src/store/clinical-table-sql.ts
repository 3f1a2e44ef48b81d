/** A research table document compiled to one query over a snapshot's OMOP tables. */

import { CONCEPTS, type ColumnSource, findConcept, isConceptName, type ResearchTable, sourceReferences } from "@dure/clinical";
import { assert, unreachable } from "@dure/kernel";
import { identifier, integer, join, type Sql, sql } from "./clinical-sql.ts";

export interface TableQuery {
  /** One row a person with the index condition: key, exclusion number, then the columns in the document's order; ascending by key. */
  readonly statement: Sql;
  /** By number from 1. */
  readonly reasons: readonly string[];
  readonly columns: readonly string[];
}

/** The table must have an index condition. Columns without a source are not part of the query. */
export function compileTable(table: ResearchTable, schema: string): TableQuery {
  assert(table.index !== undefined, "only a table with an index condition is read from OMOP");
  const sources = [
    ...Object.entries(table.inputs),
    ...Object.entries(table.columns).flatMap(([name, { source }]) => (source === undefined ? [] : [[name, source] as const])),
  ];
  const column = (name: string): Sql => identifier(`k${sources.findIndex(([candidate]) => candidate === name)}`);
  const in_ = (omopTable: string): Sql => sql`${identifier(schema)}.${identifier(omopTable)}`;
  const finding = (i: number): Sql => identifier(`j${i}`);
  const joins = sources.flatMap(([, source], i) => findingJoin(source, finding(i), in_));
  const value = ([name, source]: (typeof sources)[number]): Sql =>
    sql`${sourceSql(source, finding(sources.findIndex(([candidate]) => candidate === name)), column)} AS ${column(name)}`;
  const found = sources.filter(([, source]) => sourceReferences(source).length === 0).map(value);
  const rules = [
    ...table.complete.map((name) => ({ reason: `${name}: missing`, holds: sql`${column(name)} IS NULL` })),
    ...table.keep.map(({ column: name, above, reason }) => ({
      reason: `${name}: ${reason}`,
      holds: sql`NOT ${column(name)} > ${above}::FLOAT8`,
    })),
  ];
  const excluded =
    rules.length === 0
      ? sql`0`
      : sql`CASE ${join(
          rules.map(({ holds }, i) => sql`WHEN ${holds} THEN ${integer(i + 1)}`),
          " ",
        )} ELSE 0 END`;
  const columns = Object.entries(table.columns).flatMap(([name, { source }]) => (source === undefined ? [] : [name]));
  const persons = sql`
    SELECT ${join([sql`i.person_id::VARCHAR AS row_key`, ...found])} FROM index_condition i
      LEFT JOIN recurrences r ON r.event_id = i.event_id LEFT JOIN deaths d ON d.person_id = i.person_id
      LEFT JOIN observed o ON o.person_id = i.person_id ${join(joins, " ")}`;
  // What is computed from other columns stands one level above them: only DuckDB lets a column speak of its neighbours.
  const rows = sources
    .filter(([, source]) => sourceReferences(source).length > 0)
    .reduce((inner, source) => sql`SELECT below.*, ${value(source)} FROM (${inner}) below`, persons);
  const statement = sql`
    WITH ${withIndex(findConcept(table.index.condition).id, in_)}
    SELECT row_key, ${excluded} AS excluded, ${join(columns.map(column))} FROM (${rows}) all_rows
    ORDER BY length(row_key), row_key`;
  return { statement, reasons: rules.map(({ reason }) => reason), columns };
}

function withIndex(conceptId: number, in_: (table: string) => Sql): Sql {
  const field = integer(CONCEPTS["condition-occurrence-id"].id);
  return sql`
    index_condition AS (
      SELECT DISTINCT ON (person_id) person_id, condition_occurrence_id AS event_id, condition_start_date AS day
      FROM ${in_("condition_occurrence")} WHERE condition_concept_id = ${integer(conceptId)}
      ORDER BY person_id, condition_start_date, condition_occurrence_id),
    recurrences AS (
      SELECT e.event_id, min(p.episode_start_date) AS day FROM ${in_("episode_event")} e JOIN ${in_("episode")} p ON p.episode_id = e.episode_id
      WHERE e.episode_event_field_concept_id = ${field} AND p.episode_concept_id = ${integer(CONCEPTS["disease-recurrence"].id)} GROUP BY e.event_id),
    deaths AS (SELECT person_id, min(death_date) AS day FROM ${in_("death")} GROUP BY person_id),
    observed AS (
      SELECT i.person_id, max(p.observation_period_end_date) AS day FROM ${in_("observation_period")} p JOIN index_condition i ON i.person_id = p.person_id
      WHERE i.day BETWEEN p.observation_period_start_date AND p.observation_period_end_date GROUP BY i.person_id)`;
}

type Finding = Extract<ColumnSource, { readonly measurement: unknown } | { readonly observation: unknown }>;

/** The first finding of the concept that is linked to the index condition, by date and then by id. */
function findingJoin(source: ColumnSource, alias: Sql, in_: (table: string) => Sql): readonly Sql[] {
  if (!("measurement" in source || "observation" in source)) return [];
  const [table, concept, eventField, fieldConcept] =
    "measurement" in source
      ? (["measurement", source.measurement, "measurement_event_id", "meas_event_field_concept_id"] as const)
      : (["observation", source.observation, "observation_event_id", "obs_event_field_concept_id"] as const);
  const id = identifier(`${table}_id`);
  return [
    sql`LEFT JOIN (SELECT DISTINCT ON (${identifier(eventField)}) ${identifier(eventField)} AS event_id, ${findingValue(source)} AS value FROM ${in_(table)}
      WHERE ${identifier(`${table}_concept_id`)} = ${integer(findConcept(concept).id)} AND ${identifier(fieldConcept)} = ${integer(CONCEPTS["condition-occurrence-id"].id)}
      ORDER BY ${identifier(eventField)}, ${identifier(`${table}_date`)}, ${id}) AS ${alias} ON ${alias}.event_id = i.event_id`,
  ];
}

function findingValue(source: Finding): Sql {
  if (source.codes === undefined) return sql`value_as_number`;
  const cases = Object.entries(source.codes).map(([name, value]) => {
    assert(isConceptName(name), "the table was checked");
    return sql`WHEN ${integer(findConcept(name).id)} THEN ${value}::FLOAT8`;
  });
  return sql`CASE value_as_concept_id ${join(cases, " ")} END`;
}

function sourceSql(source: ColumnSource, finding: Sql, column: (name: string) => Sql): Sql {
  if ("measurement" in source || "observation" in source) return sql`${finding}.value`;
  if ("daysTo" in source) {
    const days = source.daysTo.map((what) => (what === "recurrence" ? sql`r.day` : what === "death" ? sql`d.day` : sql`o.day`));
    return sql`(least(${join(days)}) - i.day)::FLOAT8`; // a difference of dates is in days, on both engines
  }
  if ("occurred" in source) {
    const days = source.occurred.map((what) => (what === "recurrence" ? sql`r.day IS NOT NULL` : sql`d.day IS NOT NULL`));
    return sql`CASE WHEN ${join(days, " OR ")} THEN 1.0::FLOAT8 WHEN o.day IS NOT NULL THEN 0.0::FLOAT8 END`;
  }
  if ("classOf" in source) {
    const value = column(source.classOf);
    const cases = source.upTo.map((bound, i) => sql`WHEN ${value} <= ${bound}::FLOAT8 THEN ${integer(i + 1)}::FLOAT8`);
    return sql`CASE WHEN ${value} IS NULL THEN NULL ${join(cases, " ")} ELSE ${integer(source.upTo.length + 1)}::FLOAT8 END`;
  }
  if ("reaches" in source)
    return sql`CASE WHEN ${column(source.reaches)} IS NULL THEN NULL WHEN ${column(source.reaches)} >= ${source.atLeast}::FLOAT8 THEN 1.0::FLOAT8 ELSE 0.0::FLOAT8 END`;
  if ("firstOf" in source) return sql`coalesce(${join(source.firstOf.map(column))})`;
  if ("event" in source) {
    const [event, days] = [column(source.event), column(source.days)];
    return sql`CASE WHEN ${event} = 1 AND ${days} <= ${source.withinDays}::FLOAT8 THEN 1.0::FLOAT8 WHEN ${days} > ${source.withinDays}::FLOAT8 THEN 0.0::FLOAT8 END`;
  }
  return unreachable(source);
}
