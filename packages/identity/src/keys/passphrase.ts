/**
 * Argon2id in one place: Node marks its `argon2` experimental, so nothing else in the product may call it.
 *
 * Source: RFC 9106; the parameters are OWASP's Password Storage Cheat Sheet, second row (19 MiB, 2 passes, 1 lane).
 */

import { argon2 } from "node:crypto";
import { utf8 } from "@dure/kernel";

export interface Argon2Cost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}

export const ARGON2_COST: Argon2Cost = { memoryKiB: 19 * 1024, passes: 2, lanes: 1 };

/** What a file may ask of this machine: more is refused before any memory is taken. */
export const ARGON2_MEMORY_KIB_MAX = 256 * 1024;
export const ARGON2_PASSES_MAX = 10;

/**
 * 32 bytes from a passphrase. The passphrase enters in Unicode form NFKC: the same Korean syllables typed on two systems, composed on
 * one and decomposed on the other, give the same key.
 */
export function keyFromPassphrase(passphrase: string, salt: Uint8Array, cost: Argon2Cost): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const parameters = {
    message: utf8(passphrase.normalize("NFKC")),
    nonce: salt,
    memory: cost.memoryKiB,
    passes: cost.passes,
    parallelism: cost.lanes,
    tagLength: 32,
  };
  argon2("argon2id", parameters, (error, key) => (error === null ? resolve(new Uint8Array(key)) : reject(error)));
  return promise;
}
