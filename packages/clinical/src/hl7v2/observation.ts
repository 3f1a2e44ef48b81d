/**
 * OBX to Observation (segment map OBX[Observation]).
 *
 * A correction (OBX-11 C) has the same id and takes the place of what it corrects; D and W (deleted, wrong patient) delete it. Without an order
 * number and a sub-id (OBX-4), equal results of one order are told apart by their order in the message.
 */

import type { Conversion, Fields } from "./conversion.ts";
import { codeableConcept, conceptKey, eiIdentifier, quantity, unitOf } from "./datatypes.ts";
import { parseDateTime } from "./date-time.ts";
import type { Hl7Field, Hl7Segment } from "./message.ts";
import { eiKey, resourceId } from "./resource-ids.ts";

/**
 * HL7 table 0085 (concept map ObservationResultStatus). The map leaves I, N, O, R, U and V open; they are read as their own definitions say.
 * D and W are not here: they delete.
 */
const OBSERVATION_STATUS: Readonly<Record<string, string>> = {
  A: "amended",
  C: "corrected",
  F: "final",
  I: "registered",
  N: "cancelled",
  O: "registered",
  P: "preliminary",
  R: "preliminary",
  U: "final",
  V: "final",
  X: "cancelled",
};

/** OMOP's value_as_string holds 60 characters; what is longer is a note, and notes do not come in this way. */
const TEXT_VALUE_CHARACTERS_MAX = 60;

export interface ObservedOrder {
  /** Names the order, and what of it was reported on. */
  readonly key: string;
  /** OBR-7, for results that carry no time of their own. */
  readonly at: string | undefined;
  readonly requestId: string | undefined;
  readonly specimenId: string | undefined;
}

/** @returns ids of the results that stand */
export function convertObservations(conversion: Conversion, results: readonly Hl7Segment[], order: ObservedOrder): readonly string[] {
  return results.map((obx) => convertObservation(conversion, obx, order)).filter((id) => id !== undefined);
}

function convertObservation(conversion: Conversion, obx: Hl7Segment, order: ObservedOrder): string | undefined {
  const code = conversion.code(obx, 3);
  if (code === undefined) {
    conversion.fault("hl7/no-code", "OBX-3");
    return undefined;
  }
  const key = [order.key, conceptKey(code), obx.text(4) ?? "", eiKey(obx.first(21)) ?? ""].join("\u001e");
  const occurrence = conversion.occurrence(`Observation\u001e${key}`);
  const id = resourceId("Observation", key, String(occurrence));
  const status = obx.text(11) ?? "";
  if (status === "D" || status === "W") {
    conversion.delete("Observation", id);
    return undefined;
  }
  const performer = conversion.practitioner(obx.first(16));
  const number = eiIdentifier(obx.first(21));
  const range = obx.whole(7);
  conversion.put("Observation", id, {
    identifier: number === undefined ? undefined : [number],
    basedOn: order.requestId === undefined ? undefined : [{ reference: `ServiceRequest/${order.requestId}` }],
    status: OBSERVATION_STATUS[status] ?? "unknown",
    code,
    subject: conversion.subject,
    encounter: conversion.encounter,
    effectiveDateTime: conversion.date(obx, 14) ?? order.at,
    performer: performer === undefined ? undefined : [performer],
    ...valueFields(conversion, obx),
    interpretation: conversion.codes(obx, 8, "0078")?.map(interpretationOf),
    bodySite: conversion.code(obx, 20, "0163"),
    method: conversion.code(obx, 17),
    specimen: order.specimenId === undefined ? undefined : { reference: `Specimen/${order.specimenId}` },
    referenceRange: range === undefined ? undefined : [referenceRange(obx, range, conversion)],
  });
  return id;
}

/** OBX-8's table 0078 became FHIR's v3-ObservationInterpretation with the same codes. */
function interpretationOf(concept: { readonly coding?: readonly { readonly system?: string; readonly code: string }[] }): unknown {
  const code = concept.coding?.[0]?.code;
  return code === undefined
    ? concept
    : { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", code }] };
}

function referenceRange(obx: Hl7Segment, range: string, conversion: Conversion): Fields {
  const unit = unitOf(obx.first(6), conversion.terms.codingSystems);
  const between = /^(-?\d+(?:\.\d+)?)\s*[-~]\s*(-?\d+(?:\.\d+)?)$/.exec(range);
  const oneSided = /^(<|>)=?\s*(-?\d+(?:\.\d+)?)$/.exec(range);
  if (between !== null) return { low: { value: Number(between[1]), ...unit }, high: { value: Number(between[2]), ...unit } };
  if (oneSided !== null) return { [oneSided[1] === "<" ? "high" : "low"]: { value: Number(oneSided[2]), ...unit } };
  return { text: range.slice(0, TEXT_VALUE_CHARACTERS_MAX) };
}

/** One value is the observation's; several repetitions are components of the same code, as FHIR has no list of values. */
function valueFields(conversion: Conversion, obx: Hl7Segment): Fields {
  const values = obx.repetitions(5);
  const type = obx.text(2) ?? "ST";
  if (values.length === 0) return {};
  if (TEXTS.includes(type)) return textValue(conversion, obx);
  const [first, ...others] = values;
  if (first === undefined) return {};
  if (others.length === 0) return oneValue(conversion, obx, { type, value: first });
  const code = conversion.code(obx, 3);
  return { component: values.map((value) => ({ code, ...oneValue(conversion, obx, { type, value }) })) };
}

const TEXTS: readonly string[] = ["ST", "TX", "FT"];
const CODED: readonly string[] = ["CE", "CWE", "CNE", "CF", "IS", "ID"];
const MASKED: Fields = {
  dataAbsentReason: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/data-absent-reason", code: "masked" }] },
};

/** A number that was declared as text, with a unit, is a number: laboratories send most results so. Long text is a note, and stays out. */
function textValue(conversion: Conversion, obx: Hl7Segment): Fields {
  const text = obx.whole(5);
  if (text === undefined) return {};
  const number =
    obx.text(6) === undefined && obx.text(6, 2) === undefined ? undefined : quantity(text, obx.first(6), conversion.terms.codingSystems);
  if (number !== undefined) return { valueQuantity: number };
  return text.length > TEXT_VALUE_CHARACTERS_MAX || text.includes("\n") || obx.text(2) === "FT" ? MASKED : { valueString: text };
}

interface TypedValue {
  readonly type: string;
  readonly value: Hl7Field;
}

function oneValue(conversion: Conversion, obx: Hl7Segment, { type, value }: TypedValue): Fields {
  if (type === "NM") return numberValue(conversion, obx, value);
  if (type === "SN") return structuredNumber(conversion, obx, value);
  if (CODED.includes(type)) return { valueCodeableConcept: codeableConcept(value, conversion.terms.codingSystems) };
  if (["DT", "TS", "DTM"].includes(type)) return dateValue(conversion, value);
  if (type === "TM") return timeValue(value);
  if (type === "DR") return periodValue(conversion, value);
  // ED, RP and images are not read; XPN, XCN, XAD, CX and the like name people.
  return MASKED;
}

function numberValue(conversion: Conversion, obx: Hl7Segment, value: Hl7Field): Fields {
  const text = value.component(1);
  if (text === undefined) return {};
  const number = quantity(text, obx.first(6), conversion.terms.codingSystems);
  if (number !== undefined) return { valueQuantity: number };
  conversion.fault("hl7/bad-number", "OBX-5");
  return text.length > TEXT_VALUE_CHARACTERS_MAX ? MASKED : { valueString: text };
}

/** SN: comparator, number, separator or suffix, number: `^1^:^128`, `>^100`, `^2^-^5`, `^1^+`. */
function structuredNumber(conversion: Conversion, obx: Hl7Segment, value: Hl7Field): Fields {
  const systems = conversion.terms.codingSystems;
  const [comparator, first, separator, second] = [1, 2, 3, 4].map((part) => value.component(part));
  const low = first === undefined ? undefined : quantity(first, obx.first(6), systems);
  const high = second === undefined ? undefined : quantity(second, obx.first(6), systems);
  if (low === undefined) return MASKED;
  if (high !== undefined && (separator === ":" || separator === "/")) return { valueRatio: { numerator: low, denominator: high } };
  if (high !== undefined && separator === "-") return { valueRange: { low, high } };
  if (separator === "+") return { valueQuantity: { ...low, comparator: ">=" } };
  return { valueQuantity: comparator !== undefined && /^[<>]=?$/.test(comparator) ? { ...low, comparator } : low };
}

function dateValue(conversion: Conversion, value: Hl7Field): Fields {
  const parsed = parseDateTime(value.component(1) ?? "", conversion.terms.zone);
  if (parsed.kind === "date-time") return { valueDateTime: parsed.text };
  conversion.fault("hl7/bad-date", "OBX-5");
  return {};
}

function timeValue(value: Hl7Field): Fields {
  const parts = /^([01]\d|2[0-3])([0-5]\d)([0-5]\d)?/.exec(value.component(1) ?? "");
  return parts === null ? {} : { valueTime: `${parts[1]}:${parts[2]}:${parts[3] ?? "00"}` };
}

function periodValue(conversion: Conversion, value: Hl7Field): Fields {
  const ends = [1, 2].map((part) => parseDateTime(value.component(part) ?? "", conversion.terms.zone));
  const [start, end] = ends.map((parsed) => (parsed.kind === "date-time" ? parsed.text : undefined));
  return { valuePeriod: { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) } };
}
