/** How deaths are known, and why each person's follow-up ends. */

import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, sql } from "../store/clinical-sql.ts";
import type { ContributorReport } from "./contributor-report.ts";
import type { ObservationPeriodRule } from "./observation-periods.ts";
import type { FollowUp } from "./snapshot-counts.ts";

export interface FollowUpOptions {
  readonly schema: string;
  /** ISO day. */
  readonly exportDate: string;
  readonly rule: ObservationPeriodRule;
  /** Which rows of DEATH each contributor wrote. */
  readonly deaths: readonly { readonly report: ContributorReport; readonly deathRows: readonly [after: bigint, upTo: bigint] }[];
}

const ENDS = ["death", "export-date", "last-event", "declared", "no-period"] as const;

export async function countFollowUp(session: SqlSession, options: FollowUpOptions): Promise<FollowUp> {
  const { schema, exportDate, rule } = options;
  const at = (table: string) => sql`${identifier(schema)}.${identifier(table)}`;
  const other = rule.rule === "first-to-last-event" ? "last-event" : "declared";
  const rows = await session.rows(sql`
    SELECT reason, count(*), count(*) FILTER (died IS NOT NULL) FROM (
      SELECT d.died, CASE WHEN o.last IS NULL THEN 'no-period' WHEN o.last >= d.died THEN 'death' WHEN o.last = ${exportDate}::DATE THEN 'export-date'
        ELSE ${other} END AS reason
      FROM (SELECT DISTINCT person_id FROM ${at("person")}) p
      LEFT JOIN (SELECT person_id, max(observation_period_end_date) AS last FROM ${at("observation_period")} GROUP BY person_id) o ON o.person_id = p.person_id
      LEFT JOIN (SELECT person_id, min(death_date) AS died FROM ${at("death")} GROUP BY person_id) d ON d.person_id = p.person_id) GROUP BY reason`);
  const byReason = new Map(rows.map(([reason, persons]) => [String(reason), Number(persons)]));
  const deathSources: FollowUp["deathSources"][number][] = [];
  for (const { report, deathRows } of options.deaths) {
    const [after, upTo] = deathRows;
    const types = await session.rows(sql`
      SELECT coalesce(death_type_concept_id, 0) AS type, count(DISTINCT person_id) FROM ${at("death")}
      WHERE rowid > ${integer(after)} AND rowid <= ${integer(upTo)} GROUP BY type ORDER BY type`);
    for (const [type, persons] of types) {
      deathSources.push({ contributor: report.contributor, typeConceptId: Number(type), persons: Number(persons) });
    }
  }
  return {
    persons: rows.reduce((sum, [, persons]) => sum + Number(persons), 0),
    personsWithDeath: rows.reduce((sum, [, , died]) => sum + Number(died), 0),
    deathSources,
    ends: { ...NO_ENDS, ...Object.fromEntries(ENDS.map((reason) => [reason, byReason.get(reason) ?? 0])) },
  };
}

const NO_ENDS: FollowUp["ends"] = { death: 0, "export-date": 0, "last-event": 0, declared: 0, "no-period": 0 };
