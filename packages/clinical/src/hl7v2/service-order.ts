/** ORC, OBR and SPM to ServiceRequest, DiagnosticReport and Specimen (segment maps ORC[ServiceRequest], OBR[ServiceRequest], OBR[DiagnosticReport], SPM[Specimen]). */

import type { Conversion, Weight } from "./conversion.ts";
import { codeableConcept, compositeQuantity, conceptKey, eiIdentifier } from "./datatypes.ts";
import type { Hl7Field, Hl7Segment } from "./message.ts";
import { convertObservations, type ObservedOrder } from "./observation.ts";
import { detailOf, type OrderGroup } from "./order-groups.ts";
import { endsOrder, orderState, serviceRequestStatus } from "./order-status.ts";
import { period } from "./patient.ts";
import { eiKey, resourceId } from "./resource-ids.ts";

/** HL7 table 0123 (concept map ResultStatus[DiagnosticReport]). */
const REPORT_STATUS: Readonly<Record<string, string>> = {
  A: "partial",
  C: "corrected",
  F: "final",
  I: "registered",
  M: "corrected",
  O: "registered",
  P: "preliminary",
  R: "partial",
  S: "registered",
  X: "cancelled",
};

/** HL7 table 0485. */
const PRIORITY: Readonly<Record<string, string>> = { S: "stat", A: "asap", R: "routine", T: "urgent" };

export interface OrderNumbers {
  readonly placer: Hl7Field | undefined;
  readonly filler: Hl7Field | undefined;
  /** The placer's number, or else the filler's; nothing where the order has none. */
  readonly key: string | undefined;
}

export function orderNumbers(orc: Hl7Segment | undefined, obr: Hl7Segment | undefined): OrderNumbers {
  const placer = orc?.first(2) ?? obr?.first(2);
  const filler = orc?.first(3) ?? obr?.first(3);
  const key = eiKey(placer) === undefined ? eiKey(filler) : `placer\u001e${eiKey(placer)}`;
  return { placer, filler, key };
}

export const orderIdentifiers = ({ placer, filler }: OrderNumbers): readonly unknown[] =>
  [eiIdentifier(placer, "PLAC"), eiIdentifier(filler, "FILL")].filter((found) => found !== undefined);

/** @param weight how much the message knows of the order: a result only mentions it */
export function convertServiceOrder(conversion: Conversion, group: OrderGroup, weight: Weight): void {
  const { orc, obr } = group;
  const numbers = orderNumbers(orc, obr);
  const specimens = group.specimens.map((spm) => convertSpecimen(conversion, spm, numbers.key ?? ""));
  const requestId = obr === undefined && orc === undefined ? undefined : convertRequest(conversion, group, { numbers, weight, specimens });
  const code = obr === undefined ? undefined : conversion.code(obr, 4);
  const observed: ObservedOrder = {
    key: [numbers.key ?? `${conversion.visitId ?? conversion.patientKey}\u001e${obr?.text(7) ?? ""}`, conceptKey(code)].join("\u001e"),
    at: obr === undefined ? undefined : conversion.date(obr, 7),
    requestId,
    specimenId: specimens.at(-1),
  };
  const results = convertObservations(conversion, group.results, observed);
  const code9 = conversion.message.header.text(9, 1) ?? "";
  const isReport = ["ORU", "OUL"].includes(code9) || (["OMG", "OML"].includes(code9) && obr?.text(25) !== undefined);
  if (obr !== undefined && isReport) convertReport(conversion, obr, { numbers, observed, requestId, specimens, results });
}

interface Request {
  readonly numbers: OrderNumbers;
  readonly weight: Weight;
  readonly specimens: readonly string[];
}

/** @returns nothing for an order without a number */
function convertRequest(
  conversion: Conversion,
  { orc, obr, timings: details }: OrderGroup,
  { numbers, weight, specimens }: Request,
): string | undefined {
  const code = obr === undefined ? undefined : conversion.code(obr, 4);
  if (numbers.key === undefined) {
    if (weight === "authoritative") conversion.fault("hl7/no-order-number", orc === undefined ? "OBR-2" : "ORC-2");
    return undefined;
  }
  const isAgain = conversion.occurrence(`order\u001e${numbers.key}`) > 0;
  if (isAgain && weight === "authoritative") conversion.fault("hl7/order-number-twice", "ORC-2");
  const id = resourceId("ServiceRequest", numbers.key, isAgain ? conceptKey(code) : "");
  const state = orderState(orc);
  const timing = detailOf(details, ["ORC"]);
  const priority = timing?.text(9) ?? obr?.text(27, 6) ?? obr?.text(5);
  const fields = {
    identifier: orderIdentifiers(numbers),
    status: serviceRequestStatus(state),
    intent: orc === undefined ? "filler-order" : "order",
    priority: PRIORITY[priority ?? ""],
    code,
    subject: conversion.subject,
    encounter: conversion.encounter,
    occurrenceDateTime: timing === undefined ? (obr === undefined ? undefined : conversion.date(obr, 6)) : conversion.date(timing, 7),
    authoredOn: orc === undefined ? undefined : conversion.date(orc, 9),
    requester: conversion.practitioner(orc?.first(12) ?? obr?.first(16)),
    reasonCode: obr === undefined ? undefined : conversion.codes(obr, 31),
    specimen: specimens.map((specimen) => ({ reference: `Specimen/${specimen}` })),
  };
  if (endsOrder(state)) conversion.amend("ServiceRequest", id, fields);
  else conversion.put("ServiceRequest", id, fields, weight);
  return id;
}

interface Report {
  readonly numbers: OrderNumbers;
  readonly observed: ObservedOrder;
  readonly requestId: string | undefined;
  readonly specimens: readonly string[];
  readonly results: readonly string[];
}

function convertReport(conversion: Conversion, obr: Hl7Segment, report: Report): void {
  const code = conversion.code(obr, 4);
  if (code === undefined) {
    conversion.fault("hl7/no-code", "OBR-4");
    return;
  }
  const end = conversion.date(obr, 8);
  const performer = conversion.practitioner(obr.first(32)?.nested(1));
  conversion.put("DiagnosticReport", resourceId("DiagnosticReport", report.observed.key), {
    identifier: orderIdentifiers(report.numbers),
    basedOn: report.requestId === undefined ? undefined : [{ reference: `ServiceRequest/${report.requestId}` }],
    status: REPORT_STATUS[obr.text(25) ?? ""] ?? "unknown",
    category: conversion.codes(obr, 24, "0074"),
    code,
    subject: conversion.subject,
    encounter: conversion.encounter,
    ...(end === undefined ? { effectiveDateTime: report.observed.at } : { effectivePeriod: period(report.observed.at, end) }),
    issued: conversion.date(obr, 22),
    resultsInterpreter: performer === undefined ? undefined : [performer],
    specimen: report.specimens.map((specimen) => ({ reference: `Specimen/${specimen}` })),
    result: report.results.map((result) => ({ reference: `Observation/${result}` })),
  });
}

function convertSpecimen(conversion: Conversion, spm: Hl7Segment, orderKey: string): string {
  const known = conversion.specimenIds.get(spm);
  if (known !== undefined) return known;
  const systems = conversion.terms.codingSystems;
  const [placer, filler] = [spm.first(2)?.nested(1), spm.first(2)?.nested(2)];
  const key = eiKey(filler) ?? eiKey(placer) ?? `${conversion.patientKey}\u001e${orderKey}\u001e${spm.text(1) ?? ""}`;
  const id = resourceId("Specimen", key);
  conversion.specimenIds.set(spm, id);
  const [from, to] = [conversion.date(spm, 17, 1), conversion.date(spm, 17, 2)];
  const collection = Object.entries({
    ...(to === undefined ? { collectedDateTime: from } : { collectedPeriod: period(from, to) }),
    bodySite: codeableConcept(spm.first(8), systems),
    method: codeableConcept(spm.first(7), systems, "0488"),
    quantity: compositeQuantity(spm.first(12), systems),
  }).filter(([, value]) => value !== undefined);
  conversion.put("Specimen", id, {
    identifier: [eiIdentifier(placer, "PGN"), eiIdentifier(filler, "FGN")].filter((found) => found !== undefined),
    type: codeableConcept(spm.first(4), systems, "0487"),
    subject: conversion.subject,
    receivedTime: conversion.date(spm, 18),
    status: spm.text(20) === undefined ? undefined : spm.text(20) === "Y" ? "available" : "unavailable",
    collection: collection.length === 0 ? undefined : Object.fromEntries(collection),
  });
  return id;
}
