/**
 * How strong an unmeasured confounder would have to be to explain an effect away: the least risk ratio that it needs with the treatment and
 * with the outcome both, given what was adjusted for.
 *
 *   E = RR + √(RR (RR − 1)) for RR ≥ 1; of 1/RR below 1. For an interval: of the end nearer to 1, and 1 where the interval holds 1.
 *
 * Source: VanderWeele & Ding 2017, Ann Intern Med 167:268, with its conversions: a hazard ratio of a common outcome (above 15 %) as
 * (1 − 0.5^√HR) / (1 − 0.5^√(1/HR)); a standardised mean difference d as exp(0.91 d), with exp(0.91 d ± 1.78 SE) as its interval.
 */

export interface EValue {
  readonly estimate: number;
  readonly interval: number;
}

export interface Ratio {
  readonly estimate: number;
  readonly ci95: readonly [number, number];
}

/** @param ratio a risk ratio or what stands for one; > 0 */
export function eValue({ estimate, ci95: [low, high] }: Ratio): EValue {
  const nearer = estimate >= 1 ? low : high;
  const holdsOne = low <= 1 && high >= 1;
  return { estimate: ofRatio(estimate), interval: holdsOne ? 1 : ofRatio(nearer) };
}

export function riskRatioOfHazards({ estimate, ci95 }: Ratio): Ratio {
  const convert = (ratio: number): number => (1 - 0.5 ** Math.sqrt(ratio)) / (1 - 0.5 ** Math.sqrt(1 / ratio));
  return { estimate: convert(estimate), ci95: [convert(ci95[0]), convert(ci95[1])] };
}

/** @param difference of means, in standard deviations of the outcome */
export function riskRatioOfDifference({ estimate, standardError }: { readonly estimate: number; readonly standardError: number }): Ratio {
  return {
    estimate: Math.exp(0.91 * estimate),
    ci95: [Math.exp(0.91 * estimate - 1.78 * standardError), Math.exp(0.91 * estimate + 1.78 * standardError)],
  };
}

function ofRatio(ratio: number): number {
  const away = ratio >= 1 ? ratio : 1 / ratio;
  return away + Math.sqrt(away * (away - 1));
}
