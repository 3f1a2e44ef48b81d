/** Which messages become what: by the message maps of "HL7 Version 2 to FHIR" 1.0.0, and why the others are left out. */

import type { Hl7Message } from "./message.ts";

/** `visit`: the message is about the visit itself, so its PV1 is the word on it. `person`: about the person, so its PID is. */
type Subject = "visit" | "person" | "other";

export type MessageMeaning =
  | { readonly kind: "convert"; readonly subject: Subject; readonly action: MessageAction }
  | { readonly kind: "exclude"; readonly reason: ExclusionReason }
  | { readonly kind: "unknown" };

/** What the event does beyond telling the state of things. */
export type MessageAction =
  | "none"
  | "plan-visit"
  | "cancel-visit"
  | "finish-visit"
  | "reopen-visit"
  | "delete-visit"
  | "delete-person"
  | "merge-persons"
  | "move-visit"
  | "cancel-document";

export type ExclusionReason =
  | "scheduling"
  | "billing"
  | "financial"
  | "referral"
  | "link-not-merge"
  | "account-only"
  | "bed-only"
  | "query-or-answer";

export interface MessageType {
  readonly code: string;
  readonly event: string;
}

/** MSH-9, without what only names the structure. */
export const messageType = (message: Hl7Message): MessageType => ({
  code: message.header.text(9, 1) ?? "",
  event: message.header.text(9, 2) ?? "",
});

const ADT: Readonly<Record<string, readonly [Subject, MessageAction] | ExclusionReason>> = {
  A01: ["visit", "none"],
  A02: ["visit", "none"],
  A03: ["visit", "finish-visit"],
  A04: ["visit", "none"],
  A05: ["visit", "plan-visit"],
  A06: ["visit", "none"],
  A07: ["visit", "none"],
  A08: ["visit", "none"],
  A09: ["visit", "none"],
  A10: ["visit", "none"],
  A11: ["visit", "cancel-visit"],
  A12: ["visit", "none"],
  A13: ["visit", "reopen-visit"],
  A14: ["visit", "plan-visit"],
  A15: ["visit", "none"],
  A16: ["visit", "none"],
  A17: "bed-only",
  A18: ["person", "merge-persons"],
  A19: "query-or-answer",
  A20: "bed-only",
  A21: ["visit", "none"],
  A22: ["visit", "none"],
  A23: ["visit", "delete-visit"],
  A24: "link-not-merge",
  A25: ["visit", "none"],
  A26: ["visit", "none"],
  A27: ["visit", "cancel-visit"],
  A28: ["person", "none"],
  A29: ["person", "delete-person"],
  A30: ["person", "merge-persons"],
  A31: ["person", "none"],
  A32: ["visit", "none"],
  A33: ["visit", "none"],
  A34: ["person", "merge-persons"],
  A35: "account-only",
  A36: ["person", "merge-persons"],
  A37: "link-not-merge",
  A38: ["visit", "cancel-visit"],
  A39: ["person", "merge-persons"],
  A40: ["person", "merge-persons"],
  A41: "account-only",
  A42: "account-only",
  A43: "link-not-merge",
  A44: "account-only",
  A45: ["visit", "move-visit"],
  A46: ["person", "merge-persons"],
  A47: ["person", "merge-persons"],
  A48: "account-only",
  A49: "account-only",
  A50: "account-only",
  A51: "account-only",
  A52: ["visit", "none"],
  A53: ["visit", "none"],
  A54: ["visit", "none"],
  A55: ["visit", "none"],
  A60: ["person", "none"],
};

const CLINICAL: readonly string[] = ["ORU", "ORM", "OMG", "OML", "OUL", "RDE", "RDS", "RAS", "VXU", "PPR"];

const EXCLUDED: Readonly<Record<string, ExclusionReason>> = {
  SIU: "scheduling",
  SRM: "scheduling",
  SRR: "scheduling",
  BAR: "billing",
  DFT: "financial",
  REF: "referral",
  RRI: "referral",
  ACK: "query-or-answer",
  ORR: "query-or-answer",
  ORL: "query-or-answer",
  ORG: "query-or-answer",
  RRE: "query-or-answer",
  QBP: "query-or-answer",
  QRY: "query-or-answer",
  RSP: "query-or-answer",
};

export function messageMeaning({ code, event }: MessageType): MessageMeaning {
  if (code === "ADT") return adtMeaning(event);
  if (CLINICAL.includes(code)) return { kind: "convert", subject: "other", action: "none" };
  if (code === "MDM") return { kind: "convert", subject: "other", action: event === "T11" ? "cancel-document" : "none" };
  const reason = EXCLUDED[code];
  return reason === undefined ? { kind: "unknown" } : { kind: "exclude", reason };
}

function adtMeaning(event: string): MessageMeaning {
  const meaning = ADT[event];
  if (meaning === undefined) return { kind: "unknown" };
  if (typeof meaning === "string") return { kind: "exclude", reason: meaning };
  return { kind: "convert", subject: meaning[0], action: meaning[1] };
}
