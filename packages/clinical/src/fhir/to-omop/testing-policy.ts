/** For tests: a policy that somebody confirmed, by either profile. */

import { type FhirPolicy, parseFhirPolicy } from "./policy.ts";
import { draftPolicy } from "./policy-draft.ts";
import type { PolicyProfile } from "./policy-profiles.ts";
import { STATUSES } from "./resource-state.ts";

/** A policy for the source `emr` over every type, with `changes` on top. */
export function confirmedPolicy(profile: PolicyProfile, changes: Partial<FhirPolicy> = {}): FhirPolicy {
  const text = draftPolicy({
    source: "emr",
    profile,
    counts: Object.keys(STATUSES).map((resourceType) => ({ resourceType, intent: "any", status: "(none)", count: 1 })),
    on: "2024-01-01",
    timeZone: "Asia/Seoul",
    identifierSystems: [],
  });
  const confirmed = { by: "a data steward", on: "2024-01-02", reason: "for tests" };
  return { ...parseFhirPolicy({ file: "emr.yaml", text }), confirmed, ...changes };
}
