/**
 * Observation periods: for how long a person was watched. Without one, a person is in no denominator.
 *
 * `first-to-last-event`: from the first to the last day of any event of the person, no later than the export date. It says too little of
 * people who were well, and is all that can be said of most hospital records.
 * `of-the-source`: by the rule of each mapping document, or the rows of another OMOP database, as they were.
 */

import { CONCEPTS, type OmopTable } from "@dure/clinical";
import type { ExcludedCount, RuleReport } from "../ingest/load-report.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import type { ContributorReport } from "./contributor-report.ts";
import type { PeriodEffect } from "./snapshot-counts.ts";

export interface ObservationPeriodRule {
  readonly rule: PeriodEffect["rule"];
  /** The rule in words, for METADATA, where a document has them. */
  readonly text?: string;
}

/** Changes with any change of the rules below. */
const PERIOD_RULE_VERSION = 1;

export interface Periods {
  readonly text: string;
  readonly report: RuleReport;
  readonly effect: PeriodEffect;
}

export interface PeriodOptions {
  readonly schema: string;
  readonly rule: ObservationPeriodRule;
  /** ISO day. */
  readonly exportDate: string;
  readonly reports: readonly ContributorReport[];
}

/** Writes OBSERVATION_PERIOD where the rule is the load's own, and counts what any rule does to the number of persons. */
export async function buildPeriods(session: SqlSession, options: PeriodOptions): Promise<Periods> {
  const { schema, rule, exportDate, reports } = options;
  const day = sql`${exportDate}::DATE`;
  await session.run(sql`
    CREATE TEMP TABLE observed AS
    SELECT p.person_id, e.first, e.last, coalesce(e.events, 0) AS events, coalesce(e.late, 0) AS late
    FROM (SELECT DISTINCT person_id FROM ${identifier(schema)}.person) p LEFT JOIN (
      SELECT person_id, min(first) FILTER (first <= ${day}) AS first, least(max(last) FILTER (first <= ${day}), ${day}) AS last,
        count(*) AS events, count(*) FILTER (first > ${day}) AS late
      FROM (${clinicalEvents(schema)}) GROUP BY person_id) e ON e.person_id = p.person_id`);
  if (rule.rule === "first-to-last-event") await writeFirstToLast(session, schema);
  const effect = await measure(session, options);
  await session.run(sql`DROP TABLE observed`);
  return { text: rule.text ?? RULE_TEXTS[rule.rule], report: periodReport(effect, reports), effect };
}

const RULE_TEXTS = {
  "first-to-last-event": `From the first to the last event, no later than the export date (version ${PERIOD_RULE_VERSION}).`,
  "of-the-source": `As each source declares (version ${PERIOD_RULE_VERSION}).`,
} as const;

/** Start and end of every event; without an end, the start. */
const EVENT_DATES: readonly (readonly [table: OmopTable, start: string, end?: string])[] = [
  ["visit_occurrence", "visit_start_date", "visit_end_date"],
  ["visit_detail", "visit_detail_start_date", "visit_detail_end_date"],
  ["condition_occurrence", "condition_start_date", "condition_end_date"],
  ["drug_exposure", "drug_exposure_start_date", "drug_exposure_end_date"],
  ["procedure_occurrence", "procedure_date", "procedure_end_date"],
  ["device_exposure", "device_exposure_start_date", "device_exposure_end_date"],
  ["measurement", "measurement_date"],
  ["observation", "observation_date"],
  ["specimen", "specimen_date"],
  ["note", "note_date"],
  ["episode", "episode_start_date", "episode_end_date"],
  ["death", "death_date"],
];

const clinicalEvents = (schema: string): Sql =>
  join(
    EVENT_DATES.map(([table, start, end]) => {
      const first = identifier(start);
      // An end before the start is a fault for the quality checks; the event then counts by its start.
      const last = end === undefined ? first : sql`greatest(${first}, ${identifier(end)})`;
      return sql`SELECT person_id, ${first} AS first, ${last} AS last FROM ${identifier(schema)}.${identifier(table)}`;
    }),
    " UNION ALL ",
  );

async function writeFirstToLast(session: SqlSession, schema: string): Promise<void> {
  await session.run(sql`DELETE FROM ${identifier(schema)}.observation_period`);
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.observation_period
      (observation_period_id, person_id, observation_period_start_date, observation_period_end_date, period_type_concept_id)
    SELECT row_number() OVER (ORDER BY person_id), person_id, first, last, ${integer(CONCEPTS.ehr.id)} FROM observed WHERE first IS NOT NULL`);
}

async function measure(session: SqlSession, { schema, rule, exportDate }: PeriodOptions): Promise<PeriodEffect> {
  const periods = sql`${identifier(schema)}.observation_period`;
  const [counts = []] = await session.rows(sql`
    SELECT count(*), count(*) FILTER (events = 0), count(*) FILTER (person_id IN (SELECT person_id FROM ${periods})), sum(events)::BIGINT, sum(late)::BIGINT FROM observed`);
  const [persons = 0, personsWithoutEvent = 0, personsWithPeriod = 0, events = 0, eventsAfterExport = 0] = counts.map(Number);
  // By the first rule, all but the late ones are inside.
  const eventsOutside =
    rule.rule === "first-to-last-event"
      ? eventsAfterExport
      : await session.count(sql`
          SELECT count(*) FROM (${clinicalEvents(schema)}) e SEMI JOIN observed ON observed.person_id = e.person_id
          ANTI JOIN ${periods} o ON o.person_id = e.person_id AND e.first >= o.observation_period_start_date AND e.first <= o.observation_period_end_date`);
  return {
    rule: rule.rule,
    ruleVersion: PERIOD_RULE_VERSION,
    ...{ exportDate, persons, personsWithoutEvent, personsWithPeriod },
    periods: await session.count(sql`SELECT count(*) FROM ${periods}`),
    ...{ eventsOutside, eventsAfterExport, events },
  };
}

function periodReport(effect: PeriodEffect, reports: readonly ContributorReport[]): RuleReport {
  const { persons, personsWithPeriod } = effect;
  return {
    rule: "observation period",
    table: "observation_period",
    rowsIn: persons,
    rowsOut: personsWithPeriod,
    excluded: exclusions(effect, reports),
  };
}

/** The sources' own reasons, as far as they explain the number: a person without a period in one source may have one from another. */
function exclusions(effect: PeriodEffect, reports: readonly ContributorReport[]): readonly ExcludedCount[] {
  const missing = effect.persons - effect.personsWithPeriod;
  if (missing === 0) return [];
  if (effect.rule === "first-to-last-event") {
    const late = missing - effect.personsWithoutEvent;
    return [
      { reason: "no event", rowCount: effect.personsWithoutEvent },
      { reason: "all events after the export date", rowCount: late },
    ].filter(({ rowCount }) => rowCount > 0);
  }
  const declared = reports.flatMap(({ observationPeriods }) => observationPeriods?.excluded ?? []);
  const rest = missing - declared.reduce((sum, { rowCount }) => sum + rowCount, 0);
  if (rest < 0) return [{ reason: "no source declares one", rowCount: missing }];
  return rest === 0 ? declared : [...declared, { reason: "the source declares none", rowCount: rest }];
}
