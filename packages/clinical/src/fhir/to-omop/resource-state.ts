/**
 * What a resource says of itself by status and intent (f2o-060): the pair that a site's policy decides on.
 *
 * A Condition and an AllergyIntolerance are judged by their verification, a Patient by `active`. A word that FHIR R4 does not list is
 * shown as `(other)`: whatever stands there was written by a stranger.
 */

import { asText, codesIn, type Element } from "./elements.ts";

export interface ResourceState {
  readonly intent: string;
  readonly status: string;
}

/** Where a type has no intent. */
export const NO_INTENT = "any";
export const NO_STATUS = "(none)";
export const OTHER_STATUS = "(other)";

const EVENT = ["preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"];
const VERIFICATION = ["unconfirmed", "confirmed", "refuted", "entered-in-error"];

/** The words of FHIR R4, for every type that a policy decides on. */
export const STATUSES: Readonly<Record<string, readonly string[]>> = {
  Patient: ["active", "inactive"],
  Encounter: ["planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "entered-in-error", "unknown"],
  Condition: ["provisional", "differential", ...VERIFICATION],
  AllergyIntolerance: VERIFICATION,
  Observation: ["registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"],
  Procedure: EVENT,
  Immunization: ["completed", "entered-in-error", "not-done"],
  MedicationRequest: ["active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown"],
  MedicationDispense: [...EVENT, "cancelled", "declined"],
  MedicationAdministration: EVENT,
  MedicationStatement: ["active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken"],
  DeviceUseStatement: ["active", "completed", "entered-in-error", "intended", "stopped", "on-hold"],
  Specimen: ["available", "unavailable", "unsatisfactory", "entered-in-error"],
  Coverage: ["active", "cancelled", "draft", "entered-in-error"],
  ImagingStudy: ["registered", "available", "cancelled", "entered-in-error", "unknown"],
};

export const INTENTS: readonly string[] = [
  "proposal",
  "plan",
  "order",
  "original-order",
  "reflex-order",
  "filler-order",
  "instance-order",
  "option",
];

export const isDecidedByPolicy = (resourceType: string): boolean => Object.hasOwn(STATUSES, resourceType);

/** Of a resource of a type that a policy decides on. */
export function stateOf(resource: Element): ResourceState {
  const type = asText(resource["resourceType"]) ?? "";
  const status = statusOf(type, resource);
  const known = status === NO_STATUS || STATUSES[type]?.includes(status) === true;
  return { intent: intentOf(type, resource), status: known ? status : OTHER_STATUS };
}

function intentOf(type: string, resource: Element): string {
  if (type !== "MedicationRequest") return NO_INTENT;
  const intent = asText(resource["intent"]);
  if (intent === undefined) return NO_STATUS;
  return INTENTS.includes(intent) ? intent : OTHER_STATUS;
}

function statusOf(type: string, resource: Element): string {
  switch (type) {
    case "Patient":
      return resource["active"] === undefined ? NO_STATUS : resource["active"] === false ? "inactive" : "active";
    case "Condition":
    case "AllergyIntolerance":
      return codesIn(resource["verificationStatus"])[0] ?? NO_STATUS;
    default:
      return asText(resource["status"]) ?? NO_STATUS;
  }
}
