/**
 * Two starting points for a site's policy. Neither is a default: a document is drafted from one of them, shown with the counts of the
 * site's own data, and binds only once somebody has confirmed it by name.
 *
 * `guide`: the HL7 FHIR-to-OMOP guide as it stands; of requests only instance orders are exposures.
 * `orders-count`: for systems whose orders stand for what was given because they send nothing better: every authorised order counts,
 * unless a dispensing or an administration tells of the same; unconfirmed diagnoses become observations.
 */

import type { Admission, AdmissionTable } from "./policy.ts";
import { NO_INTENT, NO_STATUS } from "./resource-state.ts";

export const POLICY_PROFILES = ["guide", "orders-count"] as const;
export type PolicyProfile = (typeof POLICY_PROFILES)[number];

const only = (admission: Admission) => ({ [NO_INTENT]: admission });

const ONGOING_VISITS = ["arrived", "triaged", "in-progress"];

const guide: AdmissionTable = {
  Patient: only({ use: ["active", "inactive", NO_STATUS] }),
  Encounter: only({
    use: ["finished", ...ONGOING_VISITS],
    exclude: ["planned", "onleave", "cancelled", "entered-in-error", "unknown", NO_STATUS],
  }),
  Condition: only({
    use: ["confirmed", NO_STATUS],
    observation: ["provisional", "differential", "refuted"],
    exclude: ["unconfirmed", "entered-in-error"],
  }),
  AllergyIntolerance: only({ use: ["confirmed", "unconfirmed", NO_STATUS], exclude: ["refuted", "entered-in-error"] }),
  Observation: only({
    use: ["final", "amended", "corrected"],
    exclude: ["registered", "preliminary", "cancelled", "entered-in-error", "unknown", NO_STATUS],
  }),
  Procedure: only({
    use: ["completed"],
    exclude: ["preparation", "in-progress", "not-done", "on-hold", "stopped", "entered-in-error", "unknown", NO_STATUS],
  }),
  Immunization: only({ use: ["completed"], exclude: ["not-done", "entered-in-error", NO_STATUS] }),
  MedicationRequest: {
    "instance-order": {
      use: ["active", "completed", "stopped"],
      exclude: ["on-hold", "cancelled", "entered-in-error", "draft", "unknown", NO_STATUS],
    },
    [NO_INTENT]: {
      exclude: ["active", "completed", "stopped", "on-hold", "cancelled", "entered-in-error", "draft", "unknown", NO_STATUS],
    },
  },
  MedicationDispense: only({
    use: ["completed"],
    exclude: [
      ...["preparation", "in-progress", "not-done", "on-hold", "stopped", "cancelled", "declined", "entered-in-error", "unknown"],
      NO_STATUS,
    ],
  }),
  MedicationAdministration: only({
    use: ["completed", "in-progress", "stopped"],
    exclude: ["preparation", "not-done", "on-hold", "entered-in-error", "unknown", NO_STATUS],
  }),
  MedicationStatement: only({
    use: ["active", "completed"],
    exclude: ["entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken", NO_STATUS],
  }),
  DeviceUseStatement: only({
    use: ["active", "completed"],
    exclude: ["entered-in-error", "intended", "stopped", "on-hold", NO_STATUS],
  }),
  Specimen: only({ use: ["available", "unavailable", NO_STATUS], exclude: ["unsatisfactory", "entered-in-error"] }),
  Coverage: only({ use: ["active", NO_STATUS], exclude: ["cancelled", "draft", "entered-in-error"] }),
  ImagingStudy: only({ use: ["available", NO_STATUS], exclude: ["registered", "cancelled", "entered-in-error", "unknown"] }),
};

const ORDER: Admission = {
  use: ["active", "completed", "stopped"],
  exclude: ["on-hold", "cancelled", "entered-in-error", "draft", "unknown", NO_STATUS],
};

const ordersCount: AdmissionTable = {
  ...guide,
  Encounter: only({
    use: ["finished", ...ONGOING_VISITS, "onleave"],
    exclude: ["planned", "cancelled", "entered-in-error", "unknown", NO_STATUS],
  }),
  Condition: only({
    use: ["confirmed", NO_STATUS],
    observation: ["unconfirmed", "provisional", "differential", "refuted"],
    exclude: ["entered-in-error"],
  }),
  MedicationRequest: {
    ...guide["MedicationRequest"],
    order: ORDER,
    "original-order": ORDER,
    "reflex-order": ORDER,
    "filler-order": ORDER,
    "instance-order": ORDER,
  },
  MedicationStatement: only({
    use: ["active", "completed", "stopped"],
    exclude: ["entered-in-error", "intended", "on-hold", "unknown", "not-taken", NO_STATUS],
  }),
};

export const profileTable = (profile: PolicyProfile): AdmissionTable => (profile === "guide" ? guide : ordersCount);
