/**
 * What chance gives each patient's missing values: the same numbers whichever process, attempt or order asks for them.
 *
 * A row's key, hashed with the study, its seed and the hash of the hospital's frozen table, starts sfc32 (a chaotic generator with a counter; passes
 * PractRand) for each imputation, iteration and feature anew. The table's hash is what makes it a secret: parameters are public, so whoever could
 * repeat the draws would have as many equations in the patients' values as there are data sets and iterations.
 */

import { sha256Bytes, utf8 } from "@dure/kernel";
import { normalQuantile } from "@dure/numerics";

export interface DrawPlace {
  readonly imputation: number;
  readonly visit: number;
  /** Which of several draws. */
  readonly draw: number;
}

export interface DrawKeys {
  readonly studyId: string;
  readonly seed: number;
  /** Of the frozen table with all its values: nobody outside knows it. */
  readonly tableHash: string;
  readonly rowKeys: readonly string[];
}

/** Three words a row. O(rows) hashes, once a table. */
export function rowWords({ studyId, seed, tableHash, rowKeys }: DrawKeys): Uint32Array {
  const words = new Uint32Array(3 * rowKeys.length);
  for (const [i, key] of rowKeys.entries()) {
    const digest = new DataView(Uint8Array.from(sha256Bytes(utf8(`dure imputation/${tableHash}/${studyId}/${seed}/${key}`))).buffer);
    for (let word = 0; word < 3; word++) words[3 * i + word] = digest.getUint32(4 * word);
  }
  return words;
}

/** Outputs that pass before the first is used: by then a difference of one bit at the start is everywhere. */
const WARM_UP = 12;

/** Uniform in (0, 1), 52 bits. */
export function drawUniform(words: Uint32Array, row: number, { imputation, visit, draw }: DrawPlace): number {
  let a = ((words[3 * row] ?? 0) ^ Math.imul(imputation + 1, 0x9e3779b1)) | 0;
  let b = ((words[3 * row + 1] ?? 0) ^ Math.imul(visit + 1, 0x85ebca6b)) | 0;
  let c = ((words[3 * row + 2] ?? 0) ^ Math.imul(draw + 1, 0xc2b2ae35)) | 0;
  let counter = 1;
  const next = (): number => {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + out) | 0;
    return out >>> 0;
  };
  for (let i = 0; i < WARM_UP; i++) next();
  return ((next() >>> 6) * 2 ** 26 + (next() >>> 6) + 0.5) / 2 ** 52;
}

/** Standard normal. */
export const drawStandardNormal = (words: Uint32Array, row: number, place: DrawPlace): number =>
  normalQuantile(drawUniform(words, row, place));
