/** What a failed statement means: tried again here, reported with its retry class, or not ours at all. */

import type { DureError } from "@dure/kernel";
import { type StorePlace, storeFull, storeOutcomeUnknown, storeRefused, storeUnreachable } from "./problems.ts";

/** PostgreSQL's serialization_failure and deadlock_detected: certainly rolled back, and likely to succeed next time. */
const GAVE_WAY = new Set(["40001", "40P01"]);
const DISK_FULL = "53100";

/** `commit`: the failure came from COMMIT itself. `isBroken`: the connection could not even roll back. */
export interface FaultContext {
  readonly place: StorePlace;
  readonly transaction: string;
  readonly phase: "body" | "commit";
  readonly isBroken: boolean;
}

/** True where the same transaction may simply run once more. */
export const gaveWay = (cause: unknown): boolean => GAVE_WAY.has(sqlState(cause) ?? "");

/** The fault to report, or undefined where the cause did not come from the database and goes to the caller as it is. */
export function classifyFault(cause: unknown, context: FaultContext): DureError | undefined {
  const { place, transaction, phase, isBroken } = context;
  const state = sqlState(cause);
  const isDisconnect = isBroken || (state !== undefined && isShutdown(state));
  if (phase === "commit" && isDisconnect) return storeOutcomeUnknown(place, transaction, cause);
  if (isDisconnect) return storeUnreachable(place, cause);
  if (state === undefined) return undefined;
  if (state === DISK_FULL) return storeFull(place, transaction, cause);
  return storeRefused(place, transaction, { code: state, rule: ruleOf(cause) });
}

/** Connection exceptions, and the server being stopped. */
const isShutdown = (state: string): boolean => state.startsWith("08") || state.startsWith("57P");

/** SQLSTATE of an error that the database sent; PGlite and `pg` have classes of their own, with the same fields. */
function sqlState(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !("severity" in cause) || !("code" in cause)) return undefined;
  return typeof cause.code === "string" && /^[0-9A-Z]{5}$/.test(cause.code) ? cause.code : undefined;
}

/** Name of the broken constraint. The message itself is not passed on: it may quote values. */
function ruleOf(cause: unknown): string {
  return cause instanceof Error && "constraint" in cause && typeof cause.constraint === "string" ? cause.constraint : "";
}
