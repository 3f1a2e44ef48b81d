/**
 * The code systems of KR Core (HL7 Korea, STU2 2.0.0), and the names under which their codes are looked up.
 *
 * Lists of the insurer (kinds of insurance, departments, kinds of institution) have no vocabulary in OMOP: under the names here a site's
 * map can take them up. Kinds of insurance have a place all the same: OMOP's payers are the Source of Payment Typology (SOPT), whose
 * categories are those of the United States. Health insurance, medical aid and veterans' care are all three paid by public bodies of Korea,
 * which is its "other government" (not Medicare, Medicaid or the American department of veterans); free care is its "no charge". Both say
 * less than the source did, so they are counted as wider, the source's own code stays beside them, and a site's map comes first. A
 * vocabulary without SOPT leaves them open.
 *
 * Departments have codes of one and of two digits that mean different things (`1` medical, `01` internal medicine),
 * so a lost leading zero cannot be put back; kinds of institution all have two.
 *
 * Source: KR Core implementation guide 2.0.0, code systems and naming systems; HIRA code lists; NAHDO, Source of Payment Typology, codes 3
 * and 82; OMOP CDM v5.4, PAYER_PLAN_PERIOD.payer_concept_id (domain Payer).
 */

import type { CodeCandidate } from "../code-candidates.ts";

export const INSURANCE_VOCABULARY = "HIRA-INSURANCE";
export const DEPARTMENT_VOCABULARY = "HIRA-DEPARTMENT";
export const INSTITUTION_VOCABULARY = "HIRA-INSTITUTION";

const SYSTEM = "http://www.hl7korea.or.kr/CodeSystem/";

const VOCABULARY_OF_SYSTEM: Readonly<Record<string, string>> = {
  [`${SYSTEM}kostat-kcd-8`]: "KCD8",
  [`${SYSTEM}hira-edi-procedure`]: "EDI-PROCEDURE",
  [`${SYSTEM}hira-edi-medication`]: "EDI-DRUG",
  [`${SYSTEM}hira-edi-material`]: "EDI-MATERIAL",
  [`${SYSTEM}kpis-kdcode`]: "KD",
  [`${SYSTEM}hira-insurance-types`]: INSURANCE_VOCABULARY,
  [`${SYSTEM}hira-medical-department`]: DEPARTMENT_VOCABULARY,
  [`${SYSTEM}hira-healthcare-organization-types`]: INSTITUTION_VOCABULARY,
  "https://biz.kpis.or.kr/CodeSystem/kdcode": "KD",
};

/** The vocabulary of a FHIR code system of KR Core, as a `SourceCode` names it; undefined for any other system. */
export const findKoreanVocabulary = (system: string): string | undefined =>
  Object.hasOwn(VOCABULARY_OF_SYSTEM, system) ? VOCABULARY_OF_SYSTEM[system] : undefined;

/** 4 national health insurance, 5 medical aid, 7 veterans, 9 free of charge: each with the SOPT code that takes it in. */
const PAYER_OF_INSURANCE: Readonly<Record<string, string>> = { "4": "3", "5": "3", "7": "3", "9": "82" };
export const INSURANCE_TYPES: ReadonlySet<string> = new Set(Object.keys(PAYER_OF_INSURANCE));

const tidy = (written: string): string => written.normalize("NFKC").trim();
const itself = (vocabulary: string, code: string): readonly CodeCandidate[] => [{ vocabulary, code, kind: "code" }];

export const insuranceCandidates = (written: string): readonly CodeCandidate[] => {
  const short = tidy(written).replace(/^0(?=\d$)/, "");
  const payer = Object.hasOwn(PAYER_OF_INSURANCE, short) ? PAYER_OF_INSURANCE[short] : undefined;
  if (payer === undefined) return itself(INSURANCE_VOCABULARY, tidy(written));
  return [...itself(INSURANCE_VOCABULARY, short), { vocabulary: "SOPT", code: payer, kind: "parent", equivalence: "WIDER" }];
};

export const departmentCandidates = (written: string): readonly CodeCandidate[] => itself(DEPARTMENT_VOCABULARY, tidy(written));

export const institutionCandidates = (written: string): readonly CodeCandidate[] =>
  itself(INSTITUTION_VOCABULARY, tidy(written).replace(/^(?=\d$)/, "0"));
