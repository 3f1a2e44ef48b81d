/** What became of a source: for every resource type, resources in = resources used + resources excluded by reason (f2o-062). */

import { isOmopTable, type OmopTable } from "@dure/clinical";
import type { ExclusionReason } from "@dure/clinical/fhir";
import { assert } from "@dure/kernel";
import type { InputReport } from "../load/contributor-report.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { integer, sql } from "../store/clinical-sql.ts";
import { reasonOf, X } from "./exclusion-codes.ts";
import { countExcluded, type LoadCounts } from "./load-counts.ts";

/** Adds what the writing left out to `counts`, and gives the inputs by resource type. */
export async function reportInputs(session: SqlSession, counts: LoadCounts): Promise<readonly InputReport[]> {
  const left = await session.rows(sql`
    SELECT resource_type, x, count(*) FROM (
      SELECT any_value(resource_type) AS resource_type, min(x) AS x FROM fhir_placed GROUP BY resource
      UNION ALL SELECT 'Patient', x FROM fhir_patient
      UNION ALL SELECT 'Encounter', x FROM fhir_encounter
      UNION ALL SELECT 'Coverage', x FROM fhir_payer_placed WHERE resource_type = 'Coverage')
    WHERE x <> ${integer(X.none)} GROUP BY resource_type, x ORDER BY resource_type, x`);
  for (const [type, x, count] of left) countExcluded(counts, String(type), reasonOf(Number(x)), Number(count));
  const out = await session.rows(sql`
    SELECT resource_type, target, count(*) FROM (
      SELECT resource_type, target FROM fhir_placed WHERE x = ${integer(X.none)}
      UNION ALL SELECT 'Patient', 'person' FROM fhir_patient WHERE x = ${integer(X.none)}
      UNION ALL SELECT 'Encounter', CASE WHEN visit_detail_id IS NULL THEN 'visit_occurrence' ELSE 'visit_detail' END FROM fhir_encounter WHERE x = ${integer(X.none)}
      UNION ALL SELECT resource_type, 'payer_plan_period' FROM fhir_payer_placed WHERE x = ${integer(X.none)}
      UNION ALL SELECT 'Practitioner', 'provider' FROM fhir_provider
      UNION ALL SELECT split_part(care_site, '/', 1), 'care_site' FROM fhir_care_site)
    GROUP BY resource_type, target ORDER BY resource_type, target`);
  return [...counts.rowsIn].map(([input, rowsIn]): InputReport => {
    const excluded = excludedOf(counts, input);
    const rowsUsed = rowsIn - excluded.reduce((sum, { rowCount }) => sum + rowCount, 0);
    const rowsOutByTable = tablesOf(out.filter(([type]) => type === input));
    assert(rowsUsed >= 0 && rowsUsed > 0 === Object.keys(rowsOutByTable).length > 0, "resources in = resources used + resources excluded");
    return { input, rowsIn, rowsUsed, excluded, rowsOutByTable };
  });
}

function excludedOf({ excluded }: LoadCounts, input: string): readonly { readonly reason: ExclusionReason; readonly rowCount: number }[] {
  return [...(excluded.get(input) ?? [])].map(([reason, rowCount]) => ({ reason, rowCount }));
}

function tablesOf(rows: readonly (readonly unknown[])[]): Partial<Record<OmopTable, number>> {
  const tables: Partial<Record<OmopTable, number>> = {};
  for (const [, target, count] of rows) {
    const table = String(target);
    assert(isOmopTable(table), "rows go into tables of OMOP");
    tables[table] = Number(count);
  }
  return tables;
}
