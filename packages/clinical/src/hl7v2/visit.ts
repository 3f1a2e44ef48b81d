/** PV1 and PV2 to Encounter (segment maps PV1[Encounter], PV2[Encounter]), with the diagnoses that DG1 adds (DG1[Encounter]). */

import type { Conversion, Fields, Weight } from "./conversion.ts";
import { codeableConcept, cxIdentifier } from "./datatypes.ts";
import type { Hl7Segment } from "./message.ts";
import type { MessageAction } from "./message-types.ts";
import { period } from "./patient.ts";
import { cxKey, resourceId } from "./resource-ids.ts";

/** HL7 table 0004 to v3-ActCode (concept map PatientClass[Encounter Class]). */
const CLASSES: Readonly<Record<string, string>> = { E: "EMER", I: "IMP", O: "AMB", P: "PRENC", R: "AMB", B: "IMP" };

/** Participation by the field that names the person. */
type Participants = readonly (readonly [number, string])[];
const PARTICIPANTS: Participants = [
  [7, "ATND"],
  [8, "REF"],
  [9, "CON"],
  [17, "ADM"],
  [52, "PART"],
];

/** HL7 table 0217 to v3-ActPriority (concept map VisitPriority). */
const PRIORITIES: Readonly<Record<string, string>> = { "1": "EM", "2": "UR", "3": "EL" };

export interface VisitDiagnosis {
  readonly conditionId: string;
  readonly use: string | undefined;
  readonly rank: number | undefined;
}

/** What names the visit: its number, an alternate one, the account, or patient and admission. */
export function visitKey(conversion: Conversion, pv1: Hl7Segment, pid: Hl7Segment | undefined): string | undefined {
  const number = cxKey(pv1.first(19)) ?? cxKey(pv1.first(50));
  if (number !== undefined) return `visit\u001e${number}`;
  const account = cxKey(pid?.first(18));
  if (account !== undefined) return `account\u001e${account}`;
  const admitted = pv1.text(44);
  return admitted === undefined ? undefined : `admission\u001e${conversion.patientKey}\u001e${admitted}`;
}

/** Nothing where the class says that there is no visit (HL7 table 0004, N). */
export const isVisit = (pv1: Hl7Segment): boolean => pv1.text(2) !== "N";

export const visitId = (key: string): string => resourceId("Encounter", key);

export interface Visit {
  readonly pv1: Hl7Segment;
  readonly pv2: Hl7Segment | undefined;
  readonly pid: Hl7Segment | undefined;
  readonly action: MessageAction;
  readonly diagnoses: readonly VisitDiagnosis[];
  readonly weight: Weight;
}

export function convertVisit(conversion: Conversion, id: string, visit: Visit): void {
  const { pv1, pv2, action, weight } = visit;
  if (action === "delete-visit") {
    conversion.delete("Encounter", id);
    return;
  }
  const discharged =
    action === "reopen-visit" ? undefined : (conversion.date(pv1, 45) ?? (action === "finish-visit" ? eventTime(conversion) : undefined));
  const location = conversion.location(pv1.first(3));
  conversion.put(
    "Encounter",
    id,
    {
      identifier: [cxIdentifierAt(pv1, 19, "VN"), cxIdentifierAt(pv1, 50, undefined)].filter((found) => found !== undefined),
      status: statusOf(visit, conversion.date(pv1, 44), discharged),
      class: visitClass(pv1.text(2)),
      type: conversion.codes(pv1, 4, "0007"),
      serviceType: conversion.code(pv1, 10, "0069"),
      priority: priority(conversion, pv2),
      subject: conversion.subject,
      participant: [
        ...participants(conversion, pv1, PARTICIPANTS),
        ...(pv2 === undefined ? [] : participants(conversion, pv2, [[13, "REF"]])),
      ],
      period: period(conversion.date(pv1, 44), discharged),
      reasonCode: pv2 === undefined ? undefined : conversion.codes(pv2, 3),
      diagnosis: visit.diagnoses.map(encounterDiagnosis),
      hospitalization: hospitalization(conversion, pv1),
      location: location === undefined ? undefined : [{ location }],
      serviceProvider: conversion.organization(pv1.text(39) ?? pv1.first(3)?.nested(4)?.component(1)),
    },
    weight,
  );
}

/** What the event does to the visit, or else what PV1-44 and PV1-45 (admission, discharge) show of it. */
function statusOf({ action, weight, pv1 }: Visit, admitted: string | undefined, discharged: string | undefined): string {
  if (action === "cancel-visit") return "cancelled";
  if (action === "plan-visit") return "planned";
  if (discharged !== undefined) return "finished";
  if (admitted !== undefined) return "in-progress";
  if (pv1.text(2) === "P") return "planned";
  return weight === "authoritative" ? "in-progress" : "unknown";
}

/** EVN-6 is when it happened, EVN-2 when it was recorded. */
function eventTime(conversion: Conversion): string | undefined {
  const evn = conversion.message.segments.find(({ name }) => name === "EVN");
  return evn === undefined ? undefined : (conversion.date(evn, 6) ?? conversion.date(evn, 2));
}

function priority(conversion: Conversion, pv2: Hl7Segment | undefined): unknown {
  const code = PRIORITIES[pv2?.text(25) ?? ""];
  if (code !== undefined) return { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActPriority", code }] };
  return pv2 === undefined ? undefined : conversion.code(pv2, 25, "0217");
}

function visitClass(code: string | undefined): Fields | undefined {
  if (code === undefined) return undefined;
  const known = CLASSES[code.toUpperCase()];
  if (known !== undefined) return { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: known };
  return { system: "http://terminology.hl7.org/CodeSystem/v2-0004", code };
}

function cxIdentifierAt(segment: Hl7Segment, field: number, type: string | undefined): unknown {
  const found = segment.first(field);
  return found === undefined ? undefined : cxIdentifier(found, type);
}

function participants(conversion: Conversion, segment: Hl7Segment, fields: Participants): readonly unknown[] {
  return fields.flatMap(([field, code]) =>
    segment.repetitions(field).flatMap((person) => {
      const individual = conversion.practitioner(person);
      if (individual === undefined) return [];
      return [{ type: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", code }] }], individual }];
    }),
  );
}

function encounterDiagnosis({ conditionId, use, rank }: VisitDiagnosis): unknown {
  return {
    condition: { reference: `Condition/${conditionId}` },
    ...(use === undefined ? {} : { use: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/diagnosis-role", code: use }] } }),
    ...(rank === undefined ? {} : { rank }),
  };
}

function hospitalization(conversion: Conversion, pv1: Hl7Segment): Fields | undefined {
  const systems = conversion.terms.codingSystems;
  const before = pv1.first(5);
  const fields = Object.entries({
    preAdmissionIdentifier: before === undefined ? undefined : cxIdentifier(before),
    admitSource: codeableConcept(pv1.first(14), systems, "0023"),
    reAdmission: codeableConcept(pv1.first(13), systems, "0092"),
    dietPreference: pv1.first(38) === undefined ? undefined : conversion.codes(pv1, 38, "0114"),
    specialArrangement: conversion.codes(pv1, 15, "0009"),
    dischargeDisposition: codeableConcept(pv1.first(36), systems, "0112"),
  }).filter(([, value]) => value !== undefined);
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}
