/**
 * Which of OMOP's vocabularies a FHIR code system is, as data: the address, the vocabulary_id, whether the meaning of a code depends on
 * the day, and the order of choice where one idea carries several codes (the guide's Code Prioritization Framework, f2o-034).
 *
 * Order within one CodeableConcept: a coding that the user selected; then the rank below (standard vocabularies of the domain before
 * classifications, those before billing and local codes); then the order in which they came. Of a code and its own subcode of one
 * system the subcode is taken (f2o-036).
 */

import type { SourceCode } from "../../vocabulary/source-code.ts";
import { asText, codingsOf, type Element } from "./elements.ts";

export interface CodeSystem {
  readonly uri: string;
  readonly vocabulary: string;
  /** 1 is chosen first. */
  readonly rank: number;
  /** The same code meant something else at another time. */
  readonly isDated: boolean;
}

const KOREAN = "http://www.hl7korea.or.kr/CodeSystem";

const system = (uri: string, vocabulary: string, rank: number, isDated = false): CodeSystem => ({ uri, vocabulary, rank, isDated });

export const CODE_SYSTEMS: readonly CodeSystem[] = [
  system("http://snomed.info/sct", "SNOMED", 1),
  system("http://loinc.org", "LOINC", 1),
  system("http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm", 1),
  system("http://hl7.org/fhir/sid/cvx", "CVX", 1),
  system("http://unitsofmeasure.org", "UCUM", 1),
  system("http://terminology.hl7.org/CodeSystem/icd-o-3", "ICDO3", 2),
  system("http://hl7.org/fhir/sid/icd-10-cm", "ICD10CM", 3, true),
  system("http://hl7.org/fhir/sid/icd-10", "ICD10", 3, true),
  system("http://hl7.org/fhir/sid/icd-9-cm", "ICD9CM", 3, true),
  system("http://www.cms.gov/Medicare/Coding/ICD10", "ICD10PCS", 3, true),
  system(`${KOREAN}/kostat-kcd-8`, "KCD8", 3, true),
  system(`${KOREAN}/kostat-kcd-9`, "KCD9", 3, true),
  system("http://www.ama-assn.org/go/cpt", "CPT4", 4),
  system("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "HCPCS", 4),
  system("http://hl7.org/fhir/sid/ndc", "NDC", 4, true),
  system("http://www.whocc.no/atc", "ATC", 5),
  system("https://www.whocc.no/atc", "ATC", 5),
  system(`${KOREAN}/hira-edi-procedure`, "EDI-PROCEDURE", 4, true),
  system(`${KOREAN}/hira-edi-medication`, "EDI-DRUG", 4, true),
  system(`${KOREAN}/hira-edi-material`, "EDI-MATERIAL", 4, true),
  system(`${KOREAN}/kpis-kdcode`, "KD", 4, true),
  system(`${KOREAN}/hira-medical-department`, "HIRA-DEPARTMENT", 6),
  system(`${KOREAN}/hira-insurance-types`, "HIRA-INSURANCE", 6),
  system("http://nucc.org/provider-taxonomy", "NUCC", 2),
  system("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "v3-ObservationInterpretation", 6),
];

const byUri: ReadonlyMap<string, CodeSystem> = new Map(CODE_SYSTEMS.map((entry) => [entry.uri, entry]));
const RANK_OF_OTHERS = 7;
/** OMOP's source values hold 50 characters. */
const SOURCE_VALUE_LENGTH_MAX = 50;

/** A code that may stand for an idea. Never a display text: those are written by people and may say anything. */
export interface CandidateCode {
  readonly code: SourceCode;
  readonly sourceValue: string;
}

export interface SiteSystems {
  /** The site's own systems by address, and `""` for codings that name none. */
  readonly vocabularies: Readonly<Record<string, string>>;
}

/**
 * The codes of a CodeableConcept (or of several) in the order of choice. An address that nobody declared is its own vocabulary's name, so
 * that its codes are listed as unmapped under it.
 */
export function candidatesOf(value: unknown, sites: SiteSystems, onDate: string | undefined): readonly CandidateCode[] {
  const found = codingsOf(value).flatMap((coding, index) => {
    const candidate = candidateOf(coding, sites, onDate);
    return candidate === undefined ? [] : [{ ...candidate, index, isSelected: coding["userSelected"] === true }];
  });
  const ordered = [...found].sort(
    (a, b) => Number(b.isSelected) - Number(a.isSelected) || a.rank - b.rank || subcodeFirst(a.code, b.code) || a.index - b.index,
  );
  return ordered.map(({ code, sourceValue }) => ({ code, sourceValue }));
}

/** What a source value keeps of a code. */
export const sourceValueOf = (code: string): string => code.slice(0, SOURCE_VALUE_LENGTH_MAX);

function candidateOf(coding: Element, sites: SiteSystems, onDate: string | undefined) {
  const code = asText(coding["code"]);
  if (code === undefined) return undefined;
  const uri = (asText(coding["system"]) ?? "").replace(/\/$/, "");
  const own = sites.vocabularies[uri];
  const known = own === undefined ? byUri.get(uri) : undefined;
  const vocabulary = own ?? known?.vocabulary ?? (uri === "" ? "no-system" : uri);
  const isDated = onDate !== undefined && (known === undefined ? own !== undefined : known.isDated);
  const written = vocabulary === "ICD10CM" ? dotted(code) : code;
  return {
    code: isDated ? { vocabulary, code: written, onDate } : { vocabulary, code: written },
    sourceValue: sourceValueOf(code),
    rank: known?.rank ?? RANK_OF_OTHERS,
  };
}

/** ICD-10-CM stands in the vocabulary with a dot after three characters; hospitals often leave it out. KCD and ICD-10 are read so by the look-up. */
const dotted = (code: string): string => (/^[A-Z]\d[0-9A-Z][0-9A-Z]{1,4}$/.test(code) ? `${code.slice(0, 3)}.${code.slice(3)}` : code);

/** Negative where `a` is a subcode of `b` of the same vocabulary. */
function subcodeFirst(a: SourceCode, b: SourceCode): number {
  if (a.vocabulary !== b.vocabulary || !/^(?:KCD|ICD)/.test(a.vocabulary)) return 0;
  if (a.code.length > b.code.length && a.code.startsWith(b.code)) return -1;
  return b.code.length > a.code.length && b.code.startsWith(a.code) ? 1 : 0;
}
