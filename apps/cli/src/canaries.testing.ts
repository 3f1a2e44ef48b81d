/**
 * For tests only: exports of every kind in which every field that nobody declared as used holds a word planted there.
 *
 * `nowhere` may come out in no place at all; `intakeOnly` may lie in the intake store, whose minimisation keeps what links records and what
 * OMOP has a place for, and in no other; the names of folders and files, and of a workbook's sheets (`inFileName`) may be told to the person at the
 * terminal, and stand in the intake store's list of deliveries.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { dicomFile, element, imageFile } from "@dure/clinical/dicom/testing";
import { encodeCp949 } from "@dure/kernel";
import { textSheet, workbookOf, writeParquet } from "@dure/site/testing";

let planted = 0;
/** Letters, so that it can stand in any text. */
export const nowhere = (): string => `kanaria${++planted}x`;
/** Digits, as in a resident registration number or a telephone number. */
export const nowhereDigits = (): string => `7731044827${String(++planted).padStart(4, "0")}`;
export const intakeOnly = (): string => `nurhier${++planted}x`;
export const inFileName = (): string => `dateiname${++planted}x`;
/** A hospital number: links records inside the site, and is nowhere in OMOP. */
const NUMBER = "nurhierP1";
const VISIT = "nurhierV1";

export const plantedCount = (): number => planted;
export const PLANTED_NOWHERE = /kanari|7731044827/i;
export const PLANTED_IN_INTAKE = /nurhier/i;
export const PLANTED_IN_FILE_NAMES = /dateiname/i;

export const planOf = (withPostgres: boolean): string => `
dureLoad: 1
id: canaries
version: 1
title: { en: Canaries, ko: 카나리아 }
exportDate: 2024-06-01
minimumMappedShare: { overall: 0 }
sources:
  - { mapping: mapping.yaml, directory: exports }
${withPostgres ? "  - { mapping: database.yaml, directory: exports }" : ""}
  - { fhir: emr, policy: emr-policy.yaml }
  - { fhir: hl7, policy: hl7-policy.yaml }
  - { omop: warehouse, path: omop, cdmVersion: "5.4", personKey: person_source_value }
  - { images: true }
`;

const head = (id: string): string => `
dureMapping: 1
id: ${id}
version: 1
title: { en: Canaries, ko: 카나리아 }
recordType: ehr
onFault: exclude
`;
const period = (file: string): string => `
observationPeriod:
  rule: { en: At birth., ko: 출생일. }
  start: [{ value: ${file}.born }]
  end: [{ value: ${file}.born }]
  withoutEnd: one-day
`;

const MAPPING = `${head("canaries")}
persons: patients
files:
  patients:
    path: 환자.csv
    delimiter: comma
    encoding: cp949
    person: PATNO
    values:
      sex: { codeConcept: 성별, codes: { 여: female, 남: male } }
      born: { date: BIRTH, format: "%Y%m%d" }
    rows:
      - { to: person, gender: sex, yearOfBirth: { date: born } }
  diagnoses:
    format: xlsx
    path: 진단.xlsx
    sheet: 1
    person: PATNO
    values:
      on: { date: DATE, format: "%Y%m%d" }
      code: { text: CODE }
    rows:
      - { to: condition, concept: breast-cancer, date: on, when: [{ value: code, startsWith: C50 }], otherwise: another diagnosis }
  labs:
    format: parquet
    path: labs.parquet
    person: PATNO
    values:
      on: { date: DATE, format: "%Y%m%d" }
      size: { number: SIZE, unit: mm, minimum: 0, maximum: 500 }
    rows: [{ to: measurement, concept: tumour-size, date: on, value: size }]
${period("patients")}`;

export const databaseMapping = (schema: string): string => `${head("database")}
persons: patients
files:
  patients:
    format: postgresql
    schema: ${schema}
    table: patients
    connection: { variable: DURE_TEST_CANARIES }
    tls: off
    person: PATNO
    values:
      sex: { codeConcept: SEX, codes: { F: female, M: male } }
      born: { date: BIRTH, format: "%Y-%m-%d" }
    rows: [{ to: person, gender: sex, yearOfBirth: { date: born } }]
${period("patients")}`;

export const databaseRows = (schema: string): string => `
CREATE SCHEMA ${schema};
CREATE TABLE ${schema}.patients ("PATNO" text PRIMARY KEY, "SEX" text, "BIRTH" date, "NAME" text, "RRN" text, "MEMO" text);
INSERT INTO ${schema}.patients VALUES
  ('nurhierP7', 'F', '1961-01-01', '${nowhere()}', '${nowhereDigits()}', '${nowhere()}'),
  ('nurhierP8', '${nowhere()}', '1961-01-01', '${nowhere()}', '${nowhereDigits()}', '${nowhere()}');
COMMENT ON TABLE ${schema}.patients IS '${nowhere()}';`;

/** Everything that is loaded, below the folder. */
export async function writeSources(folder: string): Promise<void> {
  const put = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  put("mapping.yaml", MAPPING);
  put("exports/환자.csv", encodeCp949(patientRows()));
  const diagnoses = `PATNO,DATE,CODE,NAME,REMARK\n${NUMBER},20240301,C509,${nowhere()},${nowhere()}\n${NUMBER},20240302,${nowhere()},${nowhere()},${nowhere()}\n${NUMBER},${nowhere()},C501,,\n`;
  put(
    "exports/진단.xlsx",
    workbookOf([textSheet(inFileName(), diagnoses), textSheet(inFileName(), `${nowhere()},${nowhere()}\n`)], [nowhere()]),
  );
  await writeParquet(
    join(folder, "exports/labs.parquet"),
    `SELECT * FROM (VALUES ('${NUMBER}', '20240302', '12', '${nowhere()}', '${nowhereDigits()}'), ('${NUMBER}', '20240303', '${nowhere()}', '', ''))
     t(PATNO, DATE, SIZE, REMARK, PHONE)`,
  );
  for (const [name, lines] of Object.entries(omopFiles())) put(`omop/${name}.csv`, `${lines.join("\n")}\n`);
  put(
    `fhir/${inFileName()}/bundle.json`,
    JSON.stringify({ resourceType: "Bundle", type: "collection", entry: resources().map((resource) => ({ resource })) }),
  );
  put(
    `fhir/${inFileName()}.ndjson`,
    `${resources("2")
      .map((resource) => JSON.stringify(resource))
      .join("\n")}\n`,
  );
  put(`hl7/${inFileName()}.hl7`, hl7Messages("H").map(textOf).join(""));
  put(`dicom/${inFileName()}/1.dcm`, image());
  put(`dicom/${inFileName()}/2.dcm`, image("1.2.3.1.1.2").subarray(0, -3));
  put(`dicom/${inFileName()}.txt`, nowhere());
}

function patientRows(): string {
  const columns = "PATNO,성별,BIRTH,성명,주민등록번호,전화번호,주소,비고";
  const row = (number: string, sex: string, born: string): string =>
    [number, sex, born, nowhere(), nowhereDigits(), nowhereDigits(), nowhere(), `"${nowhere()}, ${nowhere()}"`].join(",");
  return [
    columns,
    row(NUMBER, "여", "19600131"),
    row("nurhierP2", nowhere(), "19700630"),
    row("nurhierP3", "남", nowhere()),
    row("nurhierP4", "남", "29990101"),
    "",
  ].join("\r\n");
}

const omopFiles = (): Readonly<Record<string, readonly string[]>> => ({
  person: [
    "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id,person_source_value,remark",
    `1,8532,1960,0,0,${NUMBER},${nowhere()}`,
    `2,8507,1960,0,0,nurhierP9,${nowhere()}`,
    `3,8507,${nowhere()},0,0,nurhierP10,${nowhere()}`,
  ],
  location: ["location_id,address_1,address_2,city,zip,location_source_value", `1,${nowhere()},${nowhere()},,06351,${nowhere()}`],
  provider: [
    "provider_id,provider_name,npi,dea,provider_source_value",
    `1,${nowhere()},${nowhereDigits()},${nowhereDigits()},${nowhere()}`,
  ],
  note: [
    "note_id,person_id,note_date,note_type_concept_id,note_class_concept_id,note_title,note_text,encoding_concept_id,language_concept_id",
    `1,1,2024-03-01,0,0,${nowhere()},${nowhere()},0,0`,
  ],
  visit_occurrence: [
    "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_end_date,visit_type_concept_id,visit_source_value",
    `1,1,9201,2024-03-01,2024-03-02,32817,${nowhere()}`,
  ],
  device_exposure: [
    "device_exposure_id,person_id,device_concept_id,device_exposure_start_date,device_type_concept_id,unique_device_id,production_id",
    `1,1,0,2024-03-01,32817,${nowhere()},${nowhere()}`,
  ],
});

const said = (): Readonly<Record<string, unknown>> => ({
  text: { status: "generated", div: `<div>${nowhere()}</div>` },
  name: [{ text: nowhere(), family: nowhere(), given: [nowhere()] }],
  telecom: [{ system: "phone", value: nowhereDigits() }],
  address: [{ text: nowhere(), line: [nowhere()], district: intakeOnly(), postalCode: "06351" }],
  note: [{ text: nowhere(), authorString: nowhere() }],
  comment: nowhere(),
  contact: [{ name: { text: nowhere() }, telecom: [{ value: nowhereDigits() }] }],
  photo: [{ title: nowhere() }],
});
const extensions = (): Readonly<Record<string, unknown>> => ({
  extension: [{ url: "urn:example:extension", valueString: nowhere() }],
});
const of = (id: string) => ({
  subject: { reference: `Patient/${NUMBER}${id}`, display: nowhere() },
  encounter: { reference: `Encounter/${VISIT}${id}` },
});
const concept = (system: string, code: string) => ({ coding: [{ system, code, display: intakeOnly() }], text: intakeOnly() });

export function resources(id = "1"): readonly Readonly<Record<string, unknown>>[] {
  return [
    {
      ...{ resourceType: "Patient", id: `${NUMBER}${id}`, birthDate: "1970-03-05", gender: "female" },
      identifier: [
        { type: { coding: [{ code: "MR" }] }, system: "urn:example:number", value: `${NUMBER}${id}` },
        { type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0203", code: "NI" }] }, value: nowhereDigits() },
      ],
      ...said(),
      ...extensions(),
    },
    { resourceType: "Practitioner", id: `d${id}`, ...said(), ...extensions() },
    {
      ...{ resourceType: "Encounter", id: `${VISIT}${id}`, status: "finished", class: { code: "IMP" }, subject: of(id).subject },
      ...{ period: { start: "2024-03-01", end: "2024-03-04" }, reasonCode: [{ text: intakeOnly() }] },
      ...said(),
    },
    {
      ...{ resourceType: "Condition", id: `c${id}`, ...of(id), recordedDate: "2024-03-02", onsetString: nowhere() },
      code: concept("http://snomed.info/sct", "386661006"),
      ...said(),
    },
    {
      ...{ resourceType: "Observation", id: `o${id}`, status: "final", ...of(id), code: concept("http://loinc.org", "8867-4") },
      ...{ effectiveDateTime: "2024-03-02", valueString: intakeOnly() },
      ...said(),
    },
    {
      ...{ resourceType: "MedicationRequest", id: `m${id}`, status: "completed", intent: "order", ...of(id), authoredOn: "2024-03-02" },
      medicationCodeableConcept: concept("http://www.nlm.nih.gov/research/umls/rxnorm", "7980"),
      dosageInstruction: [{ text: intakeOnly(), patientInstruction: nowhere() }],
      ...said(),
    },
    {
      resourceType: "DocumentReference",
      id: `f${id}`,
      status: "current",
      description: nowhere(),
      content: [{ attachment: { title: nowhere(), data: "QQ==" } }],
      ...said(),
    },
    { resourceType: nowhere(), id: nowhere() },
    {
      resourceType: "Observation",
      id: `b${id}`,
      status: nowhere().slice(0, 3),
      subject: { reference: nowhere().slice(0, 2) },
      effectiveDateTime: "x",
    },
  ];
}

const textOf = (segments: readonly string[]): string => `${segments.join("\r")}\r`;

/** Segments by message. @param id stands in the numbers of the patient and the visit. */
export function hl7Messages(id: string): readonly (readonly string[])[] {
  const header = (type: string, at: string): string => `MSH|^~\\&|EMR|H|DURE|H|${at}||${type}|${type}${at}|P|2.5|||||KOR|UNICODE UTF-8`;
  const pid = `PID|1||${NUMBER}${id}^^^H^MR~${nowhereDigits()}^^^H^NI||${nowhere()}^${nowhere()}||19700301|F|${nowhere()}||${nowhere()}^${nowhere()}||${nowhereDigits()}|${nowhereDigits()}||||||${nowhereDigits()}|${nowhereDigits()}`;
  const relative = `NK1|1|${nowhere()}^${nowhere()}|SPO|${nowhere()}|${nowhereDigits()}`;
  const visit = `PV1|1|I|W1^101^1||||${intakeOnly()}^${nowhere()}^${nowhere()}||||||||||||${VISIT}${id}^^^H^VN${"|".repeat(25)}20240301|`;
  const admit = [
    "EVN|A01|20240301",
    pid,
    relative,
    visit,
    `DG1|1||C509^${intakeOnly()}^KCD8|${nowhere()}|20240301|F`,
    `NTE|1||${nowhere()}`,
  ];
  const result = [
    ...[pid, visit, `OBR|1|nurhierO1^LIS||8480-6^x^LN|||20240302|||${nowhere()}|||${nowhere()}`, `NTE|1||${nowhere()}`],
    `OBX|1|TX|8480-6^x^LN||${`${nowhere()} `.repeat(8)}||||||F|||20240302`,
    `OBX|2|NM|8462-4^x^LN||${intakeOnly()}|mm[Hg]^^UCUM|||||F|||20240302`,
    `ZPI|1|${nowhere()}`,
  ];
  return [
    [header("ADT^A01", "20240301090000"), ...admit],
    [header("ORU^R01", "20240302090000"), ...result],
    [header("ADT^A08", "20240303090000"), `PID|1||${nowhereDigits()}^^^H^NI||${nowhere()}`],
    [header("ZZZ^Z99", "20240303090000"), `PID|1||${nowhere()}`],
    [
      header("MDM^T02", "20240303090000"),
      pid,
      visit,
      `TXA|1|CN|TX|20240303||||||||nurhierD1||||${nowhere()}`,
      `OBX|1|TX|${nowhere()}||${nowhere()}`,
    ],
  ];
}

const image = (instance = "1.2.3.1.1.1"): Buffer => {
  const bytes = imageFile({ patient: NUMBER, instance });
  // Every planted word of the small image, of the same length, so that lengths stay true.
  return Buffer.from(bytes.toString("latin1").replaceAll("canary", "kanari").replaceAll("CANARY", "KANARI"), "latin1");
};

/** A folder for each way in which a source can be wrong, with a planted word where it is wrong, and the command that meets it. */
export interface BadSource {
  readonly code: string;
  readonly words: readonly string[];
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

const small = (file: string): string => `${head("small").replace("onFault: exclude", "")}
persons: patients
files:
  patients:
    ${file.trim().replaceAll("\n", "\n    ")}
    person: PATNO
    values:
      sex: { codeConcept: SEX, codes: { F: female, M: male } }
      born: { date: BIRTH, format: "%Y%m%d" }
      size: { number: SIZE, minimum: 0, maximum: 500, unit: { column: UNIT, units: { mm: mm } } }
    rows:
      - { to: person, gender: sex, yearOfBirth: { date: born } }
      - { to: condition, id: cancer, concept: breast-cancer, date: born }
      - { to: measurement, concept: tumour-size, date: born, value: size, of: cancer }
${period("patients")}`;
const DELIMITED = "path: a.csv\ndelimiter: comma\nencoding: utf-8";
const HEADER = "PATNO,SEX,BIRTH,SIZE,UNIT,REMARK";
const GOOD = (): string => `nurhierP21,F,19600101,3,mm,${nowhere()}`;
const csv = (code: string, rows: string | Uint8Array, file = DELIMITED): BadSource => ({
  code,
  words: ["site", "ingest", "bad", "--mapping", "bad/mapping.yaml"],
  files: { "mapping.yaml": small(file), "a.csv": rows },
});
const rowsWith = (row: string): string => `${HEADER}\n${GOOD()}\n${row}\n`;

export const badSources = (): readonly BadSource[] => [
  csv("ingest/bad-date", rowsWith(`nurhierP22,F,${nowhere()},3,mm,`)),
  csv("ingest/bad-number", rowsWith(`nurhierP22,F,19600101,${nowhere()},mm,`)),
  csv("ingest/unknown-code", rowsWith(`nurhierP22,${nowhere()},19600101,3,mm,`)),
  csv("ingest/unknown-unit", rowsWith(`nurhierP22,F,19600101,3,${nowhere()},`)),
  csv("ingest/out-of-range", rowsWith(`nurhierP22,F,19600101,${nowhereDigits()},mm,`)),
  csv("ingest/duplicate-patient", rowsWith(`nurhierP21,F,19600101,3,mm,${nowhere()}`)),
  csv("ingest/missing-patient-number", rowsWith(`,F,19600101,3,mm,${nowhere()}`)),
  csv("ingest/too-many-columns", rowsWith(`nurhierP22,F,19600101,3,mm,${nowhere()},${nowhere()}`)),
  csv("ingest/unterminated-quote", rowsWith(`nurhierP22,F,19600101,3,mm,"${nowhere()}`)),
  csv("ingest/zero-byte", rowsWith(`nurhierP22,F,19600101,3,mm,${nowhere()}\0`)),
  csv(
    "ingest/wrong-encoding",
    Buffer.concat([Buffer.from(rowsWith(`nurhierP22,F,19600101,3,mm,${nowhere()}`)), Buffer.from([0xb0, 0xa1, 44, 10, 65, 10])]),
  ),
  csv("ingest/wrong-delimiter", rowsWith(GOOD()).replaceAll(",", ";")),
  csv("ingest/missing-column", `${nowhere()},${nowhere()}\n${nowhere()},${nowhere()}\n`),
  csv("ingest/no-rows", `${HEADER},${nowhere()}\n`),
  csv("ingest/foreign-format", `<html><body>${nowhere()}</body></html>`),
  csv("ingest/bad-workbook", `PK${nowhere()}`, "format: xlsx\npath: a.csv"),
  csv("ingest/bad-date", workbookOf([textSheet("a", rowsWith(`nurhierP22,F,${nowhere()},3,mm,`))]), "format: xlsx\npath: a.csv"),
  csv("ingest/no-sheet", workbookOf([textSheet(inFileName(), rowsWith(GOOD()))]), "format: xlsx\npath: a.csv\nsheet: b"),
  csv("ingest/bad-parquet", `PAR1${nowhere()}PAR1`, "format: parquet\npath: a.csv"),
  csv("mapping/bad-value", rowsWith(GOOD()), `path: a.csv\ndelimiter: ${nowhere()}\nencoding: utf-8`),
  {
    code: "intake/malformed-json",
    words: ["site", "intake", "fhir", "bad"],
    files: {
      "a.ndjson": `{"resourceType":"Patient","id":"${nowhere()}"\n{"resourceType":["${nowhere()}"]}\n"${nowhere()}"\n{"resourceType":"Patient","id":"${intakeOnly()}"}\n{"resourceType":"Patient","id":"x","meta":{"lastUpdated":"${intakeOnly()}"}}\n`,
    },
  },
  { code: "intake/malformed-json", words: ["site", "intake", "fhir", "bad", "--on-fault", "stop"], files: { "b.ndjson": `{${nowhere()}` } },
  {
    code: "intake/cut-short",
    words: ["site", "intake", "fhir", "bad"],
    files: { "c.json": `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"${nowhere()}` },
  },
  {
    code: "hl7/",
    words: ["site", "intake", "hl7", "bad"],
    files: {
      "d.hl7": `${nowhere()}\rMSH|^~\\&|${nowhere()}\rPID|${nowhere()}\rMSH|^~\\&|A|B|C|D|${nowhere()}||ADT^A08|1|P|2.5||||||${nowhere()}\rPID|1||nurhierP1^^^H^MR||${nowhere()}|||||\r`,
    },
  },
  {
    code: "dicom/cut-short",
    words: ["site", "images", "take", "bad"],
    files: {
      "e.dcm": dicomFile([element("00080016", "UI", nowhere()), element("00100010", "PN", nowhere())]),
      "f.dcm": `${"\0".repeat(128)}DICM${nowhere()}`,
    },
  },
  {
    code: "ingest/bad-workbook",
    words: ["site", "sniff", "bad"],
    files: {
      "a.csv": rowsWith(`"${nowhere()}`),
      "b.xlsx": `PK\u0003\u0004${nowhere()}`,
      "h.csv": `nurhierP1,${nowhere()},${nowhereDigits()}\nnurhierP2,${nowhere()},${nowhereDigits()}\nnurhierP3,${nowhere()},${nowhereDigits()}\n`,
      "c.parquet": `PAR1${nowhere()}PAR1`,
      "d.csv": `${nowhere()}\0`,
    },
  },
  {
    code: "vocabulary/missing-column",
    words: ["site", "vocabulary", "load", "bad", "--part"],
    files: { "CONCEPT.csv": `${nowhere()}\t${nowhere()}\n` },
  },
  {
    code: "map/not-csv",
    words: ["site", "map", "import", "LIST", "bad/a.csv", "--by", "kim"],
    files: { "a.csv": `${nowhere()},${nowhere()}\n"${nowhere()}\n` },
  },
  {
    code: "map/bad-cell",
    words: ["site", "map", "add", "LIST", "bad/a.csv", "--by", "kim"],
    files: { "a.csv": `code,name,frequency\n,${nowhere()},${nowhere()}\n` },
  },
  {
    code: "load/bad-value",
    words: ["site", "load", "--plan", "bad/load.yaml"],
    files: { "load.yaml": `dureLoad: 1\nid: ${nowhere()} ${nowhere()}\nversion: ${nowhere()}\nsources: []\n` },
  },
  {
    code: "load/too-few-persons",
    words: ["site", "load", "--plan", "bad/load.yaml"],
    files: {
      "load.yaml": planOf(false)
        .replace(/ {2}- \{ mapping.*\n/, "")
        .replace(/ {2}- \{ (fhir|images).*\n/g, "")
        .replace("path: omop", "path: ."),
      "person.csv": `person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id\n${nowhere()},${nowhere()},1960,0,0\n1,"${nowhere()}`,
    },
  },
];
