/**
 * Ids of resources, from what the message calls the thing by: the same order, visit or patient gets the same id in every message, so that a
 * correction replaces, a cancellation finds and the same message twice changes nothing.
 */

import { hash } from "node:crypto";
import { authorityKey } from "./datatypes.ts";
import type { Hl7Field, Hl7Segment } from "./message.ts";

/** Half of a SHA-256: 128 bits, so that two different things meet in one id less often than once in 10^18 at a billion resources. */
const ID_DIGITS = 32;

/** @param parts what names the thing, outermost first; none may be left out where the kinds of key differ */
export const resourceId = (resourceType: string, ...parts: readonly string[]): string =>
  hash("sha256", [resourceType, ...parts].join("\u001f")).slice(0, ID_DIGITS);

/** Number and authority of a CX; nothing without a number. */
export function cxKey(field: Hl7Field | undefined): string | undefined {
  const number = field?.component(1);
  return number === undefined ? undefined : `${authorityKey(field?.nested(4))}\u001e${number}`;
}

/** Number and authority of an EI. */
export function eiKey(field: Hl7Field | undefined): string | undefined {
  const number = field?.component(1);
  return number === undefined ? undefined : `${field?.component(2) ?? field?.component(3) ?? ""}\u001e${number}`;
}

/** Types of identifier (HL7 table 0203) that name a citizen, not a patient of this hospital: never taken, in any message. */
const NATIONAL_IDENTIFIER = /^(SS|NI|NN.*|PPN|DL|PRC|TAX|CZ|MI|MC|MA|BC|DR|FR)$/;

export const isNationalIdentifier = (field: Hl7Field): boolean => NATIONAL_IDENTIFIER.test(field.component(5) ?? "");

/**
 * The identifier that is the patient, out of PID-3 (or MRG-1): a medical record number, else the hospital's patient number, else the first that
 * is not a national one; PID-2, which HL7 withdrew, where PID-3 is empty. By type and not by place, because senders change the order.
 */
export function patientNumber(segment: Hl7Segment, field: number, withdrawn?: number): Hl7Field | undefined {
  const own = segment.repetitions(field).filter((repetition) => repetition.component(1) !== undefined && !isNationalIdentifier(repetition));
  for (const type of ["MR", "PI", "PT"]) {
    const found = own.find((repetition) => repetition.component(5) === type);
    if (found !== undefined) return found;
  }
  return (
    own[0] ??
    (withdrawn === undefined ? undefined : segment.repetitions(withdrawn).find((repetition) => repetition.component(1) !== undefined))
  );
}
