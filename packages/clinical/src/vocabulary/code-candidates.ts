/**
 * The codes under which a vocabulary may list what a source wrote, the best one first.
 *
 * Hospitals write one code in many ways (`N201`, `n20.1`, `N20.1†`), and a national code list has subcodes that OMOP lacks. The
 * vocabulary is asked for every candidate at once, and the first one that leads to a standard concept answers.
 */

import type { Equivalence, SourceCode } from "./source-code.ts";

export interface CodeCandidate {
  /** OMOP's vocabulary_id. */
  readonly vocabulary: string;
  readonly code: string;
  /** `code`: what the source wrote, in the vocabulary's own spelling. `parent`: a wider code of the same hierarchy. */
  readonly kind: "code" | "parent";
  /** In place of the vocabulary's own, where the candidate says less or other than the source did. */
  readonly equivalence?: Equivalence;
  /** ISO days between which the candidate holds, both included; always where not given. */
  readonly from?: string;
  readonly to?: string;
}

/** At least one candidate for every code; the source's day plays no part, only each candidate's own days do. */
export function codeCandidates({ vocabulary, code }: Pick<SourceCode, "vocabulary" | "code">): readonly CodeCandidate[] {
  return [{ vocabulary, code: code.trim(), kind: "code" }];
}
