/**
 * HKDF-SHA256 (RFC 5869) for the three purposes of a round.
 *
 * `info` holds the whole attempt, the hash of the signed key list and the ordered pair. A site that was shown another model, roster,
 * layout or key list therefore derives other keys: its masks do not cancel and its shares do not open.
 */

import { hkdfSync } from "node:crypto";
import { concatBytes, transcript } from "@dure/kernel";
import { contextTranscript, KEY_BYTES, memberIndex, PROTOCOL_VERSION } from "./context.ts";
import type { AttemptContext } from "./messages.ts";

export type KeyPurpose = "mask" | "self" | "seal";

/** What the keys of one attempt have in common. */
export interface KeyBinding {
  readonly context: AttemptContext;
  readonly contextBytes: Uint8Array;
  readonly keyListHash: Uint8Array;
}

export const bindKeys = (context: AttemptContext, keyListHash: Uint8Array): KeyBinding => ({
  context,
  contextBytes: contextTranscript(context),
  keyListHash,
});

/**
 * @param pair from and to for `seal`, both in members' order for `mask`, twice the same site for `self`
 * @returns 32 bytes; the caller zero-fills them
 */
export function deriveKey(
  binding: KeyBinding,
  secret: Uint8Array,
  use: { readonly purpose: KeyPurpose; readonly pair: readonly [string, string] },
): Uint8Array {
  const info = concatBytes(transcript(PROTOCOL_VERSION, use.purpose), binding.contextBytes, transcript(binding.keyListHash, ...use.pair));
  return new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), info, KEY_BYTES));
}

/** The pair in members' order, so that both ends derive the same mask key. */
export function orderedPair(context: AttemptContext, a: string, b: string): readonly [string, string] {
  return memberIndex(context, a) < memberIndex(context, b) ? [a, b] : [b, a];
}
