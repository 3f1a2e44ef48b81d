/** What is summed in a round: the public shape that every site and the coordinator derive alike, and the vectors that fill it. */

import { hashJson, type JsonValue, type Sha256 } from "@dure/kernel";

/**
 * `wide`: Q64.64 fixed point in Z(2^128), for statistics; absolute error below 2^-64 a site.
 * `histogram`: whole multiples of 2^-30 in Z(2^64), for counts and rounded gradients; sums are exact and free of order.
 */
export type Encoding = "wide" | "histogram";

export interface VectorLayout {
  readonly name: string;
  readonly length: number;
  readonly encoding: Encoding;
  /** Public bound on the absolute value of every entry of one site's vector. */
  readonly bound: number;
}

/** A JSON value: its canonical hash enters every key of the round. */
export interface SumLayout {
  readonly vectors: readonly VectorLayout[];
}

/** What one fitted model drew from one site's rows: the gate asks that no single row can dominate it. */
export interface Influence {
  readonly what: string;
  readonly rowCount: number;
  /** Rows of all sites together, as the public state says. */
  readonly totalRowCount: number;
  readonly parameterCount: number;
  /** Σw and Σw²; w = prior weight × p(1 − p) for logistic, μ for Poisson, exp(η) for Cox, 1 for linear. */
  readonly weightSum: number;
  readonly weightSquareSum: number;
  /** max |η| over the site's rows. */
  readonly linearPredictorMax: number;
  /** Of means and their errors, which no information matrix goes with: fewest effective rows, and never fewer than the minimum cell. */
  readonly effectiveRowsMin?: number;
}

/** One site's clear vectors of a round, by name, before the gate. */
export interface Contribution {
  readonly vectors: ReadonlyMap<string, Float64Array>;
  readonly influence: readonly Influence[];
}

/** The opened sum of a round, by vector name. All that a coordinator ever sees. */
export interface Sum {
  readonly siteCount: number;
  readonly vectors: ReadonlyMap<string, Float64Array>;
}

/** The sum as JSON, for hashing: a double prints and parses back to itself. */
export function sumToJson(sum: Sum): JsonValue {
  return { siteCount: sum.siteCount, vectors: Object.fromEntries([...sum.vectors].map(([name, values]) => [name, [...values]])) };
}

/** What stands as `hashes.layout` in an attempt. */
export function hashLayout(layout: SumLayout): Sha256 {
  return hashJson({ vectors: layout.vectors.map(({ name, length, encoding, bound }) => ({ name, length, encoding, bound })) });
}
