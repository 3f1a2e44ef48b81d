/**
 * V-codes: why a patient pays a smaller share (본인일부부담금 산정특례), such as V193 for a registered cancer.
 *
 * They look like ICD-10's V01 to V99 (transport accidents) written without a dot: V193 read as KCD would be a pedal cyclist's accident.
 * So they are a list of their own, `KR-V-CODE`, which a source must name. They say what a patient was registered for with the insurer,
 * not what was found: OMOP has no standard concept for them, they are kept as observations, and a site that wants more maps them itself.
 * They never become conditions.
 *
 * Source: MOHW, notice on criteria for reduced co-payment (본인일부부담금 산정특례에 관한 기준), annexes.
 */

import type { CodeCandidate } from "../code-candidates.ts";

export const V_CODE_VOCABULARY = "KR-V-CODE";

/** The domain of the rows that V-codes give. */
export const V_CODE_DOMAIN = "Observation";

const normaliseVCode = (written: string): string =>
  written
    .normalize("NFKC")
    .replace(/[\s.]+/g, "")
    .toUpperCase();

export const vCodeCandidates = (written: string): readonly CodeCandidate[] => [
  { vocabulary: V_CODE_VOCABULARY, code: normaliseVCode(written), kind: "code" },
];

/** For people who read a report; codes that are not here are reasons too. */
const REASONS = {
  V000: "tuberculosis",
  V010: "latent tuberculosis",
  V191: "cerebrovascular disease",
  V192: "heart disease",
  V193: "cancer",
  V194: "cancer",
  V247: "severe burns",
  V248: "severe burns",
  V249: "severe burns",
  V250: "severe burns",
  V273: "severe trauma",
  V800: "severe dementia",
  V810: "severe dementia",
} as const;

export type CopaymentReason = (typeof REASONS)[keyof typeof REASONS];

export function findCopaymentReason(written: string): CopaymentReason | undefined {
  const code = normaliseVCode(written);
  return Object.hasOwn(REASONS, code) ? REASONS[code as keyof typeof REASONS] : undefined; // just asked
}
