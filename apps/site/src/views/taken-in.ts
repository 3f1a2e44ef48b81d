/** The resources of one source as the intake store has them now. */

import type { FhirResource } from "@dure/clinical/fhir";
import type { Clock } from "@dure/kernel";
import { openIntakeStore } from "../intake/intake-duckdb.ts";

/** An intake that has the store is waited for as long as a load would be. */
const WAIT_MS_MAX = 10_000;

export interface TakenIn {
  /** Of the intake store. */
  readonly path: string;
  readonly source: string;
  readonly resourceType: string;
  readonly clock: Clock;
}

/**
 * In batches, with flat memory. Decimals are as the store keeps them: without trailing zeros.
 * @throws DureError `store/in-use`
 */
export async function* takenIn({ path, source, resourceType, clock }: TakenIn): AsyncGenerator<FhirResource> {
  const store = await openIntakeStore(path, { clock, waitMsMax: WAIT_MS_MAX });
  try {
    for await (const batch of store.resources(source, resourceType)) for (const { resource } of batch) yield resource;
  } finally {
    await store.close();
  }
}
