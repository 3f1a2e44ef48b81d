/** One resource, of any type, under a site's policy: its drafts, or the one reason why there are none. Pure, and O(size of the resource). */

import { candidatesOf, sourceValueOf } from "./code-systems.ts";
import { TYPE_CONCEPT } from "./concept-ids.ts";
import { spanOf } from "./dates.ts";
import { type ExclusionReason, excluded, type MappedResource, type MappingContext } from "./draft.ts";
import { asElement, asNumber, asText, codesIn, containedOf, type Element, elementsOf, referenceId } from "./elements.ts";
import { mapEncounter, untilKnown } from "./encounter.ts";
import { mapAllergy, mapCondition, mapImagingStudy, mapProcedure, single, subjectOf, typeOf } from "./findings.ts";
import {
  mapImmunization,
  mapMedicationAdministration,
  mapMedicationDispense,
  mapMedicationRequest,
  mapMedicationStatement,
} from "./medication.ts";
import { mapObservation, unitOf } from "./observation.ts";
import { mapPatient } from "./patient.ts";
import { type Decision, decisionFor } from "./policy.ts";
import { isDecidedByPolicy, type ResourceState, stateOf } from "./resource-state.ts";

type Mapper = (resource: Element, context: MappingContext, decision: Decision) => MappedResource;

const MAPPERS: Readonly<Record<string, Mapper>> = {
  Patient: mapPatient,
  Encounter: mapEncounter,
  Condition: mapCondition,
  AllergyIntolerance: mapAllergy,
  Observation: mapObservation,
  Procedure: mapProcedure,
  ImagingStudy: mapImagingStudy,
  MedicationRequest: mapMedicationRequest,
  MedicationDispense: mapMedicationDispense,
  MedicationAdministration: mapMedicationAdministration,
  MedicationStatement: mapMedicationStatement,
  Immunization: mapImmunization,
  Specimen: mapSpecimen,
  DeviceUseStatement: mapDeviceUse,
  Coverage: mapCoverage,
  Practitioner: mapPractitioner,
  PractitionerRole: mapRole,
  Organization: mapCareSite,
  Location: mapCareSite,
};

/** Types that no policy can bring in, each with the reason under which it is counted. */
const LEFT_OUT: Readonly<Record<string, ExclusionReason>> = {
  Medication: "read with the resource that it describes",
  DiagnosticReport: "read with the resource that it describes",
  Device: "a device without a date of use",
  DocumentReference: "free text, kept out of OMOP",
  Composition: "free text, kept out of OMOP",
  Communication: "free text, kept out of OMOP",
  Claim: "billing, planning or administration",
  ExplanationOfBenefit: "billing, planning or administration",
  CarePlan: "billing, planning or administration",
  CareTeam: "billing, planning or administration",
  ServiceRequest: "billing, planning or administration",
  Appointment: "billing, planning or administration",
  Provenance: "billing, planning or administration",
};

/** In the order in which they are read; other types follow, to be counted. */
export const MAPPED_TYPES: readonly string[] = Object.keys(MAPPERS);

/** `undecided`: the policy says nothing of this type in this state. */
export function mapResource(
  resource: Element,
  context: MappingContext,
): MappedResource | { readonly kind: "undecided"; readonly state: ResourceState } {
  const type = asText(resource["resourceType"]) ?? "";
  const mapper = MAPPERS[type];
  if (mapper === undefined) return excluded(LEFT_OUT[type] ?? "no OMOP table for this type");
  let decision: Decision = "use";
  if (isDecidedByPolicy(type)) {
    const state = stateOf(resource);
    const decided = decisionFor(context.policy, type, state);
    if (decided === undefined) return { kind: "undecided", state };
    decision = decided;
  }
  if (decision === "exclude") return excluded("status or intent excluded by the policy");
  if ("modifierExtension" in resource || "implicitRules" in resource) {
    return excluded("a modifier extension or rule that nobody here understands");
  }
  return mapper(resource, context, decision);
}

function mapSpecimen(specimen: Element, context: MappingContext): MappedResource {
  const subject = subjectOf(specimen);
  if (subject === undefined) return excluded("no patient");
  const collection = asElement(specimen["collection"]) ?? {};
  const start =
    spanOf(collection, context.readDate, ["collectedDateTime", "collectedPeriod"]).start ?? context.readDate(specimen["receivedTime"]);
  const codes = candidatesOf(specimen["type"], context.sites, undefined);
  if (codes.length === 0) return excluded("no coded content");
  const quantity = asElement(collection["quantity"]);
  const unit = quantity === undefined ? undefined : unitOf(quantity, context);
  const amount = asNumber(quantity?.["value"]);
  const site = candidatesOf(collection["bodySite"], context.sites, undefined);
  return single({
    table: "specimen",
    codes,
    ...subject,
    ...(start === undefined ? {} : { start }),
    typeConceptId: typeOf(TYPE_CONCEPT.ehr, start),
    amount: { ...(amount === undefined ? {} : { quantity: amount }), ...(unit === undefined ? {} : { unit }) },
    ...(site.length === 0 ? {} : { anatomicSite: site }),
  });
}

function mapDeviceUse(use: Element, context: MappingContext): MappedResource {
  const subject = subjectOf(use);
  if (subject === undefined) return excluded("no patient");
  const { start, end } = spanOf(use, context.readDate, ["timingPeriod", "timingDateTime", "recordedOn"]);
  const id = referenceId(use["device"], "Device");
  const type = containedOf(use, use["device"])?.["type"] ?? (id === undefined ? undefined : context.definitionOf(`Device/${id}`));
  const codes = candidatesOf(type, context.sites, start?.date);
  if (codes.length === 0) return excluded("no coded content");
  return single({
    table: "device_exposure",
    codes,
    ...subject,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    typeConceptId: typeOf(TYPE_CONCEPT.ehr, start),
  });
}

function mapCoverage(coverage: Element, context: MappingContext): MappedResource {
  const patient = referenceId(coverage["beneficiary"], "Patient");
  if (patient === undefined) return excluded("no patient");
  const { start, end } = spanOf(coverage, context.readDate, ["period"]);
  if (start === undefined) return excluded("no date");
  const type = codesIn(coverage["type"])[0];
  return {
    kind: "payer",
    payer: {
      patient,
      start,
      end: end ?? untilKnown(start, context.knownUntil),
      ...(type === undefined ? {} : { payerSourceValue: sourceValueOf(type) }),
    },
  };
}

function mapPractitioner(practitioner: Element): MappedResource {
  const id = asText(practitioner["id"]);
  return id === undefined ? excluded("no coded content") : { kind: "provider", provider: { id } };
}

function mapRole(role: Element, context: MappingContext): MappedResource {
  const provider = referenceId(role["practitioner"], "Practitioner");
  if (provider === undefined) return excluded("no reference to the resource that it describes");
  const organization = referenceId(role["organization"], "Organization");
  return {
    kind: "role",
    role: {
      provider,
      ...(organization === undefined ? {} : { careSite: `Organization/${organization}` }),
      specialties: candidatesOf([...elementsOf(role["specialty"]), ...elementsOf(role["code"])], context.sites, undefined),
    },
  };
}

/** What kind of place it is; never what it is called. */
function mapCareSite(place: Element): MappedResource {
  const id = asText(place["id"]);
  if (id === undefined) return excluded("no coded content");
  const code = codesIn(place["type"])[0] ?? codesIn(place["physicalType"])[0];
  return {
    kind: "care-site",
    careSite: {
      key: `${asText(place["resourceType"]) ?? ""}/${id}`,
      ...(code === undefined ? {} : { sourceValue: sourceValueOf(code) }),
    },
  };
}
