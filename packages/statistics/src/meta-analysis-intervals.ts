/** What is said of a pooled coefficient beside its Wald interval: Hartung and Knapp's interval, and where a further hospital's effect may lie. */

import { studentT } from "@dure/numerics";
import type { WeightedFigures } from "./meta-analysis.ts";

export interface TInterval {
  readonly standardError: number;
  readonly t: number;
  readonly df: number;
  readonly p: number;
  readonly ci95: readonly [number, number];
}

/**
 * SE² = (Σ w (β − μ̂)² / (k − 1)) / Σ w, compared with Student's t on k − 1 degrees of freedom; not truncated from below.
 *
 * @returns undefined of one hospital, and where all estimates are equal
 * Source: Hartung & Knapp 2001, Stat Med 20:3875; Sidik & Jonkman 2002, Stat Med 21:3153.
 */
export function hartungKnapp(estimate: number, { quadratic, weight }: WeightedFigures, siteCount: number): TInterval | undefined {
  const df = siteCount - 1;
  if (df < 1 || !(quadratic > 0)) return undefined;
  const standardError = Math.sqrt(quadratic / df / weight);
  const distribution = studentT(df);
  const t = estimate / standardError;
  const reach = distribution.quantile(0.975) * standardError;
  return { standardError, t, df, p: 2 * distribution.tails(Math.abs(t)).upper, ci95: [estimate - reach, estimate + reach] };
}

/**
 * 95 % interval of the true effect in a further hospital: μ̂ ± t(k − 2) √(τ² + SE²).
 *
 * @returns undefined of fewer than three hospitals
 * Source: Higgins, Thompson & Spiegelhalter 2009, J R Stat Soc A 172:137, eq. 12.
 */
export function predictionInterval(
  estimate: number,
  { standardError, tauSquared }: { readonly standardError: number; readonly tauSquared: number },
  siteCount: number,
): readonly [number, number] | undefined {
  if (siteCount < 3) return undefined;
  const reach = studentT(siteCount - 2).quantile(0.975) * Math.sqrt(tauSquared + standardError * standardError);
  return [estimate - reach, estimate + reach];
}
