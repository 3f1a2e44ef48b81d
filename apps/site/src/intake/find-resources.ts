/** The current content of resources by name, in one join over a batch of names. */

import type { FhirResource, ResourceName } from "@dure/clinical/fhir";
import type { SqlSession } from "../store/clinical-session.ts";
import { sql } from "../store/clinical-sql.ts";
import { nameResources } from "./apply-batch.ts";
import { IS_CURRENT } from "./intake-schema.ts";

/** @returns by `Type/id`; without the deleted and the unknown. Memory: that of the batch. */
export async function findResources(
  session: SqlSession,
  source: string,
  names: readonly ResourceName[],
): Promise<ReadonlyMap<string, FhirResource>> {
  if (names.length === 0) return new Map();
  await nameResources(session, names);
  const rows = await session.rows(sql`
    SELECT r.resource_type, r.id, r.content FROM dure_intake.resource r
    WHERE r.key IN (SELECT key FROM named) AND r.source = ${source} AND r.${IS_CURRENT}`);
  // written by `applyChanges` from a resource
  return new Map(rows.map(([resourceType, id, content]) => [`${resourceType}/${id}`, JSON.parse(String(content)) as FhirResource]));
}
