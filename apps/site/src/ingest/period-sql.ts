/** Observation periods by the mapping's declared rule: from the earliest start to the latest end over all rows of a person. */

import { CONCEPTS, findFileValue, findValue, type PeriodDate } from "@dure/clinical";
import { assert } from "@dure/kernel";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import { conditionsSql } from "./condition-sql.ts";
import type { RuleContext } from "./rule.ts";

export const PERIOD_REASONS = ["no start of observation", "no end of observation", "observation ends before it starts"] as const;

type Context = Pick<RuleContext, "mapping" | "names" | "parameters" | "schema">;

/** Fills `periods (person_id, first, last, e)` with one row for each person of the snapshot. */
export function stagePeriods(context: Context): Sql {
  const { mapping, schema } = context;
  const { start, end, withoutEnd } = mapping.observationPeriod;
  const last = withoutEnd === "one-day" ? sql`coalesce(z.day, a.day)` : sql`z.day`;
  return sql`
    CREATE TEMP TABLE periods AS
    SELECT person_id, first, last, CASE WHEN first IS NULL THEN 1 WHEN last IS NULL THEN 2 WHEN last < first THEN 3 ELSE 0 END AS e
    FROM (SELECT p.person_id, a.day AS first, ${last} AS last FROM ${identifier(schema)}.person p
      LEFT JOIN (SELECT person_id, min(day) AS day FROM (${days(start, context)}) GROUP BY person_id) a ON a.person_id = p.person_id
      LEFT JOIN (SELECT person_id, max(day) AS day FROM (${days(end, context)}) GROUP BY person_id) z ON z.person_id = p.person_id)`;
}

export const insertPeriods = (context: Context, idOffset: number): Sql => sql`
  INSERT INTO ${identifier(context.schema)}.observation_period
    (observation_period_id, person_id, observation_period_start_date, observation_period_end_date, period_type_concept_id)
  SELECT row_number() OVER (ORDER BY person_id) + ${integer(idOffset)}, person_id, first, last, ${integer(CONCEPTS[context.mapping.recordType].id)} FROM periods WHERE e = 0`;

function days(dates: readonly PeriodDate[], context: Context): Sql {
  return join(
    dates.map((date) => {
      const resolved = findFileValue(context.mapping, date.value);
      assert(resolved !== undefined, "the mapping was checked");
      const find = (reference: string) => findValue(context.mapping, resolved.file, reference);
      const when = date.when === undefined ? sql`` : sql` AND ${conditionsSql(date.when, { ...context, find })}`;
      const value = context.names.value(resolved);
      return sql`SELECT person_id, ${value} AS day FROM ${context.names.table(resolved.file)} WHERE x = 0 AND ${value} IS NOT NULL${when}`;
    }),
    " UNION ALL ",
  );
}
