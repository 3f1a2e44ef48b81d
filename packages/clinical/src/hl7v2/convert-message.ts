/**
 * An HL7 v2 message to changes of FHIR resources, by "HL7 Version 2 to FHIR" 1.0.0; where the product differs from a row of its tables, the
 * comment at that place says why, and the conformance table lists it.
 */

import type { Problem } from "@dure/kernel";
import { Conversion, type Hl7Change, type SiteTerms, type Weight } from "./conversion.ts";
import { instantOf, parseDateTime } from "./date-time.ts";
import { convertAllergy, convertDiagnosis, convertProblem, convertProcedure } from "./diagnosis.ts";
import { convertDocument } from "./document.ts";
import { convertMedicationOrder, endOrder } from "./medication.ts";
import type { Hl7Message, Hl7Segment } from "./message.ts";
import { type ExclusionReason, type MessageAction, messageMeaning, messageType } from "./message-types.ts";
import { hasMedication, type OrderGroup, OrderGroups } from "./order-groups.ts";
import { endsOrder, orderState } from "./order-status.ts";
import { convertCoverage, convertPatient, convertRelative } from "./patient.ts";
import { type Hl7ProblemCode, hl7Problem } from "./problems.ts";
import { cxKey, patientNumber, resourceId } from "./resource-ids.ts";
import { convertServiceOrder } from "./service-order.ts";
import { convertVisit, isVisit, type VisitDiagnosis, visitId, visitKey } from "./visit.ts";

export type Hl7Conversion =
  | { readonly kind: "converted"; readonly changes: readonly Hl7Change[]; readonly faults: readonly Problem[] }
  /** Read and left out on purpose. */
  | { readonly kind: "excluded"; readonly reason: ExclusionReason }
  /** Nothing of it is taken. */
  | { readonly kind: "refused"; readonly problem: Problem };

export interface ConversionInput {
  readonly message: Hl7Message;
  readonly terms: SiteTerms;
  /** Names the message in problems. */
  readonly file: string;
  readonly number: number;
  /** No message is made later than this instant in UTC; a clock that runs ahead would make every later message look old. */
  readonly latest: string;
}

/** Older than any message that says its time. */
const NO_TIME = "0001-01-01T00:00:00.000Z";

export function convertMessage(input: ConversionInput): Hl7Conversion {
  const refuse = (code: Hl7ProblemCode, path: string): Hl7Conversion => ({
    kind: "refused",
    problem: hl7Problem(code, { file: input.file, row: input.number, path }),
  });
  const meaning = messageMeaning(messageType(input.message));
  if (meaning.kind === "unknown") return refuse("hl7/unknown-type", "MSH-9");
  if (meaning.kind === "exclude") return { kind: "excluded", reason: meaning.reason };
  const version = messageInstant(input.message, input.terms.zone);
  if (version !== undefined && version > input.latest) return refuse("hl7/future-time", "MSH-7");
  const conversion = new Conversion({ ...input, version: version ?? NO_TIME });
  if (version === undefined) conversion.fault("hl7/no-time", "MSH-7");
  const refusal = meaning.action === "merge-persons" ? mergePersons(conversion) : convertPatients(conversion, meaning);
  if (refusal !== undefined) return refuse(...refusal);
  return { kind: "converted", changes: conversion.changes, faults: conversion.faults };
}

type Refusal = readonly [Hl7ProblemCode, string];

/** MSH-7, the message's making, or else EVN-2. */
function messageInstant({ header, segments }: Hl7Message, zone: string): string | undefined {
  const evn = segments.find(({ name }) => name === "EVN");
  for (const text of [header.text(7), evn?.text(2)]) {
    const parsed = text === undefined ? undefined : parseDateTime(text, zone);
    const instant = parsed?.kind === "date-time" ? instantOf(parsed.text, zone) : undefined;
    if (instant !== undefined) return instant;
  }
  return undefined;
}

/** A40 and its like: PID names who stays, the MRG behind it who was given up; both may repeat. */
function mergePersons(conversion: Conversion): Refusal | undefined {
  let survivor: Hl7Segment | undefined;
  let mergedCount = 0;
  for (const segment of conversion.message.segments) {
    if (segment.name === "PID") survivor = convertPatient(conversion, segment, "mentioned") ? segment : undefined;
    if (segment.name !== "MRG") continue;
    if (survivor === undefined) return ["hl7/no-patient", "PID-3"];
    const mergedKey = cxKey(patientNumber(segment, 1, 4));
    if (mergedKey === undefined) return ["hl7/no-merged-patient", "MRG-1"];
    const merged = resourceId("Patient", mergedKey);
    mergedCount += 1;
    // A number that was only spelt anew is the same patient.
    if (merged === conversion.patientId) continue;
    conversion.changes.push({
      kind: "merge",
      merged: { resourceType: "Patient", id: merged },
      survivor: { resourceType: "Patient", id: conversion.patientId },
      version: conversion.version,
    });
  }
  return mergedCount === 0 ? ["hl7/no-merged-patient", "MRG-1"] : undefined;
}

interface Meaning {
  readonly subject: "visit" | "person" | "other";
  readonly action: MessageAction;
}

function convertPatients(conversion: Conversion, meaning: Meaning): Refusal | undefined {
  const blocks = patientBlocks(conversion.message.segments);
  if (blocks.length === 0) return ["hl7/no-patient", "PID"];
  for (const block of blocks) {
    const refusal = convertBlock(conversion, block, meaning);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

interface PatientBlock {
  readonly pid: Hl7Segment;
  readonly segments: readonly Hl7Segment[];
}

function patientBlocks(segments: readonly Hl7Segment[]): readonly PatientBlock[] {
  const blocks: { pid: Hl7Segment; segments: Hl7Segment[] }[] = [];
  for (const segment of segments) {
    if (segment.name === "PID") blocks.push({ pid: segment, segments: [] });
    else blocks.at(-1)?.segments.push(segment);
  }
  return blocks;
}

function convertBlock(conversion: Conversion, { pid, segments }: PatientBlock, meaning: Meaning): Refusal | undefined {
  const personWeight: Weight = meaning.subject === "other" ? "mentioned" : "authoritative";
  if (!convertPatient(conversion, pid, personWeight)) return ["hl7/no-patient", "PID-3"];
  if (meaning.action === "delete-person") {
    conversion.changes.length = 0;
    conversion.delete("Patient", conversion.patientId);
    return undefined;
  }
  new BlockReader(conversion, pid, meaning).read(segments);
  return undefined;
}

/** One patient's segments, visit by visit. */
class BlockReader {
  readonly #conversion: Conversion;
  readonly #pid: Hl7Segment;
  readonly #meaning: Meaning;
  #orders = new OrderGroups();
  #visit: { readonly pv1: Hl7Segment; pv2: Hl7Segment | undefined; readonly diagnoses: VisitDiagnosis[] } | undefined;

  constructor(conversion: Conversion, pid: Hl7Segment, meaning: Meaning) {
    this.#conversion = conversion;
    this.#pid = pid;
    this.#meaning = meaning;
    conversion.visitId = undefined;
  }

  read(segments: readonly Hl7Segment[]): void {
    for (const segment of segments) {
      if (segment.name === "PV1") this.#openVisit(segment);
      else if (segment.name === "PV2" && this.#visit !== undefined) this.#visit.pv2 = segment;
      else if (!this.#orders.take(segment)) this.#readOther(segment);
    }
    this.#closeVisit();
  }

  #openVisit(pv1: Hl7Segment): void {
    this.#closeVisit();
    if (!isVisit(pv1)) return;
    const key = visitKey(this.#conversion, pv1, this.#pid);
    if (key === undefined && this.#meaning.subject === "visit") this.#conversion.fault("hl7/no-visit-number", "PV1-19");
    if (key === undefined) return;
    this.#conversion.visitId = visitId(key);
    this.#visit = { pv1, pv2: undefined, diagnoses: [] };
  }

  #closeVisit(): void {
    for (const group of this.#orders.groups) convertGroup(this.#conversion, group);
    this.#orders = new OrderGroups();
    const [visit, id] = [this.#visit, this.#conversion.visitId];
    if (visit !== undefined && id !== undefined) {
      if (this.#meaning.action === "move-visit") this.#conversion.fault("hl7/moved-visit", "PV1-19");
      const { action, subject } = this.#meaning;
      convertVisit(this.#conversion, id, { ...visit, pid: this.#pid, action, weight: subject === "visit" ? "authoritative" : "mentioned" });
    }
    this.#visit = undefined;
    this.#conversion.visitId = undefined;
  }

  #readOther(segment: Hl7Segment): void {
    const conversion = this.#conversion;
    switch (segment.name) {
      case "DG1": {
        const diagnosis = convertDiagnosis(conversion, segment);
        if (diagnosis !== undefined) this.#visit?.diagnoses.push(diagnosis);
        return;
      }
      case "PRB":
        convertProblem(conversion, segment);
        return;
      case "PR1":
        convertProcedure(conversion, segment);
        return;
      case "AL1":
      case "IAM":
        convertAllergy(conversion, segment);
        return;
      case "IN1":
        convertCoverage(conversion, segment);
        return;
      case "NK1":
        convertRelative(conversion, segment);
        return;
      case "TXA":
        convertDocument(conversion, segment, this.#meaning.action === "cancel-document");
        return;
    }
  }
}

/** In MDM, OBX is the document's text, which is not taken; the orders it hangs on are told by their own messages. */
function convertGroup(conversion: Conversion, group: OrderGroup): void {
  const code = conversion.message.header.text(9, 1) ?? "";
  if (hasMedication(group)) {
    convertMedicationOrder(conversion, group);
    if (group.results.length > 0) convertServiceOrder(conversion, { ...group, orc: undefined, obr: undefined }, "mentioned");
    return;
  }
  const isEndOnly = group.orc !== undefined && group.obr === undefined && endsOrder(orderState(group.orc));
  if (isEndOnly && (code === "RDE" || code === "ORM")) endOrder(conversion, group);
  if (isEndOnly && code === "RDE") return;
  const weight = ["ORM", "OMG", "OML"].includes(code) ? "authoritative" : "mentioned";
  convertServiceOrder(conversion, code === "MDM" ? { ...group, results: [], specimens: [] } : group, weight);
}
