/**
 * The five ways in which FHIR speaks of drugs: ordered, dispensed, given, said to be taken, and immunizations.
 *
 * Each gives one exposure with its evidence. Where several tell of the same drug, the best evidence stands: administration before
 * dispensing before statement before order; the loader decides that over all rows. An order that was stopped before its first dose
 * is no exposure, one that was stopped after it ends there.
 */

import { candidatesOf, sourceValueOf } from "./code-systems.ts";
import { IMMUNIZATION_ORIGIN, ROUTE, TYPE_CONCEPT } from "./concept-ids.ts";
import { spanOf, type When } from "./dates.ts";
import { type DrugDraft, type EVIDENCE, type EventDraft, excluded, type MappedResource, type MappingContext } from "./draft.ts";
import { asElement, asNumber, asText, codesIn, containedOf, type Element, elementsOf, extensionOf, referenceId } from "./elements.ts";
import { providerOf, single, subjectOf, typeOf } from "./findings.ts";

const INGREDIENT = "http://www.hl7korea.or.kr/fhir/krcore/StructureDefinition/krcore-medicationIngredient";
/** R5's element as R4 servers send it: when the present status was reached. */
const STATUS_CHANGED = "http://hl7.org/fhir/5.0/StructureDefinition/extension-MedicationRequest.statusChanged";

export function mapMedicationRequest(request: Element, context: MappingContext): MappedResource {
  if (request["doNotPerform"] === true) return excluded("an instruction not to do it");
  const dosage = elementsOf(request["dosageInstruction"])[0];
  const bounds = asElement(asElement(asElement(dosage?.["timing"])?.["repeat"])?.["boundsPeriod"]);
  const start = context.readDate(bounds?.["start"]) ?? context.readDate(request["authoredOn"]);
  const stopped = request["status"] === "stopped" ? stopOf(request, bounds, context) : undefined;
  if (request["status"] === "stopped" && stopped === undefined && context.policy.medication.stoppedOrdersWithoutDate === "exclude") {
    return excluded("an order stopped at an unknown time");
  }
  if (stopped !== undefined && start !== undefined && isBefore(stopped, start)) return excluded("an order stopped before its first dose");
  const dispense = asElement(request["dispenseRequest"]);
  const days = durationDays(asElement(dispense?.["expectedSupplyDuration"]));
  const quantity = asNumber(asElement(dispense?.["quantity"])?.["value"]) ?? totalDose(dosage, days);
  const refills = asNumber(dispense?.["numberOfRepeatsAllowed"]);
  const end = stopped ?? context.readDate(bounds?.["end"]) ?? lastDay(start, days);
  return exposure(request, context, {
    typeConceptId: request["reportedBoolean"] === true ? TYPE_CONCEPT.selfReport : TYPE_CONCEPT.prescription,
    start,
    end,
    performer: request["requester"],
    drug: {
      ...drugOf("order", asText(request["id"]), dosage, context),
      ...(quantity === undefined ? {} : { quantity }),
      ...(days === undefined ? {} : { daysSupply: days }),
      ...(refills === undefined || refills < 0 ? {} : { refills: Math.floor(refills) }),
      ...(stopped === undefined ? {} : { isStopped: true as const }),
    },
  });
}

export function mapMedicationDispense(dispense: Element, context: MappingContext): MappedResource {
  const { start } = spanOf(dispense, context.readDate, ["whenHandedOver", "whenPrepared"]);
  const days = durationDays(asElement(dispense["daysSupply"]));
  const quantity = asNumber(asElement(dispense["quantity"])?.["value"]);
  const request = elementsOf(dispense["authorizingPrescription"]).flatMap((each) => referenceId(each, "MedicationRequest") ?? [])[0];
  return exposure(dispense, context, {
    typeConceptId: TYPE_CONCEPT.dispensing,
    start,
    end: lastDay(start, days),
    performer: elementsOf(dispense["performer"])[0]?.["actor"],
    drug: {
      ...drugOf("dispensing", request, elementsOf(dispense["dosageInstruction"])[0], context),
      ...(quantity === undefined ? {} : { quantity }),
      ...(days === undefined ? {} : { daysSupply: days }),
    },
  });
}

export function mapMedicationAdministration(administration: Element, context: MappingContext): MappedResource {
  const { start, end } = spanOf(administration, context.readDate, ["effectiveDateTime", "effectivePeriod"]);
  const dosage = asElement(administration["dosage"]);
  const quantity = asNumber(asElement(dosage?.["dose"])?.["value"]);
  return exposure(administration, context, {
    typeConceptId: TYPE_CONCEPT.administration,
    start,
    end,
    performer: elementsOf(administration["performer"])[0]?.["actor"],
    drug: {
      ...drugOf("administration", referenceId(administration["request"], "MedicationRequest"), dosage, context),
      ...(quantity === undefined ? {} : { quantity }),
    },
  });
}

export function mapMedicationStatement(statement: Element, context: MappingContext): MappedResource {
  const { start, end } = spanOf(statement, context.readDate, ["effectiveDateTime", "effectivePeriod", "dateAsserted"]);
  const request = [...elementsOf(statement["basedOn"]), ...elementsOf(statement["derivedFrom"])].flatMap(
    (each) => referenceId(each, "MedicationRequest") ?? [],
  )[0];
  const isSelfReported = referenceId(statement["informationSource"], "Patient", "RelatedPerson") !== undefined;
  return exposure(statement, context, {
    typeConceptId: isSelfReported ? TYPE_CONCEPT.selfReport : TYPE_CONCEPT.medicationList,
    start,
    end,
    performer: statement["informationSource"],
    drug: drugOf("statement", request, elementsOf(statement["dosage"])[0], context),
  });
}

export function mapImmunization(immunization: Element, context: MappingContext): MappedResource {
  const origin = codesIn(immunization["reportOrigin"]).flatMap((code) => IMMUNIZATION_ORIGIN.get(code) ?? [])[0];
  const firstHand = immunization["primarySource"] === true ? TYPE_CONCEPT.administration : TYPE_CONCEPT.ehr;
  const start = context.readDate(immunization["occurrenceDateTime"]);
  const quantity = asNumber(asElement(immunization["doseQuantity"])?.["value"]);
  return exposure({ ...immunization, medicationCodeableConcept: immunization["vaccineCode"] }, context, {
    typeConceptId: origin ?? firstHand,
    start,
    end: undefined,
    performer: elementsOf(immunization["performer"])[0]?.["actor"],
    drug: {
      ...routeOf(immunization["route"], context),
      ...(quantity === undefined ? {} : { quantity }),
      ...doseUnitOf(asElement(immunization["doseQuantity"])),
    },
  });
}

interface Exposure {
  readonly typeConceptId: number;
  readonly start: When | undefined;
  readonly end: When | undefined;
  readonly performer: unknown;
  readonly drug: DrugDraft;
}

function exposure(resource: Element, context: MappingContext, facts: Exposure): MappedResource {
  const subject = subjectOf(resource);
  if (subject === undefined) return excluded("no patient");
  const codes = medicationCodes(resource, context, facts.start?.date);
  if (codes.length === 0) return excluded("no coded content");
  const provider = providerOf(facts.performer);
  const event: EventDraft = {
    table: "drug_exposure",
    codes,
    ...subject,
    ...(provider === undefined ? {} : { provider }),
    ...(facts.start === undefined ? {} : { start: facts.start }),
    ...(facts.end === undefined ? {} : { end: facts.end }),
    typeConceptId: typeOf(facts.typeConceptId, facts.start),
    drug: facts.drug,
  };
  return single(event);
}

/** The product's codes; after them the ingredient's, by which KR Core tells the substance of a product that no vocabulary has. */
function medicationCodes(resource: Element, context: MappingContext, onDate: string | undefined) {
  const concept = asElement(resource["medicationCodeableConcept"]);
  const reference = resource["medicationReference"];
  const id = referenceId(reference, "Medication");
  const definition =
    containedOf(resource, reference)?.["code"] ?? (id === undefined ? undefined : context.definitionOf(`Medication/${id}`));
  const ingredient = concept === undefined ? undefined : extensionOf(concept, INGREDIENT)?.["valueCodeableConcept"];
  return [
    ...candidatesOf(concept ?? definition, context.sites, onDate),
    ...(ingredient === undefined ? [] : candidatesOf(ingredient, context.sites, onDate)),
  ];
}

function drugOf(
  evidence: keyof typeof EVIDENCE,
  request: string | undefined,
  dosage: Element | undefined,
  context: MappingContext,
): DrugDraft {
  const dose = doseOf(dosage);
  const sig = sigOf(dosage, dose);
  return {
    evidence,
    ...(request === undefined ? {} : { request }),
    ...routeOf(dosage?.["route"], context),
    ...doseUnitOf(dose),
    ...(sig === undefined ? {} : { sig }),
  };
}

const doseOf = (dosage: Element | undefined): Element | undefined =>
  asElement(dosage?.["dose"]) ?? asElement(elementsOf(dosage?.["doseAndRate"])[0]?.["doseQuantity"]);

function doseUnitOf(dose: Element | undefined) {
  const code = asText(dose?.["code"]);
  return code === undefined ? {} : { doseUnitSourceValue: sourceValueOf(code) };
}

function routeOf(route: unknown, context: MappingContext) {
  const routes = candidatesOf(route, context.sites, undefined);
  if (routes.length === 0) return {};
  const conceptId = routes.flatMap(({ code }) => ROUTE.get(code.code) ?? [])[0];
  return { routes, ...(conceptId === undefined ? {} : { routeConceptId: conceptId }) };
}

/** Such as `1 {tbl} 3/1d`: figures and coded units only. */
function sigOf(dosage: Element | undefined, dose: Element | undefined): string | undefined {
  const repeat = asElement(asElement(dosage?.["timing"])?.["repeat"]);
  const [amount, frequency] = [asNumber(dose?.["value"]), asNumber(repeat?.["frequency"])];
  const [period, unit] = [asNumber(repeat?.["period"]), asText(repeat?.["periodUnit"])];
  const parts = [
    ...(amount === undefined
      ? []
      : [`${amount}${asText(dose?.["code"]) === undefined ? "" : ` ${sourceValueOf(String(dose?.["code"]))}`}`]),
    ...(frequency === undefined || period === undefined || unit === undefined || !(unit in DAYS) ? [] : [`${frequency}/${period}${unit}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(" ");
}

const DAYS: Readonly<Record<string, number>> = { s: 1 / 86_400, min: 1 / 1_440, h: 1 / 24, d: 1, wk: 7, mo: 30, a: 365 };
/** Longer supplies are errors of writing. */
const SUPPLY_DAYS_MAX = 3_650;

function durationDays(duration: Element | undefined): number | undefined {
  const value = asNumber(duration?.["value"]);
  const perUnit = DAYS[asText(duration?.["code"]) ?? asText(duration?.["unit"]) ?? "d"];
  if (value === undefined || perUnit === undefined || value <= 0) return undefined;
  const days = Math.ceil(value * perUnit);
  return days > SUPPLY_DAYS_MAX ? undefined : days;
}

/** Dose times frequency times days, where the source gives all of them. */
function totalDose(dosage: Element | undefined, days: number | undefined): number | undefined {
  const repeat = asElement(asElement(dosage?.["timing"])?.["repeat"]);
  const [dose, frequency, period] = [asNumber(doseOf(dosage)?.["value"]), asNumber(repeat?.["frequency"]), asNumber(repeat?.["period"])];
  const perDay = DAYS[asText(repeat?.["periodUnit"]) ?? ""];
  if (days === undefined || dose === undefined || frequency === undefined || perDay === undefined || !period) return undefined;
  return (dose * frequency * days) / (period * perDay);
}

const DAY_MS = 86_400_000;

function lastDay(start: When | undefined, days: number | undefined): When | undefined {
  if (start === undefined || days === undefined) return undefined;
  const date = new Date(Date.parse(start.date) + (days - 1) * DAY_MS).toISOString().slice(0, 10);
  return { date, isImputed: false };
}

const stopOf = (request: Element, bounds: Element | undefined, context: MappingContext): When | undefined =>
  context.readDate(extensionOf(request, STATUS_CHANGED)?.["valueDateTime"]) ?? context.readDate(bounds?.["end"]);

/** Certainly earlier: by the time of day where both have one, else by the day. */
const isBefore = (a: When, b: When): boolean =>
  a.datetime !== undefined && b.datetime !== undefined ? a.datetime < b.datetime : a.date < b.date;
