/** For tests: a confirmed policy, and resources mapped under it. */

import assert from "node:assert/strict";
import { dateReader } from "./dates.ts";
import type { EventDraft, MappingContext } from "./draft.ts";
import type { Element } from "./elements.ts";
import { mapResource } from "./map-resource.ts";
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

export function mappingContext(profile: PolicyProfile = "orders-count", changes: Partial<FhirPolicy> = {}): MappingContext {
  const policy = confirmedPolicy(profile, changes);
  return {
    policy,
    sites: { vocabularies: policy.codeSystems },
    readDate: dateReader(policy),
    knownUntil: "2024-06-01",
    definitionOf: () => undefined,
  };
}

/** The reason for which a resource is left out, or what became of it. */
export function fateOf(resource: Element, context: MappingContext = mappingContext()): string {
  const mapped = mapResource(resource, context);
  return mapped.kind === "excluded" ? mapped.reason : mapped.kind;
}

export function eventsOf(resource: Element, context: MappingContext = mappingContext()): readonly EventDraft[] {
  const mapped = mapResource(resource, context);
  assert.equal(mapped.kind, "events");
  return mapped.kind === "events" ? mapped.events : [];
}

/** The only event of a resource. */
export function eventOf(resource: Element, context: MappingContext = mappingContext()): EventDraft {
  const [event, ...more] = eventsOf(resource, context);
  assert.ok(event !== undefined && more.length === 0);
  return event;
}

export const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
export const SNOMED = "http://snomed.info/sct";
export const LOINC = "http://loinc.org";
export const RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm";
export const subject = { reference: "Patient/p1" };

export const condition = (fields: Element = {}): Element => ({
  ...{ resourceType: "Condition", id: "c1", subject, code: coded(SNOMED, "386661006"), onsetDateTime: "2024-03-01" },
  ...fields,
});

export const observation = (fields: Element = {}): Element => ({
  ...{ resourceType: "Observation", id: "o1", status: "final", subject, code: coded(LOINC, "8867-4"), effectiveDateTime: "2024-03-01" },
  ...fields,
});

export const request = (fields: Element = {}): Element => ({
  ...{ resourceType: "MedicationRequest", id: "m1", status: "active", intent: "order", subject, authoredOn: "2024-03-01" },
  medicationCodeableConcept: coded(RXNORM, "7980"),
  ...fields,
});
