/**
 * PID to Patient (segment map PID[Patient]), NK1 to RelatedPerson, IN1 to Coverage.
 *
 * Left out on purpose: names, telephone numbers, street lines, mother's name, national and other civil numbers (PID-19, PID-20, PID-3 of such
 * types). Nothing later reads them, so they never enter the store.
 */

import type { Conversion, Weight } from "./conversion.ts";
import { type Coding, cxIdentifier, firstText, identifier } from "./datatypes.ts";
import type { Hl7Segment } from "./message.ts";
import { cxKey, isNationalIdentifier, patientNumber, resourceId } from "./resource-ids.ts";

/** HL7 table 0001. */
const GENDERS: Readonly<Record<string, string>> = { M: "male", F: "female", O: "other", A: "other", N: "other", U: "unknown" };

/** @returns false where the message names no patient of this hospital */
export function convertPatient(conversion: Conversion, pid: Hl7Segment, weight: Weight): boolean {
  const number = patientNumber(pid, 3, 2);
  if (number === undefined) return false;
  conversion.usePatient(number);
  conversion.put(
    "Patient",
    conversion.patientId,
    {
      identifier: patientIdentifiers(pid),
      gender: pid.text(8) === undefined ? undefined : (GENDERS[pid.text(8) ?? ""] ?? "unknown"),
      birthDate: conversion.date(pid, 7)?.slice(0, 10),
      ...deceased(conversion, pid),
      maritalStatus: maritalStatus(conversion, pid),
      multipleBirthInteger: birthOrder(pid.text(25)),
      address: pid.repetitions(11).flatMap((address) => area([3, 4, 5, 6].map((part) => address.component(part)))),
      extension: [raceExtension(conversion, pid, 10, "race"), raceExtension(conversion, pid, 22, "ethnicity")].filter(
        (found) => found !== undefined,
      ),
    },
    weight,
  );
  return true;
}

function patientIdentifiers(pid: Hl7Segment): readonly unknown[] {
  return [2, 3, 4].flatMap((field) =>
    pid
      .repetitions(field)
      .filter((repetition) => !isNationalIdentifier(repetition))
      .map((repetition) => cxIdentifier(repetition))
      .filter((found) => found !== undefined),
  );
}

function deceased(conversion: Conversion, pid: Hl7Segment): Readonly<Record<string, unknown>> {
  const at = conversion.date(pid, 29);
  if (at !== undefined) return { deceasedDateTime: at };
  const indicator = pid.text(30);
  return indicator === undefined ? {} : { deceasedBoolean: indicator === "Y" };
}

const birthOrder = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,2}$/.test(text) ? Number(text) : undefined;

/** Codes that HL7 table 0002 and v3-MaritalStatus share (concept map MaritalStatus). */
const MARITAL_STATUS = /^[ACDILMPSTUW]$/;

function maritalStatus(conversion: Conversion, pid: Hl7Segment): unknown {
  const code = pid.text(16);
  if (code === undefined || !MARITAL_STATUS.test(code)) return conversion.code(pid, 16, "0002");
  return { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", code }] };
}

/** HL7 table 0189 to the codes of the CDC (concept map EthnicGroup), and table 0005, whose codes are the CDC's. */
const ETHNIC_GROUPS: Readonly<Record<string, string>> = { H: "2135-2", N: "2186-5" };
const CDC_RACE = "urn:oid:2.16.840.1.113883.6.238";

function raceCoding(coding: Coding): Coding {
  const code = ETHNIC_GROUPS[coding.code] ?? coding.code;
  return /^\d{4}-\d$/.test(code) ? { ...coding, system: CDC_RACE, code } : coding;
}

/** City, province, postal code, country: what OMOP's location can hold without the street. */
function area([city, state, postalCode, country]: readonly (string | undefined)[]): readonly unknown[] {
  const fields = Object.entries({ city, state, postalCode, country }).filter(([, value]) => value !== undefined);
  return fields.length === 0 ? [] : [Object.fromEntries(fields)];
}

function raceExtension(conversion: Conversion, pid: Hl7Segment, field: number, kind: "race" | "ethnicity"): unknown {
  const codings = (conversion.codes(pid, field) ?? []).flatMap((concept) => concept.coding ?? []).map(raceCoding);
  if (codings.length === 0) return undefined;
  return {
    url: `http://hl7.org/fhir/us/core/StructureDefinition/us-core-${kind}`,
    extension: codings.map((valueCoding) => ({ url: "ombCategory", valueCoding })),
  };
}

/** The relationship alone: who the relative is stays with the sender. */
export function convertRelative(conversion: Conversion, nk1: Hl7Segment): void {
  const relationship = conversion.code(nk1, 3, "0063");
  if (relationship === undefined) return;
  const key = firstText(nk1, 1) ?? relationship.coding?.[0]?.code ?? "";
  conversion.put("RelatedPerson", resourceId("RelatedPerson", conversion.patientKey, key), {
    patient: conversion.subject,
    relationship: [relationship],
    gender: GENDERS[nk1.text(15) ?? ""],
  });
}

export function convertCoverage(conversion: Conversion, in1: Hl7Segment): void {
  const plan = conversion.code(in1, 2);
  const company = in1
    .repetitions(3)
    .map((repetition) => cxIdentifier(repetition))
    .find((found) => found !== undefined);
  const policy = in1.text(36);
  const key = cxKey(in1.first(3)) ?? plan?.coding?.[0]?.code ?? plan?.text;
  if (key === undefined) return;
  conversion.put("Coverage", resourceId("Coverage", conversion.patientKey, key, policy ?? ""), {
    status: "active",
    beneficiary: conversion.subject,
    identifier: policy === undefined ? undefined : [identifier(policy, undefined, "PLN")],
    type: conversion.code(in1, 15, "0086"),
    period: period(conversion.date(in1, 12), conversion.date(in1, 13)),
    payor: company === undefined ? undefined : [conversion.organization(company.value)],
    class: plan?.coding === undefined ? undefined : [coverageClass("plan", plan.coding[0]?.code ?? "")],
  });
}

const coverageClass = (code: string, value: string): unknown => ({
  type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/coverage-class", code }] },
  value,
});

export function period(start: string | undefined, end: string | undefined): Readonly<Record<string, string>> | undefined {
  if (start === undefined && end === undefined) return undefined;
  return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
}
