/**
 * Keystreams that hide a vector and cancel in the sum.
 *
 * AES-256-CTR (NIST SP 800-38A) from a zero counter, in 64 KiB chunks: one stream a pair, its entries at their own offsets in it. Every
 * stream runs beside the vector chunk by chunk, so memory does not grow with the vector. Words of 64 and 128 uniform bits are uniform in
 * Z(2^64) and Z(2^128): no modulo, no bias.
 */

import { createCipheriv } from "node:crypto";
import { RING_BLOCK_BYTES_MAX, RingBlock } from "@dure/numerics/kernels";
import { type RingSegment, ringSegments } from "../encoding/encode.ts";
import { KEY_BYTES, memberIndex } from "./context.ts";
import type { Agreement } from "./curves.ts";
import { deriveKey, type KeyBinding, orderedPair } from "./key-schedule.ts";
import type { AttemptContext, KeyAnnouncement } from "./messages.ts";
import { SecureSumRefusal } from "./refusal.ts";

export interface MaskStream {
  /** 32 bytes, zero-filled by whoever made it. */
  readonly key: Uint8Array;
  readonly operation: "add" | "subtract";
}

const ZEROS = new Uint8Array(RING_BLOCK_BYTES_MAX);
const COUNTER = new Uint8Array(16);

/** Shared by all calls: none yields between loading and storing a chunk. */
const block = new RingBlock();

/** Adds and subtracts the streams, in place, in the rings that the layout gives. O(streams × bytes) time; uses up the keys. */
export function applyMasksInto(bytes: Uint8Array, context: AttemptContext, streams: readonly MaskStream[]): void {
  const running = streams.map(({ key, operation }) => ({ operation, cipher: createCipheriv("aes-256-ctr", key, COUNTER) }));
  for (const { key } of streams) key.fill(0);
  for (const chunk of chunks(ringSegments(context.layout))) {
    const part = bytes.subarray(chunk.byteOffset, chunk.byteOffset + chunk.byteLength);
    block.load(part, chunk.bits);
    for (const { operation, cipher } of running) {
      const keystream = cipher.update(ZEROS.subarray(0, chunk.byteLength));
      if (operation === "add") block.add(keystream);
      else block.subtract(keystream);
    }
    block.storeInto(part);
  }
}

/** b's stream: added by its owner, subtracted by the coordinator once it is rebuilt. */
export function selfMaskKey(binding: KeyBinding, siteId: string, selfSecret: Uint8Array): Uint8Array {
  return deriveKey(binding, selfSecret.subarray(0, KEY_BYTES), { purpose: "self", pair: [siteId, siteId] });
}

/** The key that two members share; either private half with the other's announcement gives it. */
export function pairMaskKey(
  binding: KeyBinding,
  owner: { readonly siteId: string; readonly agree: Agreement },
  peer: KeyAnnouncement,
): Uint8Array {
  const secret = owner.agree(peer.maskPublicKey);
  if (secret === undefined) throw new SecureSumRefusal("weak-key", peer.siteId);
  const key = deriveKey(binding, secret, { purpose: "mask", pair: orderedPair(binding.context, owner.siteId, peer.siteId) });
  secret.fill(0);
  return key;
}

/** Of a pair, the earlier member adds and the later subtracts. */
export function pairOperation(context: AttemptContext, siteId: string, peerId: string): MaskStream["operation"] {
  return memberIndex(context, siteId) < memberIndex(context, peerId) ? "add" : "subtract";
}

function* chunks(segments: readonly RingSegment[]): Generator<RingSegment> {
  for (const { byteOffset, byteLength, bits } of segments) {
    for (let start = 0; start < byteLength; start += RING_BLOCK_BYTES_MAX) {
      yield { byteOffset: byteOffset + start, byteLength: Math.min(RING_BLOCK_BYTES_MAX, byteLength - start), bits };
    }
  }
}
