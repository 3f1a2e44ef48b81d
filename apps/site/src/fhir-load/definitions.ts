/** Medications and devices that other resources refer to: their codes, staged by id, and looked up for each batch. */

import { referenceId } from "@dure/clinical/fhir";
import type { IntakeStore, StoredResource } from "../intake/intake-store.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { join, sql } from "../store/clinical-sql.ts";
import { appendStaged, type StagedRow } from "./staging.ts";

const DEFINING = { Medication: "code", Device: "type" } as const;

export interface DefinitionPlan {
  readonly intake: IntakeStore;
  readonly source: string;
  readonly context: { readonly session: SqlSession };
}

export async function stageDefinitions({ intake, source, context }: DefinitionPlan, types: ReadonlySet<string>): Promise<void> {
  for (const [type, field] of Object.entries(DEFINING)) {
    if (!types.has(type)) continue;
    for await (const batch of intake.resources(source, type)) {
      const rows = batch.flatMap(({ resource }): StagedRow<"fhir_definition">[] =>
        resource[field] === undefined ? [] : [{ key: `${type}/${resource.id}`, code: JSON.stringify(resource[field]) }],
      );
      await appendStaged(context.session, "fhir_definition", rows);
    }
  }
}

/** What the references of a batch point at, by `Medication/id`. */
export async function definitionsOf(session: SqlSession, batch: readonly StoredResource[]): Promise<ReadonlyMap<string, unknown>> {
  const keys = new Set<string>();
  for (const { resource } of batch) {
    const medication = referenceId(resource["medicationReference"], "Medication");
    if (medication !== undefined) keys.add(`Medication/${medication}`);
    const device = referenceId(resource["device"], "Device");
    if (device !== undefined) keys.add(`Device/${device}`);
  }
  if (keys.size === 0) return new Map();
  const rows = await session.rows(sql`SELECT key, code FROM fhir_definition WHERE key IN (${join([...keys].map((key) => sql`${key}`))})`);
  return new Map(rows.map(([key, code]) => [String(key), JSON.parse(String(code))]));
}
