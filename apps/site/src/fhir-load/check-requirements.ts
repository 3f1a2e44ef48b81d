/** What of the guide can be seen on the rows of one load: each such requirement by its number, with the count of what speaks against it. */

import { LOCAL_CONCEPT_ID_MIN } from "@dure/clinical";
import {
  ALLERGY_CONCEPT_IDS,
  type FhirPolicy,
  GUIDE_VERSION,
  REQUIREMENTS,
  TRANSFORMATION_VERSION,
  TYPE_CONCEPT,
} from "@dure/clinical/fhir";
import { assert } from "@dure/kernel";
import type { SnapshotContext } from "../load/contributor.ts";
import type { RequirementResult } from "../load/contributor-report.ts";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import { X } from "./exclusion-codes.ts";
import type { LoadCounts } from "./load-counts.ts";

/** One result for every requirement that is kept on each load or declared by the policy, in the order of their numbers. */
export async function checkRequirements(
  context: SnapshotContext,
  policy: FhirPolicy,
  counts: LoadCounts,
): Promise<readonly RequirementResult[]> {
  const found = new Map<string, number>(declared(policy, counts));
  found.set("f2o-040", context.codes.vocabularyVersion === "none" ? 1 : 0);
  // The report asserts it for every resource type before this is asked.
  found.set("f2o-062", 0);
  for (const [requirement, statement] of Object.entries(statements(context))) {
    found.set(requirement, await context.session.count(statement));
  }
  return REQUIREMENTS.filter(({ kept }) => kept === "load" || kept === "declared").map(({ requirement }) => {
    const count = found.get(requirement);
    assert(count !== undefined, `${requirement} is checked on each load`);
    return { requirement, outcome: count === 0 ? "pass" : "fail", count };
  });
}

/** METADATA of the run, beside the rows that every load writes (f2o-102). Ids from 101 on: the load's own are below. */
export async function describeTransformation({ session, schema, reserveIds }: SnapshotContext, policy: FhirPolicy): Promise<void> {
  const facts = [
    ["HL7 FHIR-to-OMOP guide", GUIDE_VERSION],
    ["FHIR-to-OMOP transformation", `version ${TRANSFORMATION_VERSION}`],
    [`FHIR policy of ${policy.source}`, `version ${policy.version} from ${policy.effectiveFrom}, ${policy.profile}`],
  ] as const;
  const first = 100 + reserveIds("metadata", facts.length);
  const rows = facts.map(([name, value], i) => sql`(${integer(first + i)}, 0, 0, ${name}, ${value})`);
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.metadata (metadata_id, metadata_concept_id, metadata_type_concept_id, name, value_as_string) VALUES ${join(rows)}`);
}

function declared(policy: FhirPolicy, { identifierSystems }: LoadCounts): readonly (readonly [string, number])[] {
  const judged = new Set(policy.identifierSystems?.map(({ system }) => system));
  const open = [...identifierSystems].filter((system) => !judged.has(system)).length;
  return [
    ["f2o-025", open],
    ["f2o-026", open],
    ["f2o-061", policy.confirmed === undefined ? 1 : 0],
    ["f2o-132", policy.accessBasis === undefined ? 1 : 0],
  ];
}

/** Each counts what speaks against its requirement. */
function statements({ schema }: SnapshotContext): Readonly<Record<string, Sql>> {
  const at = identifier(schema);
  const events = sql`fhir_placed WHERE x = ${integer(X.none)}`;
  const used = sql`SELECT concept AS id FROM ${events} AND concept <> 0 UNION SELECT type_concept FROM ${events} UNION SELECT value_concept FROM ${events} AND value_concept <> 0`;
  const types = sql`SELECT concept_id FROM ${at}.concept WHERE domain_id = 'Type Concept' AND standard_concept = 'S'`;
  const table = sql`CASE split_part(c.domain_id, '/', 1) WHEN 'Condition' THEN 'condition_occurrence' WHEN 'Drug' THEN 'drug_exposure'
    WHEN 'Procedure' THEN 'procedure_occurrence' WHEN 'Device' THEN 'device_exposure' WHEN 'Measurement' THEN 'measurement' WHEN 'Meas' THEN 'measurement'
    WHEN 'Specimen' THEN 'specimen' ELSE 'observation' END`;
  return {
    "f2o-001": sql`SELECT count(*) FROM ${events} AND greatest(length(source_value), length(unit_source), length(qualifier_source), length(route_source)) > 50`,
    "f2o-020": sql`SELECT count(*) FROM ${events} AND source_value IN (SELECT hospital_number FROM fhir_person UNION SELECT hospital_number FROM fhir_alias)`,
    "f2o-030": sql`SELECT count(*) FROM (${used}) u ANTI JOIN ${at}.concept c ON c.concept_id = u.id`,
    "f2o-031": sql`SELECT count(*) FROM fhir_placed e JOIN ${at}.concept c ON c.concept_id = e.concept
      WHERE e.x = ${integer(X.none)} AND e.concept <> 0 AND e.concept < ${integer(LOCAL_CONCEPT_ID_MIN)} AND c.standard_concept IS DISTINCT FROM 'S'`,
    "f2o-037": sql`SELECT count(*) FROM fhir_placed e JOIN ${at}.concept c ON c.concept_id = e.concept
      WHERE e.x = ${integer(X.none)} AND e.concept <> 0 AND e.target <> ${table} AND e.concept NOT IN (${join(ALLERGY_CONCEPT_IDS.map(integer))})`,
    "f2o-039": sql`SELECT count(*) FROM ${at}.concept WHERE vocabulary_id = 'Dure' AND concept_id < ${integer(LOCAL_CONCEPT_ID_MIN)}`,
    "f2o-050": sql`SELECT count(*) FROM (SELECT type_concept AS type FROM ${events} UNION ALL SELECT visit_type_concept_id FROM ${at}.visit_occurrence v
      JOIN fhir_encounter e ON e.visit_occurrence_id = v.visit_occurrence_id AND e.visit_detail_id IS NULL) WHERE type NOT IN (${types})`,
    "f2o-070": sql`SELECT count(*) FROM ${events} AND day IS NULL`,
    "f2o-071": sql`SELECT count(*) FROM ${events} AND start_date IS NULL AND type_concept NOT IN (${integer(TYPE_CONCEPT.derived)}, ${integer(TYPE_CONCEPT.selfReport)})`,
    "f2o-090": sql`SELECT count(*) FROM ${events} AND (person_id NOT IN (SELECT person_id FROM ${at}.person)
      OR (visit_occurrence_id IS NOT NULL AND visit_occurrence_id NOT IN (SELECT visit_occurrence_id FROM ${at}.visit_occurrence)))`,
    "f2o-102": sql`SELECT greatest(0, 3 - count(*)) FROM ${at}.metadata WHERE name LIKE '%FHIR%'`,
  };
}
