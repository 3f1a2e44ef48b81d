/** A sum as JSON and back: it is stored between rounds, and a restarted process must find the same doubles. */

import type { JsonValue } from "@dure/kernel";
import type { Sum } from "@dure/privacy";

/** @throws RangeError when the value does not have the form that `sumToJson` of @dure/privacy writes. */
export function sumFromJson(value: JsonValue): Sum {
  if (typeof value !== "object" || value === null || !("siteCount" in value) || !("vectors" in value)) {
    throw new RangeError("not a sum: siteCount and vectors are needed");
  }
  const { siteCount, vectors } = value;
  if (typeof siteCount !== "number" || typeof vectors !== "object" || vectors === null) throw new RangeError("not a sum");
  const entries = Object.entries(vectors).map(([name, values]): [string, Float64Array] => [name, numbers(name, values)]);
  return { siteCount, vectors: new Map(entries) };
}

function numbers(name: string, values: unknown): Float64Array {
  if (!Array.isArray(values) || !values.every((item) => typeof item === "number")) {
    throw new RangeError(`not a sum: vector "${name}" does not hold numbers only`);
  }
  return Float64Array.from(values);
}
