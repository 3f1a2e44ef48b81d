/** Where care was given and by whom: the distinct codes of all files, each once. */

import { findValue, type MappingRow, type OmopTable, type ResolvedValue, referencesIn } from "@dure/clinical";
import { identifier, integer, join, sql } from "../store/clinical-sql.ts";
import { mapKeySql } from "./stage-lookups.ts";
import type { RulePlan } from "./write-rules.ts";

/**
 * Fills CARE_SITE, PROVIDER and LOCATION, and the temporary tables `care_sites`, `providers` (by code) and `locations` (by the first
 * three characters of the postal code) that rules join. A department's code is kept, a provider's is a person's and is not: a
 * provider is known by speciality only.
 */
export async function writePlaces(plan: RulePlan): Promise<void> {
  await writeCoded(plan, {
    key: "careSite",
    table: "care_site",
    lookup: "care_sites",
    id: "care_site_id",
    concept: "place_of_service_concept_id",
    source: "care_site_source_value",
  });
  await writeCoded(plan, { key: "provider", table: "provider", lookup: "providers", id: "provider_id", concept: "specialty_concept_id" });
  await writeLocations(plan);
}

interface Place {
  readonly key: "careSite" | "provider";
  readonly table: OmopTable;
  readonly lookup: string;
  readonly id: string;
  readonly concept: string;
  readonly source?: string;
}

async function writeCoded(plan: RulePlan, place: Place): Promise<void> {
  const { session, names, mapping, schema } = plan;
  const codes = valuesUnder(plan, place.key).map((value) => {
    const { code } = mapKeySql(value, mapping, names);
    return sql`SELECT s.${code} AS code, m.concept_id FROM ${names.table(value.file)} s JOIN ${names.map(value)} m ON m.code = s.${code} AND m.position = 0 WHERE s.x = 0`;
  });
  const all = codes.length === 0 ? sql`SELECT NULL::VARCHAR AS code, 0 AS concept_id WHERE false` : join(codes, " UNION ALL ");
  const found = sql`SELECT code, max(concept_id) AS concept_id FROM (${all}) GROUP BY code`;
  const count = codes.length === 0 ? 0 : await session.count(sql`SELECT count(*) FROM (${found})`);
  const first = count === 0 ? 1 : plan.reserveIds(place.table, count);
  await session.run(sql`
    CREATE TEMP TABLE ${identifier(place.lookup)} AS SELECT code, concept_id, row_number() OVER (ORDER BY code) + ${integer(first - 1)} AS ${identifier(place.id)} FROM (${found})`);
  const columns = [identifier(place.id), identifier(place.concept), ...(place.source === undefined ? [] : [identifier(place.source)])];
  const values = [identifier(place.id), sql`concept_id`, ...(place.source === undefined ? [] : [sql`left(code, 20)`])];
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.${identifier(place.table)} (${join(columns)}) SELECT ${join(values)} FROM ${identifier(place.lookup)}`);
}

/** The first three characters of a Korean postal code name a district of some ten thousand people. */
async function writeLocations(plan: RulePlan): Promise<void> {
  const { session, names, schema } = plan;
  const codes = valuesUnder(plan, "postalCode").map(
    (value) =>
      sql`SELECT left(${names.value(value)}, 3) AS zip FROM ${names.table(value.file)} WHERE x = 0 AND regexp_full_match(${names.value(value)}, '[0-9]{3}[-0-9]*')`,
  );
  const all = codes.length === 0 ? sql`SELECT NULL::VARCHAR AS zip WHERE false` : join(codes, " UNION ALL ");
  const count = codes.length === 0 ? 0 : await session.count(sql`SELECT count(DISTINCT zip) FROM (${all})`);
  const first = count === 0 ? 1 : plan.reserveIds("location", count);
  await session.run(sql`
    CREATE TEMP TABLE locations AS SELECT zip, row_number() OVER (ORDER BY zip) + ${integer(first - 1)} AS location_id FROM (SELECT DISTINCT zip FROM (${all}))`);
  await session.run(sql`INSERT INTO ${identifier(schema)}.location (location_id, zip) SELECT location_id, zip FROM locations`);
}

function valuesUnder({ mapping }: RulePlan, key: string): readonly ResolvedValue[] {
  const values = new Map<string, ResolvedValue>();
  for (const [file, { rows }] of Object.entries(mapping.files)) {
    for (const reference of rows.flatMap((row: MappingRow) => referencesIn(row)).filter((each) => each.key === key)) {
      const value = findValue(mapping, file, reference.reference);
      if (value !== undefined && value.file === file) values.set(`${file}.${value.name}`, value);
    }
  }
  return [...values.values()];
}
