/** The fold of a row: the same in every process and every run, and unrelated to the order of rows. */

import { sha256Bytes, utf8 } from "@dure/kernel";

const FOLDS = 5n;

/**
 * SHA-256(UTF-8(study id) ‖ UTF-8(row key)) as a big-endian whole number, mod 5.
 *
 * @returns 0 to 4
 */
export function foldOf(studyId: string, rowKey: string): number {
  // 256 ≡ 1 (mod 5), so a number in base 256 leaves the remainder of the sum of its digits.
  const digits = sha256Bytes(utf8(studyId), utf8(rowKey)).reduce((total, byte) => total + byte, 0);
  return Number(BigInt(digits) % FOLDS);
}
