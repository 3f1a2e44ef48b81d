/**
 * Witnesses: every hospital remembers the last checkpoint that it saw of every other one, and cosigns a newer one only with the proof
 * that it begins with the old one.
 *
 * A hospital that rewrites its own ledger, or shows two of them, must then find every witness forgetful. The state is persisted before
 * the cosignature is answered: a witness that restarts must not sign a second history.
 */

import { fromHex, sha256Bytes } from "@dure/kernel";
import { type Checkpoint, cosignatureLine, isSignedByLog, type NoteSigner, parseNote } from "./checkpoint.ts";
import { verifyConsistency } from "./merkle.ts";

/** The last checkpoint of one ledger that this witness cosigned; undefined before the first. */
export type WitnessState = Checkpoint | undefined;

export interface CosignRequest {
  readonly note: string;
  /** Consistency proof from the witness's last seen size. */
  readonly proof: readonly Uint8Array[];
  readonly origin: string;
  /** The ledger's own key: the identity key of its hospital. */
  readonly logKey: string;
  readonly witness: NoteSigner;
  readonly nowMs: number;
}

/**
 * rollback: shorter than what was seen. fork: as long, and different. inconsistent: longer, and the proof does not show that it begins
 * with what was seen. The first two prove misbehaviour, as the old checkpoint and the new one are both signed.
 */
export type CosignRefusal = "malformed" | "other-origin" | "bad-signature" | "rollback" | "fork" | "inconsistent";

export type Cosigned =
  | { readonly kind: "cosigned"; readonly state: Checkpoint; readonly line: string }
  | { readonly kind: "refused"; readonly code: CosignRefusal; readonly seenSize: number };

const PROOF_HASH_COUNT_MAX = 128;

/** Pure: the caller stores `state`, in a transaction that found the old one unchanged, and then sends `line`. */
export function cosignCheckpoint(seen: WitnessState, request: CosignRequest): Cosigned {
  const refuse = (code: CosignRefusal): Cosigned => ({ kind: "refused", code, seenSize: seen?.size ?? 0 });
  const note = parseNote(request.note);
  if (note === undefined || request.proof.length > PROOF_HASH_COUNT_MAX || request.proof.some(({ byteLength }) => byteLength !== 32)) {
    return refuse("malformed");
  }
  const { checkpoint } = note;
  if (checkpoint.origin !== request.origin || (seen !== undefined && seen.origin !== request.origin)) return refuse("other-origin");
  if (!isSignedByLog(note, request.logKey)) return refuse("bad-signature");
  const seenSize = seen?.size ?? 0;
  if (checkpoint.size < seenSize) return refuse("rollback");
  if (checkpoint.size === seenSize && seen !== undefined && checkpoint.root !== seen.root) return refuse("fork");
  if (!follows(seen, checkpoint, request.proof)) return refuse("inconsistent");
  return { kind: "cosigned", state: checkpoint, line: cosignatureLine(note, request.witness, request.nowMs) };
}

function follows(seen: WitnessState, checkpoint: Checkpoint, proof: readonly Uint8Array[]): boolean {
  const fromRoot = seen === undefined ? sha256Bytes() : fromHex(seen.root);
  return verifyConsistency({ from: seen?.size ?? 0, fromRoot, to: checkpoint.size, toRoot: fromHex(checkpoint.root), proof });
}
