/**
 * The code systems of KR Core (HL7 Korea, STU2 2.0.0), and the names under which their codes are looked up.
 *
 * Lists of the insurer (kinds of insurance, departments, kinds of institution) have no vocabulary in OMOP: under the names here a site's
 * map can take them up. Departments have codes of one and of two digits that mean different things (`1` medical, `01` internal medicine),
 * so a lost leading zero cannot be put back; kinds of institution all have two.
 *
 * Source: KR Core implementation guide 2.0.0, code systems and naming systems; HIRA code lists.
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

/** 4 national health insurance, 5 medical aid, 7 veterans, 9 free of charge. */
export const INSURANCE_TYPES: ReadonlySet<string> = new Set(["4", "5", "7", "9"]);

const tidy = (written: string): string => written.normalize("NFKC").trim();
const itself = (vocabulary: string, code: string): readonly CodeCandidate[] => [{ vocabulary, code, kind: "code" }];

export const insuranceCandidates = (written: string): readonly CodeCandidate[] => {
  const short = tidy(written).replace(/^0(?=\d$)/, "");
  return itself(INSURANCE_VOCABULARY, INSURANCE_TYPES.has(short) ? short : tidy(written));
};

export const departmentCandidates = (written: string): readonly CodeCandidate[] => itself(DEPARTMENT_VOCABULARY, tidy(written));

export const institutionCandidates = (written: string): readonly CodeCandidate[] =>
  itself(INSTITUTION_VOCABULARY, tidy(written).replace(/^(?=\d$)/, "0"));
