/**
 * RXO and RXE to MedicationRequest, RXD to MedicationDispense, RXA to MedicationAdministration or, in VXU, Immunization (segment maps
 * RXO[MedicationRequest], RXR[MedicationRequest], TQ1[MedicationRequest], RXA[Immunization], RXR[Immunization]; RXE and RXD by the fields of the
 * same meaning).
 *
 * An order as written (RXO) and as the pharmacy encoded it (RXE) is one MedicationRequest: two would make two exposures of one.
 */

import type { Conversion, Fields } from "./conversion.ts";
import { type CodeableConcept, codeableConcept, compositeQuantity, conceptKey, identifier, type Quantity, quantity } from "./datatypes.ts";
import type { Hl7Segment } from "./message.ts";
import { detailOf, type OrderGroup } from "./order-groups.ts";
import { endsOrder, medicationRequestStatus, orderState } from "./order-status.ts";
import { period } from "./patient.ts";
import { resourceId } from "./resource-ids.ts";
import { type OrderNumbers, orderIdentifiers, orderNumbers } from "./service-order.ts";

export function convertMedicationOrder(conversion: Conversion, group: OrderGroup): void {
  const numbers = orderNumbers(group.orc, undefined);
  const requestId = convertRequest(conversion, group, numbers);
  for (const rxd of group.dispenses) convertDispense(conversion, rxd, { group, numbers, requestId });
  for (const [index, rxa] of group.administrations.entries()) convertAdministration(conversion, rxa, { group, numbers, requestId, index });
}

interface Given {
  readonly group: OrderGroup;
  readonly numbers: OrderNumbers;
  readonly requestId: string | undefined;
}

/** The fields in which RXO and RXE say the same thing. */
const ORDERED = {
  RXO: { code: 1, low: 2, high: 3, units: 4, dispensed: 11, dispensedUnits: 12, refills: 13, daily: 23 },
  RXE: { code: 2, low: 3, high: 4, units: 5, dispensed: 10, dispensedUnits: 11, refills: 12, daily: 19 },
} as const;

/** @returns nothing for an order without a number */
function convertRequest(conversion: Conversion, group: OrderGroup, numbers: OrderNumbers): string | undefined {
  const written = group.rxe ?? group.rxo;
  const isMentioned = written === undefined || ["RDS", "RAS"].includes(conversion.message.header.text(9, 1) ?? "");
  if (numbers.key === undefined) {
    if (written !== undefined && !isMentioned) conversion.fault("hl7/no-order-number", "ORC-2");
    return undefined;
  }
  const medication =
    written === undefined ? undefined : drugCode(conversion, written, ORDERED[written.name === "RXO" ? "RXO" : "RXE"].code);
  const isAgain = written !== undefined && conversion.occurrence(`order\u001e${numbers.key}`) > 0;
  if (isAgain) conversion.fault("hl7/order-number-twice", "ORC-2");
  const id = resourceId("MedicationRequest", numbers.key, isAgain ? conceptKey(medication) : "");
  if (written === undefined) return id;
  const state = orderState(group.orc);
  const fields = {
    identifier: [...orderIdentifiers(numbers), ...prescription(written)],
    status: medicationRequestStatus(state),
    intent: written.name === "RXO" ? "original-order" : "filler-order",
    medicationCodeableConcept: medication,
    subject: conversion.subject,
    encounter: conversion.encounter,
    authoredOn: group.orc === undefined ? undefined : conversion.date(group.orc, 9),
    requester: conversion.practitioner(group.orc?.first(12)),
    dosageInstruction: dosageInstruction(conversion, group, written, endOf(conversion, group)),
    dispenseRequest: dispenseRequest(conversion, group, written),
  };
  if (endsOrder(state)) conversion.amend("MedicationRequest", id, fields);
  else conversion.put("MedicationRequest", id, fields, isMentioned ? "mentioned" : "authoritative");
  return id;
}

/** A claim code (EDI) is a procedure's or a drug's by the segment that carries it; the two lists have the same name and overlap in form. */
const drugCode = (conversion: Conversion, segment: Hl7Segment, field: number): CodeableConcept | undefined =>
  codeableConcept(segment.first(field), {
    EDI: "http://www.hl7korea.or.kr/CodeSystem/hira-edi-medication",
    ...conversion.terms.codingSystems,
  });

/** RXE-15, by which a dispense calls the order. */
function prescription(written: Hl7Segment): readonly unknown[] {
  const number = written.name === "RXE" ? written.text(15) : undefined;
  return [identifier(number, undefined, "PRN")].filter((found) => found !== undefined);
}

/** ORC alone: the order it names is a drug order or not, so whichever is there is ended. */
export function endOrder(conversion: Conversion, group: OrderGroup): void {
  const numbers = orderNumbers(group.orc, undefined);
  if (numbers.key === undefined) {
    conversion.fault("hl7/no-order-number", "ORC-2");
    return;
  }
  const state = orderState(group.orc);
  const end = endOf(conversion, group);
  const isDrug = conversion.message.header.text(9, 1) === "RDE";
  conversion.amend(
    "MedicationRequest",
    resourceId("MedicationRequest", numbers.key, ""),
    {
      identifier: orderIdentifiers(numbers),
      status: medicationRequestStatus(state),
      intent: isDrug ? "filler-order" : "original-order",
      subject: conversion.subject,
      dosageInstruction: end === undefined ? undefined : [{ timing: { repeat: { boundsPeriod: { end } } } }],
    },
    isDrug ? "alone" : "if-known",
  );
}

/** When a discontinued order ends: when the change takes effect (ORC-15), or else when it was asked for (ORC-9). */
function endOf(conversion: Conversion, group: OrderGroup): string | undefined {
  const { orc } = group;
  const timing = timingSegment(group);
  if (orc !== undefined && orderState(orc) === "discontinued")
    return conversion.date(orc, 15) ?? conversion.date(orc, 9) ?? conversion.version;
  return timing === undefined ? (orc === undefined ? undefined : conversion.date(orc, 7, 5)) : conversion.date(timing, 8);
}

function dosageInstruction(
  conversion: Conversion,
  group: OrderGroup,
  written: Hl7Segment,
  end: string | undefined,
): readonly Fields[] | undefined {
  const { orc } = group;
  const timing = timingSegment(group);
  const route = detailOf(group.routes, ["RXE", "RXO", "ORC"]);
  const start = timing === undefined ? (orc === undefined ? undefined : conversion.date(orc, 7, 4)) : conversion.date(timing, 7);
  const pattern = timing?.first(3)?.nested(1)?.component(1) ?? orc?.text(7, 2) ?? written.first(1)?.component(2);
  const bounds = period(start, end);
  const fields: readonly (readonly [string, unknown])[] = [
    ["timing", bounds === undefined && pattern === undefined ? undefined : timingOf(bounds, pattern)],
    ["route", route === undefined ? undefined : conversion.code(route, 1, "0162")],
    ["site", route === undefined ? undefined : conversion.code(route, 2, "0163")],
    ["doseAndRate", doseAndRate(conversion, written)],
    ["maxDosePerPeriod", dailyDose(conversion, written)],
  ];
  const stated = fields.filter(([, value]) => value !== undefined);
  return stated.length === 0 ? undefined : [Object.fromEntries(stated)];
}

/** The pharmacy's timing before the physician's. */
const timingSegment = ({ timings }: OrderGroup): Hl7Segment | undefined => detailOf(timings, ["RXE", "RXO", "ORC"]);

const timingOf = (bounds: Fields | undefined, pattern: string | undefined): Fields => ({
  ...(bounds === undefined ? {} : { repeat: { boundsPeriod: bounds } }),
  ...(pattern === undefined ? {} : { code: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0335", code: pattern }] } }),
});

function doseAndRate(conversion: Conversion, written: Hl7Segment): readonly Fields[] | undefined {
  const at = ORDERED[written.name === "RXO" ? "RXO" : "RXE"];
  const [low, high] = [amount(conversion, written, at.low, at.units), amount(conversion, written, at.high, at.units)];
  if (low === undefined) return undefined;
  return [high === undefined || high.value === low.value ? { doseQuantity: low } : { doseRange: { low, high } }];
}

function dailyDose(conversion: Conversion, written: Hl7Segment): Fields | undefined {
  const numerator = compositeQuantity(written.first(ORDERED[written.name === "RXO" ? "RXO" : "RXE"].daily), conversion.terms.codingSystems);
  return numerator === undefined
    ? undefined
    : { numerator, denominator: { value: 1, unit: "d", system: "http://unitsofmeasure.org", code: "d" } };
}

function dispenseRequest(conversion: Conversion, group: OrderGroup, written: Hl7Segment): Fields | undefined {
  const at = ORDERED[written.name === "RXO" ? "RXO" : "RXE"];
  const refills = written.text(at.refills);
  const fields = Object.entries({
    quantity: amount(conversion, written, at.dispensed, at.dispensedUnits),
    numberOfRepeatsAllowed: refills !== undefined && /^\d{1,3}$/.test(refills) ? Number(refills) : undefined,
    expectedSupplyDuration: supplyDays(group),
  }).filter(([, value]) => value !== undefined);
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

/** TQ1-6 (a number and a unit), or ORC-7.3 in the old notation (`D7`: seven days). */
function supplyDays(group: OrderGroup): Fields | undefined {
  const timing = timingSegment(group);
  const [days, unit] = [timing?.text(6, 1), timing?.text(6, 2)];
  const isDays = unit === undefined || /^(d|day|days|일)$/i.test(unit);
  const old = /^D(\d{1,3})$/.exec(group.orc?.text(7, 3) ?? "")?.[1];
  const value = days !== undefined && isDays && /^\d{1,3}$/.test(days) ? Number(days) : old === undefined ? undefined : Number(old);
  return value === undefined ? undefined : { value, unit: "d", system: "http://unitsofmeasure.org", code: "d" };
}

function amount(conversion: Conversion, segment: Hl7Segment, field: number, unitField: number): Quantity | undefined {
  const text = segment.text(field);
  return text === undefined ? undefined : quantity(text, segment.first(unitField), conversion.terms.codingSystems);
}

function convertDispense(conversion: Conversion, rxd: Hl7Segment, { group, numbers, requestId }: Given): void {
  const medication = drugCode(conversion, rxd, 2);
  if (medication === undefined) {
    conversion.fault("hl7/no-code", "RXD-2");
    return;
  }
  const at = conversion.date(rxd, 3);
  const id = resourceId(
    "MedicationDispense",
    rxd.text(7) ?? numbers.key ?? conversion.patientKey,
    rxd.text(1) ?? "",
    conceptKey(medication),
    at ?? "",
  );
  const prescriptionNumber = rxd.text(7);
  const rxr = detailOf(group.routes, ["RXD", "RXE", "RXO", "ORC"]);
  const route = rxr === undefined ? undefined : conversion.code(rxr, 1, "0162");
  conversion.put("MedicationDispense", id, {
    identifier: [identifier(prescriptionNumber, undefined, "PRN")].filter((found) => found !== undefined),
    status: endsOrder(orderState(group.orc)) ? "cancelled" : "completed",
    medicationCodeableConcept: medication,
    subject: conversion.subject,
    context: conversion.encounter,
    authorizingPrescription: requestId === undefined ? undefined : [{ reference: `MedicationRequest/${requestId}` }],
    whenHandedOver: at,
    quantity: amount(conversion, rxd, 4, 5),
    daysSupply: supplyDays(group),
    dosageInstruction: route === undefined ? undefined : [{ route }],
  });
}

/** HL7 table 0322 (concept map CompletionStatus). */
const COMPLETION: Readonly<Record<string, string>> = { CP: "completed", PA: "completed", RE: "not-done", NA: "not-done" };

function convertAdministration(conversion: Conversion, rxa: Hl7Segment, given: Given & { readonly index: number }): void {
  const isVaccination = conversion.message.header.text(9, 1) === "VXU";
  const resourceType = isVaccination ? "Immunization" : "MedicationAdministration";
  const medication = drugCode(conversion, rxa, 5);
  if (medication === undefined) {
    conversion.fault("hl7/no-code", "RXA-5");
    return;
  }
  const order = given.numbers.key ?? conversion.patientKey;
  const id = resourceId(resourceType, order, rxa.text(1) ?? "", rxa.text(2) ?? "", conceptKey(medication), rxa.text(3) ?? "");
  if (rxa.text(21) === "D") {
    conversion.delete(resourceType, id);
    return;
  }
  const status = COMPLETION[rxa.text(20) ?? ""] ?? "completed";
  // 999 is HL7's word for an amount that nobody wrote down.
  const dose = rxa.text(6) === "999" ? undefined : amount(conversion, rxa, 6, 7);
  const routes =
    given.group.routes.filter(({ of }) => of === "RXA")[given.index]?.segment ?? detailOf(given.group.routes, ["RXA", "RXE", "RXO", "ORC"]);
  const performer = conversion.practitioner(rxa.first(10));
  const common = { identifier: orderIdentifiers(given.numbers), status, statusReason: conversion.code(rxa, 18) };
  const route = routes === undefined ? undefined : conversion.code(routes, 1, "0162");
  const site = routes === undefined ? undefined : conversion.code(routes, 2, "0163");
  if (isVaccination)
    conversion.put(resourceType, id, { ...common, ...vaccination(conversion, rxa, { medication, dose, route, site, performer }) });
  else
    conversion.put(resourceType, id, {
      ...common,
      statusReason: common.statusReason === undefined ? undefined : [common.statusReason],
      medicationCodeableConcept: medication,
      subject: conversion.subject,
      context: conversion.encounter,
      ...effective(conversion, rxa),
      performer: performer === undefined ? undefined : [{ actor: performer }],
      request: given.requestId === undefined ? undefined : { reference: `MedicationRequest/${given.requestId}` },
      dosage: dosage(dose, route, site),
    });
}

function effective(conversion: Conversion, rxa: Hl7Segment): Fields {
  const [start, end] = [conversion.date(rxa, 3), conversion.date(rxa, 4)];
  return end === undefined || end === start ? { effectiveDateTime: start } : { effectivePeriod: period(start, end) };
}

function dosage(dose: Quantity | undefined, route: unknown, site: unknown): Fields | undefined {
  const fields = Object.entries({ dose, route, site }).filter(([, value]) => value !== undefined);
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

interface Vaccination {
  readonly medication: unknown;
  readonly dose: Quantity | undefined;
  readonly route: unknown;
  readonly site: unknown;
  readonly performer: unknown;
}

/** RXA-9 00 (new record) is the giver's own word; every other source is somebody's report. */
function vaccination(conversion: Conversion, rxa: Hl7Segment, { medication, dose, route, site, performer }: Vaccination): Fields {
  const source = conversion.code(rxa, 9);
  const isPrimary = source === undefined || source.coding?.[0]?.code === "00";
  const manufacturer = rxa.text(17);
  return {
    vaccineCode: medication,
    patient: conversion.subject,
    encounter: conversion.encounter,
    occurrenceDateTime: conversion.date(rxa, 3),
    recorded: conversion.date(rxa, 22),
    primarySource: isPrimary,
    reportOrigin: isPrimary ? undefined : source,
    manufacturer: conversion.organization(manufacturer),
    lotNumber: rxa.text(15),
    expirationDate: conversion.date(rxa, 16)?.slice(0, 10),
    site,
    route,
    doseQuantity: dose,
    performer: performer === undefined ? undefined : [{ actor: performer }],
    reasonCode: conversion.codes(rxa, 19),
  };
}
