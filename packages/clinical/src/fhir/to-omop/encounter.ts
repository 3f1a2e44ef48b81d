/** Encounter: a visit, or a part of one; the insurance of KR Core's extension is a payer's period over the same days. */

import { candidatesOf, sourceValueOf } from "./code-systems.ts";
import { ADMIT_SOURCE, DISCHARGE_DISPOSITION, INPATIENT_VISIT, STILL_PATIENT, TYPE_CONCEPT, VISIT_CLASS } from "./concept-ids.ts";
import { spanOf, type When } from "./dates.ts";
import { excluded, type MappedResource, type MappingContext, type PayerDraft, type VisitDraft } from "./draft.ts";
import { asElement, asText, codesIn, type Element, elementsOf, extensionOf, referenceId } from "./elements.ts";

const INSURANCE = "http://www.hl7korea.or.kr/fhir/krcore/StructureDefinition/krcore-insuranceTypes";

export function mapEncounter(encounter: Element, context: MappingContext): MappedResource {
  const id = asText(encounter["id"]);
  const patient = referenceId(encounter["subject"], "Patient");
  if (id === undefined || patient === undefined) return excluded("no patient");
  const { start, end } = spanOf(encounter, context.readDate, ["period"]);
  if (start === undefined) return excluded("no date");
  const classCode = codesIn(encounter["class"])[0];
  const conceptId = VISIT_CLASS.get(classCode ?? "") ?? 0;
  const isOngoing = end === undefined && asText(encounter["status"]) !== "finished";
  const isStillIn = isOngoing && conceptId === INPATIENT_VISIT;
  const hospitalization = asElement(encounter["hospitalization"]);
  const partOf = referenceId(encounter["partOf"], "Encounter");
  const provider = attending(encounter);
  const careSite = careSiteOf(encounter);
  const visit: VisitDraft = {
    id,
    patient,
    ...(partOf === undefined || partOf === id ? {} : { partOf }),
    conceptId,
    ...(classCode === undefined ? {} : { sourceValue: sourceValueOf(classCode) }),
    start,
    end: end ?? (isStillIn ? untilKnown(start, context.knownUntil) : dayOnly(start)),
    typeConceptId: start.isImputed ? TYPE_CONCEPT.derived : TYPE_CONCEPT.encounter,
    ...(provider === undefined ? {} : { provider }),
    ...(careSite === undefined ? {} : { careSite }),
    ...admittedFrom(codesIn(hospitalization?.["admitSource"])[0]),
    ...dischargedTo(codesIn(hospitalization?.["dischargeDisposition"])[0], isStillIn),
  };
  const payer = insuranceOf(encounter, visit, context);
  return { kind: "visit", visit, ...(payer === undefined ? {} : { payer }) };
}

const dayOnly = ({ date, isImputed }: When): When => ({ date, isImputed });

export const untilKnown = (start: When, knownUntil: string): When => ({
  date: knownUntil > start.date ? knownUntil : start.date,
  isImputed: true,
});

function admittedFrom(code: string | undefined) {
  if (code === undefined) return {};
  return { admittedFromConceptId: ADMIT_SOURCE.get(code) ?? 0, admittedFromSourceValue: sourceValueOf(code) };
}

function dischargedTo(code: string | undefined, isStillIn: boolean) {
  if (code === undefined) return isStillIn ? { dischargedToConceptId: STILL_PATIENT } : {};
  return { dischargedToConceptId: DISCHARGE_DISPOSITION.get(code) ?? 0, dischargedToSourceValue: sourceValueOf(code) };
}

/** The attender or primary performer, else whoever is named first. */
function attending(encounter: Element): string | undefined {
  const named = elementsOf(encounter["participant"]).flatMap((participant) => {
    const provider = referenceId(participant["individual"], "Practitioner");
    if (provider === undefined || "modifierExtension" in participant) return [];
    return [{ provider, isAttending: codesIn(participant["type"]).some((code) => code === "ATND" || code === "PPRF") }];
  });
  return (named.find(({ isAttending }) => isAttending) ?? named[0])?.provider;
}

function careSiteOf(encounter: Element): string | undefined {
  const organization = referenceId(encounter["serviceProvider"], "Organization");
  if (organization !== undefined) return `Organization/${organization}`;
  const location = elementsOf(encounter["location"]).flatMap((each) => referenceId(each["location"], "Location") ?? [])[0];
  return location === undefined ? undefined : `Location/${location}`;
}

function insuranceOf(encounter: Element, visit: VisitDraft, context: MappingContext): PayerDraft | undefined {
  const insurance = extensionOf(encounter, INSURANCE)?.["valueCodeableConcept"];
  const sourceValue = candidatesOf(insurance, context.sites, undefined)[0]?.sourceValue;
  if (sourceValue === undefined) return undefined;
  return { patient: visit.patient, start: visit.start, end: visit.end, payerSourceValue: sourceValue };
}
