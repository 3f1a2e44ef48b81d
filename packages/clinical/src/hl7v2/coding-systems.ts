/** Names of coding systems in HL7 v2 (HL7 table 0396, and what Korean hospitals write) as FHIR's URIs. */

const SYSTEM_BY_NAME: Readonly<Record<string, string>> = {
  LN: "http://loinc.org",
  LOINC: "http://loinc.org",
  SCT: "http://snomed.info/sct",
  SNM: "http://snomed.info/sct",
  SNM3: "http://snomed.info/sct",
  SNOMED: "http://snomed.info/sct",
  I10: "http://hl7.org/fhir/sid/icd-10",
  ICD10: "http://hl7.org/fhir/sid/icd-10",
  I10C: "http://hl7.org/fhir/sid/icd-10-cm",
  I9: "http://hl7.org/fhir/sid/icd-9-cm",
  I9C: "http://hl7.org/fhir/sid/icd-9-cm",
  I9M: "http://hl7.org/fhir/sid/icd-9-cm",
  C4: "http://www.ama-assn.org/go/cpt",
  CPT: "http://www.ama-assn.org/go/cpt",
  NDC: "http://hl7.org/fhir/sid/ndc",
  CVX: "http://hl7.org/fhir/sid/cvx",
  MVX: "http://hl7.org/fhir/sid/mvx",
  RXNORM: "http://www.nlm.nih.gov/research/umls/rxnorm",
  RXN: "http://www.nlm.nih.gov/research/umls/rxnorm",
  ATC: "http://www.whocc.no/atc",
  UCUM: "http://unitsofmeasure.org",
  NCIT: "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
  CDCREC: "urn:oid:2.16.840.1.113883.6.238",
  ICDO: "http://terminology.hl7.org/CodeSystem/icd-o",
  ICDO3: "http://terminology.hl7.org/CodeSystem/icd-o-3",
  KCD: "http://www.hl7korea.or.kr/CodeSystem/kostat-kcd-8",
  // KR Core names no older revision; which one a code is of follows from the day of the diagnosis.
  KCD7: "http://www.hl7korea.or.kr/CodeSystem/kostat-kcd-8",
  KCD8: "http://www.hl7korea.or.kr/CodeSystem/kostat-kcd-8",
  KCD9: "http://www.hl7korea.or.kr/CodeSystem/kostat-kcd-9",
  EDI: "http://www.hl7korea.or.kr/CodeSystem/hira-edi-procedure",
  KD: "http://www.hl7korea.or.kr/CodeSystem/kpis-kdcode",
};

/**
 * @param sites a site's own names, which come first
 * @returns for a name that nobody knows `urn:id:NAME`, so that the site can map it to a vocabulary by that URI
 */
export function codingSystem(name: string, sites: Readonly<Record<string, string>>): string {
  const own = sites[name];
  if (own !== undefined) return own;
  const table = /^HL7(?:VS)?-?(\d{4})$/.exec(name);
  if (table !== null) return `http://terminology.hl7.org/CodeSystem/v2-${table[1]}`;
  return SYSTEM_BY_NAME[name.toUpperCase()] ?? `urn:id:${encodeURIComponent(name)}`;
}

export const UCUM = "http://unitsofmeasure.org";
