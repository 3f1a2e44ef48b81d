/**
 * The codes under which a vocabulary may list what a source wrote, the best one first.
 *
 * Hospitals write one code in many ways (`N201`, `n20.1`, `N20.1†`), and a national code list has subcodes that OMOP lacks. The
 * vocabulary is asked for every candidate at once, and the first one that leads to a standard concept answers.
 */

import { ediCandidates } from "./korean/edi.ts";
import { icdO3Candidates } from "./korean/icd-o-3.ts";
import { kcdCandidates, normaliseKcd } from "./korean/kcd.ts";
import { kdCodeCandidates } from "./korean/kd-code.ts";
import {
  DEPARTMENT_VOCABULARY,
  departmentCandidates,
  findKoreanVocabulary,
  INSTITUTION_VOCABULARY,
  INSURANCE_VOCABULARY,
  institutionCandidates,
  insuranceCandidates,
} from "./korean/kr-core.ts";
import { V_CODE_VOCABULARY, vCodeCandidates } from "./korean/v-code.ts";
import type { Equivalence, SourceCode } from "./source-code.ts";

export interface CodeCandidate {
  /** OMOP's vocabulary_id, or the name of a list of the site. */
  readonly vocabulary: string;
  readonly code: string;
  /** `code`: what the source wrote, in the vocabulary's own spelling. `parent`: another code, wider or of a sister vocabulary. */
  readonly kind: "code" | "parent";
  /** In place of the vocabulary's own, where the candidate says less or other than the source did. */
  readonly equivalence?: Equivalence;
  /** ISO days between which the candidate holds, both included; always where not given. */
  readonly from?: string;
  readonly to?: string;
}

/** What a source may call its codes, apart from OMOP's own names: `EDI-DRUG` is EDI, known to hold drugs. */
const CANDIDATES: Readonly<Record<string, (written: string) => readonly CodeCandidate[]>> = {
  KCD: (written) => kcdCandidates(written),
  KCD7: (written) => kcdCandidates(written),
  KCD8: (written) => kcdCandidates(written, 8),
  KCD9: (written) => kcdCandidates(written, 9),
  ICD10: (written) => [{ vocabulary: "ICD10", code: normaliseKcd(written), kind: "code" }],
  EDI: (written) => ediCandidates(written),
  "EDI-PROCEDURE": (written) => ediCandidates(written, "procedure"),
  "EDI-DRUG": (written) => ediCandidates(written, "drug"),
  "EDI-MATERIAL": (written) => ediCandidates(written, "material"),
  KD: kdCodeCandidates,
  KDC: kdCodeCandidates,
  ICDO3: icdO3Candidates,
  [V_CODE_VOCABULARY]: vCodeCandidates,
  [INSURANCE_VOCABULARY]: insuranceCandidates,
  [DEPARTMENT_VOCABULARY]: departmentCandidates,
  [INSTITUTION_VOCABULARY]: institutionCandidates,
};

/**
 * At least one candidate for every code; the source's day plays no part, only each candidate's own days do.
 * A vocabulary that is not Korean is asked for the code as it stands, without the space around it.
 */
export function codeCandidates({ vocabulary, code }: Pick<SourceCode, "vocabulary" | "code">): readonly CodeCandidate[] {
  const name = findKoreanVocabulary(vocabulary) ?? vocabulary;
  const candidatesOf = Object.hasOwn(CANDIDATES, name) ? CANDIDATES[name] : undefined;
  return candidatesOf?.(code) ?? [{ vocabulary, code: code.trim(), kind: "code" }];
}
