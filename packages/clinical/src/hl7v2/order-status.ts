/** What ORC-1 (HL7 table 0119) and ORC-5 (table 0038) say of an order, as the statuses of ServiceRequest and MedicationRequest. */

import type { Hl7Segment } from "./message.ts";

export type OrderState = "unknown" | "active" | "on-hold" | "cancelled" | "discontinued" | "completed" | "entered-in-error";

/**
 * The concept map of table 0119 gives `active` for CA and DC, because they only ask. A hospital's feed seldom carries the filler's answer, and an
 * exposure that was called off is worse than one that is missing: a request to cancel counts as cancelled here.
 */
const STATE_BY_CONTROL: Readonly<Record<string, OrderState>> = {
  CA: "cancelled",
  OC: "cancelled",
  CR: "cancelled",
  UA: "cancelled",
  DC: "discontinued",
  OD: "discontinued",
  DR: "discontinued",
  RP: "discontinued",
  RU: "discontinued",
  RQ: "discontinued",
  HD: "on-hold",
  OH: "on-hold",
  HR: "on-hold",
  DE: "entered-in-error",
};

/** They tell that something about the order changed, and leave it to ORC-5 to say what. */
const ONLY_TELLS: readonly string[] = ["SC", "SR", "SS", "XX", "NA", "CN"];

const STATE_BY_STATUS: Readonly<Record<string, OrderState>> = {
  A: "active",
  CA: "cancelled",
  CM: "completed",
  DC: "discontinued",
  ER: "entered-in-error",
  HD: "on-hold",
  IP: "active",
  RP: "discontinued",
  SC: "active",
};

export function orderState(orc: Hl7Segment | undefined): OrderState {
  const stated = STATE_BY_CONTROL[orc?.text(1) ?? ""] ?? STATE_BY_STATUS[orc?.text(5) ?? ""];
  return stated ?? (ONLY_TELLS.includes(orc?.text(1) ?? "") ? "unknown" : "active");
}

/** Whether the message only ends the order, and may leave out what was ordered. */
export const endsOrder = (state: OrderState): boolean => state === "cancelled" || state === "discontinued" || state === "entered-in-error";

/** FHIR's ServiceRequest has one word for both ends. */
export const serviceRequestStatus = (state: OrderState): string => (state === "cancelled" || state === "discontinued" ? "revoked" : state);

/** `stopped` was begun and ended, `cancelled` never begun. */
export const medicationRequestStatus = (state: OrderState): string => (state === "discontinued" ? "stopped" : state);
