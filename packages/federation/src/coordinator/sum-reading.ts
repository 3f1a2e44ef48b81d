/** Reading an opened sum: every vector that the layout names is there, with its length. */

import { assert } from "@dure/kernel";
import type { Sum } from "@dure/privacy";

/** Fails: a missing vector or another length is a broken invariant: the sum was opened under this layout. */
export function readVector(sum: Sum, name: string, length: number): readonly number[] {
  const values = sum.vectors.get(name);
  assert(values !== undefined && values.length === length, `the sum holds the vector ${name} with ${length} entries`);
  return [...values];
}

export const entry = (values: ArrayLike<number>, index: number): number => {
  const value = values[index];
  assert(value !== undefined, "an index within the vector's length");
  return value;
};
