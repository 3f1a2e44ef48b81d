/**
 * What is left out of FHIR before it is stored: identity and free text that nothing downstream needs. The list is the rule itself:
 * `minimise.ts` acts on it, and the documentation is checked against it.
 *
 * Kept on purpose: ids, record numbers and references (they link), birth date, sex, death, city and three digits of the postal code
 * (OMOP has them), codes with their texts (`CodeableConcept.text` is the source value where a code is missing), Observation.valueString
 * and Dosage.text (results and directions that OMOP has a place for), names of organisations and locations.
 */

import { type Text, text } from "@dure/kernel";

export interface MinimisedField {
  /** The element, wherever in a resource it stands; a primitive's companion (`_birthDate`) goes with it. */
  readonly element: string;
  /** In these resource types only. */
  readonly types?: readonly string[];
  /** Of values of this kind only: `organization.name` is text, a person's name is not. */
  readonly valueKind?: "text" | "complex";
  /** How much of it goes. */
  readonly part:
    | "all"
    | "narrative"
    | "display-of-reference"
    | "address-detail"
    | "national-identifiers"
    | "identifying-extensions"
    | "attachment-content";
  /** Left in where the site's setting keeps free text. */
  readonly isFreeText?: true;
  readonly reason: Text;
}

const person = text("says who the person is; records are linked by id", "개인을 직접 식별하며, 기록은 id로 연결됩니다");
const contact = text("a way to reach a person", "개인에게 연락하는 수단입니다");
const freeText = text("free text may name anybody", "자유 기술문에는 누구의 이름이든 들어 있을 수 있습니다");
const device = text("identifies one implanted device, and so its bearer", "이식된 기기 하나, 곧 그 환자를 식별합니다");
const relative = text("about a relative who is no patient here", "이곳 환자가 아닌 가족에 관한 내용입니다");
const reader = text("says who read or wrote, which no study asks", "열람자와 작성자를 나타내며 연구에 쓰이지 않습니다");

const PERSONS = ["Patient", "Person", "RelatedPerson", "Practitioner"] as const;

export const MINIMISED_FIELDS: readonly MinimisedField[] = [
  { element: "name", valueKind: "complex", part: "all", reason: person },
  { element: "name", types: [...PERSONS, "FamilyMemberHistory", "AuditEvent"], part: "all", reason: person },
  {
    element: "display",
    part: "display-of-reference",
    reason: text("servers write the person's name there", "서버가 개인의 이름을 적는 자리입니다"),
  },
  { element: "photo", part: "all", reason: person },
  { element: "signature", part: "all", reason: person },
  { element: "telecom", part: "all", reason: contact },
  { element: "contact", part: "all", reason: contact },
  { element: "address", part: "address-detail", reason: contact },
  { element: "valueAddress", part: "address-detail", reason: contact },
  { element: "locationAddress", part: "address-detail", reason: contact },
  { element: "position", types: ["Location"], part: "all", reason: text("may be a home", "자택의 좌표일 수 있습니다") },
  {
    element: "identifier",
    part: "national-identifiers",
    reason: text(
      "resident registration, social security, passport, licence and tax numbers link nothing here",
      "주민등록번호, 사회보장번호, 여권번호, 면허번호, 납세번호는 연결에 쓰이지 않습니다",
    ),
  },
  { element: "subscriberId", types: ["Coverage"], part: "all", reason: person },
  { element: "birthDate", types: ["Person", "RelatedPerson"], part: "all", reason: relative },
  { element: "serialNumber", part: "all", reason: device },
  { element: "carrierHRF", part: "all", reason: device },
  { element: "carrierAIDC", part: "all", reason: device },
  { element: "distinctIdentifier", part: "all", reason: device },
  { element: "altId", types: ["AuditEvent"], part: "all", reason: reader },
  { element: "network", types: ["AuditEvent"], part: "all", reason: reader },
  { element: "query", types: ["AuditEvent"], part: "all", reason: reader },
  { element: "extension", part: "identifying-extensions", reason: person },
  { element: "modifierExtension", part: "identifying-extensions", reason: person },
  { element: "text", valueKind: "complex", part: "narrative", reason: freeText },
  { element: "data", valueKind: "text", part: "attachment-content", isFreeText: true, reason: freeText },
  {
    element: "url",
    valueKind: "text",
    part: "attachment-content",
    reason: text("a link to the document, often signed", "문서로 가는 링크이며 서명된 경우가 많습니다"),
  },
  { element: "title", valueKind: "text", part: "attachment-content", isFreeText: true, reason: freeText },
  ...["note", "comment", "comments", "patientInstruction", "contentString", "processNote"].map(
    (element): MinimisedField => ({ element, part: "all", isFreeText: true, reason: freeText }),
  ),
  ...["conclusion", "summary", "description", "details", "onsetString", "abatementString", "performedString", "deceasedString"].map(
    (element): MinimisedField => ({ element, valueKind: "text", part: "all", isFreeText: true, reason: freeText }),
  ),
  { element: "valueString", types: ["QuestionnaireResponse", "Task"], part: "all", isFreeText: true, reason: freeText },
];

/** Codes of v2 table 0203 and systems whose numbers name a person to a state. Sources: HL7 v2 table 0203; FHIR R4, "Known identifier systems". */
export const NATIONAL_IDENTIFIER_TYPES: ReadonlySet<string> = new Set([
  "SS",
  "SB",
  "DL",
  "PPN",
  "NI",
  "NIIP",
  "CZ",
  "TAX",
  "PRC",
  "MI",
  "BCT",
  "CC",
  "BA",
  "NNKOR",
  "NNUSA",
  "NNXXX",
]);

export const NATIONAL_IDENTIFIER_SYSTEMS: readonly string[] = [
  "http://hl7.org/fhir/sid/us-ssn",
  "http://hl7.org/fhir/sid/us-itin",
  "http://hl7.org/fhir/sid/passport-",
  "urn:oid:2.16.840.1.113883.4.1",
  "urn:oid:2.16.840.1.113883.4.3.",
  "http://standardhl7.org/fhir/NamingSystem/passportNumber",
];

/** Kept wherever they stand: what OMOP's person needs and US Core and the base specification give as an extension. */
export const KEPT_EXTENSIONS: ReadonlySet<string> = new Set([
  "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
  "http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity",
  "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex",
  "http://hl7.org/fhir/us/core/StructureDefinition/us-core-sex",
  "http://hl7.org/fhir/us/core/StructureDefinition/us-core-genderIdentity",
  "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
  "http://hl7.org/fhir/StructureDefinition/patient-genderIdentity",
  "http://hl7.org/fhir/StructureDefinition/individual-genderIdentity",
  "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
]);

/** An extension of any resource that carries one of these is left out, as its meaning is not known here. */
export const IDENTIFYING_EXTENSION_VALUES: ReadonlySet<string> = new Set([
  "valueString",
  "valueMarkdown",
  "valueHumanName",
  "valueAddress",
  "valueContactPoint",
  "valueContactDetail",
  "valueIdentifier",
  "valueAttachment",
  "valueAnnotation",
  "valueSignature",
  "valueBase64Binary",
]);

/** Of these, extensions are left out unless they are known to be needed: hospitals put anything there. */
export const PERSON_TYPES: ReadonlySet<string> = new Set(PERSONS);

/** Resident registration numbers of Korea, with or without the hyphen; foreigners' ones too. */
export const RESIDENT_REGISTRATION_NUMBER = /^\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])-?[0-9]\d{6}$/;
