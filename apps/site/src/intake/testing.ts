/** For tests only: an intake store in a temporary folder, and changes written shortly. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FhirResource, ResourceChange } from "@dure/clinical/fhir";
import { openIntakeStore } from "./intake-duckdb.ts";
import type { IntakeStore, StoredResource } from "./intake-store.ts";

export interface IntakeFolder extends AsyncDisposable {
  readonly path: string;
  readonly storePath: string;
  readonly open: () => Promise<IntakeStore>;
}

export function intakeFolder(): IntakeFolder {
  const path = mkdtempSync(join(tmpdir(), "dure-intake-"));
  const storePath = join(path, "intake.duckdb");
  const opened: IntakeStore[] = [];
  return {
    path,
    storePath,
    open: async () => {
      const store = await openIntakeStore(storePath);
      opened.push(store);
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      for (const store of opened) await store.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export const put = (resource: FhirResource, version: string): ResourceChange => ({ kind: "put", resource, version });

export const patient = (id: string, fields: Readonly<Record<string, unknown>> = {}): FhirResource => ({
  resourceType: "Patient",
  id,
  ...fields,
});

export const remove = (id: string, version: string): ResourceChange => ({
  kind: "delete",
  resource: { resourceType: "Patient", id },
  version,
});

export const merge = (merged: string, survivor: string, version: string): ResourceChange => ({
  kind: "merge",
  merged: { resourceType: "Patient", id: merged },
  survivor: { resourceType: "Patient", id: survivor },
  version,
});

/** `version: resource` of every current resource of a type. */
export async function contentOf(store: IntakeStore, resourceType = "Patient", source = "emr"): Promise<readonly string[]> {
  const stored: StoredResource[] = [];
  for await (const batch of store.resources(source, resourceType)) stored.push(...batch);
  return stored.map(({ resource, version }) => `${version}: ${JSON.stringify(resource)}`);
}
