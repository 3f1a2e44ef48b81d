/** Wald statistics of a coefficient. */

import { normalQuantile, twoSidedP } from "@dure/numerics";

export interface WaldStatistics {
  readonly z: number;
  /** Two-sided. */
  readonly p: number;
  readonly ci95: readonly [number, number];
}

const Z_975 = normalQuantile(0.975);

/**
 * z = estimate / SE, its two-sided p-value and the 95 % interval estimate ± 1.95996… SE.
 *
 * @param standardError finite, > 0, else throws
 * Source: Wald 1943, Trans Am Math Soc 54:426.
 */
export function waldStatistics(estimate: number, standardError: number): WaldStatistics {
  if (!(standardError > 0) || !Number.isFinite(standardError) || !Number.isFinite(estimate)) {
    throw new RangeError("an estimate needs a finite standard error above 0");
  }
  const z = estimate / standardError;
  return { z, p: twoSidedP(z), ci95: [estimate - Z_975 * standardError, estimate + Z_975 * standardError] };
}
