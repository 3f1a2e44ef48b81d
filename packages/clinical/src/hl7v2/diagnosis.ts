/** DG1 and PRB to Condition (segment maps DG1[Condition], DG1[Encounter]; PRB by the fields of the same meaning), PR1 to Procedure, AL1 and IAM to AllergyIntolerance. */

import type { Certainty, Conversion } from "./conversion.ts";
import { type CodeableConcept, codeableConcept, conceptKey, eiIdentifier, firstText } from "./datatypes.ts";
import type { Hl7Segment } from "./message.ts";
import { eiKey, resourceId } from "./resource-ids.ts";
import type { VisitDiagnosis } from "./visit.ts";

const terminology = (system: string, code: string): CodeableConcept => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});

/** HL7 table 0052 to FHIR's diagnosis-role. */
const DIAGNOSIS_ROLES: Readonly<Record<string, string>> = { A: "AD", W: "CC", F: "DD" };

/** Marks that Korean clinicians write before or after a diagnosis' name: rule out, suspected. */
const RULED_OUT = /^\s*r\s*[/.]\s*o\b/i;
const SUSPECTED = /(의증|의심|추정|\bsuspected\b|\bs\/o\b)/i;

/**
 * Without a number of its own a diagnosis is named by its visit and code, so that the final one takes the place of the working one.
 * @returns what the visit says of it; nothing where there is no code and no name, or it was deleted
 */
export function convertDiagnosis(conversion: Conversion, dg1: Hl7Segment): VisitDiagnosis | undefined {
  const concept = conversion.code(dg1, 3) ?? described(dg1.text(4));
  if (concept === undefined) {
    conversion.fault("hl7/no-code", "DG1-3");
    return undefined;
  }
  const key = eiKey(dg1.first(20));
  const within = conversion.visitId ?? conversion.patientKey;
  const id =
    key === undefined
      ? resourceId("Condition", within, conceptKey(concept))
      : resourceId("Condition", "id", key, within, conceptKey(concept));
  if (dg1.text(21) === "D") {
    conversion.delete("Condition", id);
    return undefined;
  }
  const certainty = certaintyOf(conversion, dg1, concept);
  const number = eiIdentifier(dg1.first(20));
  conversion.put("Condition", id, {
    identifier: number === undefined ? undefined : [number],
    verificationStatus: certainty === undefined ? undefined : terminology("condition-ver-status", certainty),
    category: [terminology("condition-category", "encounter-diagnosis")],
    code: concept,
    subject: conversion.subject,
    encounter: conversion.encounter,
    onsetDateTime: conversion.date(dg1, 5),
    recordedDate: conversion.date(dg1, 19),
    asserter: conversion.practitioner(dg1.first(16)),
  });
  return { conditionId: id, use: DIAGNOSIS_ROLES[dg1.text(6) ?? ""], rank: rankOf(dg1.text(15)) };
}

const described = (text: string | undefined): CodeableConcept | undefined => (text === undefined ? undefined : { text });

/** FHIR's rank counts from 1; HL7's priority 0 says that it is not ranked. */
const rankOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined;

function certaintyOf(conversion: Conversion, dg1: Hl7Segment, concept: CodeableConcept): Certainty | undefined {
  const known = conversion.terms.diagnosisCertainty;
  const declared = known[dg1.text(6) ?? ""] ?? known[dg1.text(17) ?? ""];
  if (declared !== undefined) return declared;
  const name = dg1.text(4) ?? concept.coding?.[0]?.display ?? concept.text ?? "";
  if (RULED_OUT.test(name)) return "differential";
  return SUSPECTED.test(name) ? "provisional" : undefined;
}

/** PRB-13 to condition-ver-status, PRB-14 to condition-clinical; the codes are the sites' own, so the common words of both are understood. */
const VERIFICATION: Readonly<Record<string, string>> = {
  CONFIRMED: "confirmed",
  C: "confirmed",
  PROVISIONAL: "provisional",
  P: "provisional",
  DIFFERENTIAL: "differential",
  D: "differential",
  "RULED OUT": "refuted",
  R: "refuted",
};
const CLINICAL: Readonly<Record<string, string>> = {
  ACTIVE: "active",
  A: "active",
  INACTIVE: "inactive",
  I: "inactive",
  RESOLVED: "resolved",
  R: "resolved",
};

export function convertProblem(conversion: Conversion, prb: Hl7Segment): void {
  const concept = conversion.code(prb, 3);
  if (concept === undefined) {
    conversion.fault("hl7/no-code", "PRB-3");
    return;
  }
  const number = eiIdentifier(prb.first(4));
  const id = resourceId("Condition", "problem", conversion.patientKey, eiKey(prb.first(4)) ?? conceptKey(concept));
  if (prb.text(1) === "DE") {
    conversion.delete("Condition", id);
    return;
  }
  const verification = VERIFICATION[(firstText(prb, 13) ?? "").toUpperCase()];
  const clinical = CLINICAL[(firstText(prb, 14) ?? "").toUpperCase()];
  conversion.put("Condition", id, {
    identifier: number === undefined ? undefined : [number],
    clinicalStatus: clinical === undefined ? undefined : terminology("condition-clinical", clinical),
    verificationStatus: verification === undefined ? undefined : terminology("condition-ver-status", verification),
    category: [terminology("condition-category", "problem-list-item")],
    code: concept,
    subject: conversion.subject,
    encounter: conversion.encounter,
    onsetDateTime: conversion.date(prb, 16),
    abatementDateTime: conversion.date(prb, 9),
    recordedDate: conversion.date(prb, 7) ?? conversion.date(prb, 2),
  });
}

export function convertProcedure(conversion: Conversion, pr1: Hl7Segment): void {
  const concept = conversion.code(pr1, 3) ?? described(pr1.text(4));
  if (concept === undefined) {
    conversion.fault("hl7/no-code", "PR1-3");
    return;
  }
  const number = eiIdentifier(pr1.first(19));
  const at = conversion.date(pr1, 5);
  const within = conversion.visitId ?? conversion.patientKey;
  const id = resourceId("Procedure", within, eiKey(pr1.first(19)) ?? "", conceptKey(concept), at ?? "");
  if (pr1.text(20) === "D") {
    conversion.delete("Procedure", id);
    return;
  }
  const performer = conversion.practitioner(pr1.first(11));
  conversion.put("Procedure", id, {
    identifier: number === undefined ? undefined : [number],
    status: "unknown",
    category: conversion.code(pr1, 6, "0230"),
    code: concept,
    subject: conversion.subject,
    encounter: conversion.encounter,
    performedDateTime: at,
    performer: performer === undefined ? undefined : [{ actor: performer }],
    reasonCode: conversion.codes(pr1, 15),
  });
}

/** HL7 table 0127 to FHIR's category. */
const ALLERGY_CATEGORIES: Readonly<Record<string, string>> = {
  DA: "medication",
  DRUG: "medication",
  FA: "food",
  FOOD: "food",
  EA: "environment",
  LA: "environment",
  PA: "environment",
  AA: "environment",
  MA: "environment",
};
/** HL7 table 0128. */
const CRITICALITY: Readonly<Record<string, string>> = { SV: "high", MO: "high", MI: "low", U: "unable-to-assess" };

/** AL1 and IAM put the same things into their first five fields; IAM-6 alone can take one away. */
export function convertAllergy(conversion: Conversion, segment: Hl7Segment): void {
  const concept = conversion.code(segment, 3);
  if (concept === undefined) {
    conversion.fault("hl7/no-code", `${segment.name}-3`);
    return;
  }
  const id = resourceId("AllergyIntolerance", conversion.patientKey, conceptKey(concept));
  const isIam = segment.name === "IAM";
  if (isIam && segment.text(6) === "D") {
    conversion.delete("AllergyIntolerance", id);
    return;
  }
  const category = ALLERGY_CATEGORIES[segment.text(2) ?? ""];
  const number = isIam ? eiIdentifier(segment.first(7)) : undefined;
  const manifestation = segment.repetitions(5).flatMap((reaction) => {
    const concept = codeableConcept(reaction, conversion.terms.codingSystems);
    return concept === undefined
      ? []
      : [concept.coding?.[0]?.system === undefined ? { text: concept.coding?.[0]?.code ?? concept.text } : concept];
  });
  const onset = isIam ? undefined : conversion.date(segment, 6);
  conversion.put("AllergyIntolerance", id, {
    identifier: number === undefined ? undefined : [number],
    clinicalStatus: terminology("allergyintolerance-clinical", "active"),
    verificationStatus: isIam && segment.text(17) === "C" ? terminology("allergyintolerance-verification", "confirmed") : undefined,
    type: isIam && segment.text(9) === "IN" ? "intolerance" : "allergy",
    category: category === undefined ? undefined : [category],
    criticality: CRITICALITY[segment.text(4) ?? ""],
    code: concept,
    patient: conversion.subject,
    onsetDateTime: isIam ? conversion.date(segment, 11) : undefined,
    recordedDate: isIam ? conversion.date(segment, 13) : undefined,
    reaction: manifestation.length === 0 ? undefined : [{ manifestation, ...(onset === undefined ? {} : { onset }) }],
  });
}
