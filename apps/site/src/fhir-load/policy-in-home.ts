/** A policy to confirm, drafted from what a site's intake holds; and what the last load says of the guide's requirements. */

import { writeFile } from "node:fs/promises";
import { draftPolicy, type PolicyProfile } from "@dure/clinical/fhir";
import { type Clock, DureError } from "@dure/kernel";
import { listLoads } from "../ingest/ingest-into-home.ts";
import { withIntakeStore } from "../intake/intake-into-home.ts";
import type { RequirementResult } from "../load/contributor-report.ts";
import { countStates, type SourceStates } from "./count-states.ts";
import { fileThere, unknownSource } from "./problems.ts";

export interface PolicyDrafting {
  readonly home: string;
  readonly source: string;
  readonly profile: PolicyProfile;
  /** IANA name: the zone of the times of day in OMOP. */
  readonly timeZone: string;
  /** Where the document goes; a file that is there already is left as it is. */
  readonly path: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Reads every current resource of the source once. @returns the counts that the document shows.
 * @throws DureError `fhir/unknown-source`, `fhir/policy-file-there`, `site/not-enrolled`, `store/in-use` (transient).
 */
export async function draftPolicyIntoFile(drafting: PolicyDrafting): Promise<SourceStates> {
  const { source, profile, timeZone, path, clock } = drafting;
  const states = await withIntakeStore(drafting, async (intake) => {
    const known = [...new Set((await intake.deliveries()).map((delivery) => delivery.source))];
    if (!known.includes(source)) throw new DureError(unknownSource(source, known));
    return countStates(intake, source, drafting.signal);
  });
  const on = new Date(clock.nowMs()).toISOString().slice(0, 10);
  const text = draftPolicy({ source, profile, ...states, on, timeZone });
  await writeFile(path, text, { flag: "wx", mode: 0o600 }).catch((cause: unknown) => {
    throw new DureError(fileThere(path), { cause });
  });
  return states;
}

export interface CheckedSource {
  readonly snapshot: number;
  /** Such as `fhir:emr`. */
  readonly contributor: string;
  readonly results: readonly RequirementResult[];
}

/** Of the newest snapshot: one entry for each of its sources of FHIR. */
export async function lastRequirementResults(home: string): Promise<readonly CheckedSource[]> {
  const newest = (await listLoads(home)).at(-1);
  return (newest?.contributors ?? []).flatMap(({ contributor, requirements }) =>
    newest === undefined || requirements === undefined ? [] : [{ snapshot: newest.snapshot, contributor, results: requirements }],
  );
}
