/** Which fold of a cross-validation a row belongs to: the same at every run, for every software that can hash. */

import { createHash } from "node:crypto";

/**
 * SHA-256 of the UTF-8 bytes of the study's id followed directly by those of the row key, read as one big-endian whole number, modulo `folds`.
 *
 * @param folds 1 to 2^20
 * @returns 0 to folds − 1
 */
export function foldOf(studyId: string, rowKey: string, folds = 5): number {
  if (!Number.isInteger(folds) || folds < 1 || folds > 2 ** 20)
    throw new RangeError(`folds is ${folds}; it must be a whole number from 1 to 2^20`);
  const digest = createHash("sha256").update(studyId, "utf8").update(rowKey, "utf8").digest();
  let remainder = 0;
  for (const byte of digest) remainder = (remainder * 256 + byte) % folds;
  return remainder;
}
