/** What a source holds, by resource type, intent and status: what a policy decides on. Streamed; memory does not grow with the source. */

import { isDecidedByPolicy, type StateCount, stateOf } from "@dure/clinical/fhir";
import type { IntakeStore } from "../intake/intake-store.ts";
import { identifierSystemsOf, SYSTEMS_MAX } from "./load-counts.ts";

export interface SourceStates {
  readonly counts: readonly StateCount[];
  /** Systems of Patient.identifier, each with the number of patients that have a number of it. */
  readonly identifierSystems: readonly { readonly system: string; readonly count: number }[];
}

export async function countStates(intake: IntakeStore, source: string, signal?: AbortSignal): Promise<SourceStates> {
  const counts = new Map<string, StateCount>();
  const systems = new Map<string, number>();
  for (const { resourceType } of await intake.counts(source)) {
    if (!isDecidedByPolicy(resourceType)) continue;
    for await (const batch of intake.resources(source, resourceType)) {
      signal?.throwIfAborted();
      for (const { resource } of batch) {
        const state = stateOf(resource);
        const key = `${resourceType} ${state.intent} ${state.status}`;
        counts.set(key, { resourceType, ...state, count: (counts.get(key)?.count ?? 0) + 1 });
        if (resourceType === "Patient") countSystems(resource["identifier"], systems);
      }
    }
  }
  return { counts: [...counts.values()], identifierSystems: [...systems].map(([system, count]) => ({ system, count })) };
}

function countSystems(identifiers: unknown, systems: Map<string, number>): void {
  for (const system of identifierSystemsOf(identifiers)) {
    if (systems.has(system) || systems.size < SYSTEMS_MAX) systems.set(system, (systems.get(system) ?? 0) + 1);
  }
}
