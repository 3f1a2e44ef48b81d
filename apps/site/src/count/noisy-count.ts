/**
 * A count of patients as it may leave the hospital: with noise, rounded, small ones hidden.
 *
 * The noise is a function of *which* patients are counted and of a secret of this site, of nothing else. Whoever asks, however often, in
 * whatever words: the same patients give the same answer, and averaging over askers or paraphrases gains nothing.
 */

import { hmacSha256, utf8 } from "@dure/kernel";
import { keyedBytes, sampleDiscreteGaussian } from "@dure/privacy";

/** σ = 3: a single patient moves the answer by a third of what the noise does. */
const NOISE_VARIANCE = { numerator: 9n, denominator: 1n };
const ROUNDED_TO = 5;
const SHOWN_MIN = 10;

export interface CountedPatients {
  /** Unique, sorted: the set that is counted. */
  readonly rowKeys: readonly string[];
  readonly siteSecret: Uint8Array;
}

/**
 * @returns a multiple of 5 from 10 on, or `<10`
 * Disclosure: meant to leave. Over many different sets of patients the noise wears down: the number of questions is limited elsewhere.
 */
export function noisyCount({ rowKeys, siteSecret }: CountedPatients): string {
  const key = hmacSha256(siteSecret, utf8(`dure feasibility 1\n${JSON.stringify(rowKeys)}`));
  const noise = Number(sampleDiscreteGaussian(NOISE_VARIANCE, keyedBytes(key, "count noise")));
  const rounded = ROUNDED_TO * Math.round((rowKeys.length + noise) / ROUNDED_TO);
  return rounded < SHOWN_MIN ? `<${SHOWN_MIN}` : String(rounded);
}
