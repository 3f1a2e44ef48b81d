/** Rule (e): the sums over two tables that differ by a few patients differ by just these patients' part. */

import { type GateRefusal, refuse } from "./refusal.ts";

/**
 * Compares a new table's row keys with those of every table that left sums before.
 *
 * @param newRowKeys unique, ascending by UTF-16 code units
 * @param earlier    likewise, each
 * @param minimumCell k; 0 (public data) accepts all
 * @returns a refusal when the symmetric difference to one of them has 1 to k − 1 keys; the same keys again are accepted
 * Fails: RangeError when keys are not ascending. Numerics: O(total keys).
 * Disclosure: outside, the refusal is `not-taking-part`, as for too few rows.
 */
export function differencingCheck(
  newRowKeys: readonly string[],
  earlier: readonly (readonly string[])[],
  minimumCell: number,
): { readonly kind: "accepted" } | GateRefusal {
  checkAscending(newRowKeys);
  for (const rowKeys of earlier) {
    checkAscending(rowKeys);
    const count = differenceCount(newRowKeys, rowKeys);
    if (count >= 1 && count < minimumCell) return refuse("table-too-close");
  }
  return { kind: "accepted" };
}

/** Keys in one of two ascending lists only. */
function differenceCount(a: readonly string[], b: readonly string[]): number {
  let common = 0;
  let j = 0;
  for (const key of a) {
    while (j < b.length && (b[j] ?? "") < key) j++;
    if (j < b.length && b[j] === key) common++;
  }
  return a.length + b.length - 2 * common;
}

function checkAscending(rowKeys: readonly string[]): void {
  for (let i = 1; i < rowKeys.length; i++) {
    if (!((rowKeys[i - 1] ?? "") < (rowKeys[i] ?? ""))) throw new RangeError(`row keys are not ascending at position ${i}`);
  }
}
