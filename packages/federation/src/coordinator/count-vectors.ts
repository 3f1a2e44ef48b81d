/** Vectors of plain counts: what every kind's first sum is made of. */

import type { VectorLayout } from "@dure/privacy";

/** Rows of one site. 2^30 × 2^25 × 100 sites stay below 2^63, the room of the histogram encoding. */
const siteRowsMax = 2 ** 25;

/** Counts of rows, or of hospitals where a site's bound is 1. */
export const countVector = (name: string, length: number, bound: number = siteRowsMax): VectorLayout => ({
  name,
  length,
  encoding: "histogram",
  bound,
});
