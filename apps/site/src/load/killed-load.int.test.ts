/** Loads from every kind of source that are killed around every step that persists something, and at ten random moments. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { encodeCp949 } from "@dure/kernel";
import { textSheet, workbookOf } from "../sources/testing-workbook.ts";
import { type TestHome, testHome } from "./testing-home.ts";
import { assertKillsLeaveNothing, loadHome } from "./testing-killed-load.ts";

const planOf = (source: string): string => `
dureLoad: 1
id: hospital-1
version: 1
title: { en: Hospital 1, ko: 병원 1 }
minimumMappedShare: { overall: 0 }
sources: [${source}]
`;

/** Small, and of one source: every process pays for its own start. */
async function omopHome(): Promise<TestHome> {
  const home = testHome();
  writeFileSync(home.planPath, planOf('{ omop: warehouse, path: omop, cdmVersion: "5.4" }'));
  writeOmop(home, 300);
  await loadHome(home, "load");
  writeOmop(home, 600);
  return home;
}

const idsTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1);
const dayOf = (id: number): string => String(1 + (id % 28)).padStart(2, "0");

function writeOmop({ folder }: TestHome, count: number): void {
  const persons = idsTo(count).map((id) => `${id},8532,${1930 + (id % 60)},0,0`);
  const conditions = idsTo(count).map((id) => `${id},${id},4112853,2020-01-${dayOf(id)},32817`);
  const write = (name: string, lines: readonly string[]): void => writeFileSync(join(folder, "omop", name), `${lines.join("\n")}\n`);
  write("person.csv", ["person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id", ...persons]);
  write("condition_occurrence.csv", [
    "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_type_concept_id",
    ...conditions,
  ]);
}

/**
 * A mapping with all that stays from load to load or lies beside the store meanwhile: keyed rows of which a later export brings changes,
 * merged persons, a look-up's table, codes that it leaves open, a workbook and CP949 text that are copied first.
 */
async function exportsHome(): Promise<TestHome> {
  const home = testHome();
  writeFileSync(home.planPath, planOf("{ mapping: mapping.yaml, directory: exports }"));
  writeFileSync(join(home.folder, "mapping.yaml"), MAPPING);
  writeExports(home, idsTo(40));
  await loadHome(home, "ingest");
  const changed = idsTo(60).filter((id) => id % 3 > 0);
  writeExports(home, changed, true);
  return home;
}

function writeExports({ folder }: TestHome, ids: readonly number[], isLater = false): void {
  const write = (name: string, content: string | Uint8Array): void => writeFileSync(join(folder, "exports", name), content);
  const lines = (all: readonly string[]): string => `${all.join("\n")}\n`;
  write("환자.csv", encodeCp949(lines(["등록번호,성별,BIRTH", ...ids.map((id) => `P${id},여,19${30 + (id % 60)}0101`)])));
  const diagnoses = ids.map((id) => `P${id},${id},2020-01-${dayOf(id + Number(isLater))},L${id % 5},${isLater && id % 7 === 0 ? "D" : ""}`);
  write("diagnoses.xlsx", workbookOf([textSheet("1", lines(["PATNO,NO,DATE,CODE,STATE", ...diagnoses]))]));
  write("codes.csv", encodeCp949(lines(["CODE,MEANS,이름", ...idsTo(4).map((id) => `L${id},C50${id},병명`)])));
  write("merges.csv", lines(["OLDNO,NEWNO", ...(isLater ? ["P1,P2", "P2,P4"] : [])]));
}

const MAPPING = `
dureMapping: 1
id: killed
version: 1
title: { en: Killed, ko: 중단 }
recordType: ehr
persons: patients
merges: { path: merges.csv, delimiter: comma, encoding: utf-8, from: OLDNO, to: NEWNO, mayBeEmpty: true }
lookups:
  local:
    table: { path: codes.csv, delimiter: comma, encoding: cp949, code: CODE, gives: MEANS }
    write: dotted
    siteList: hospital-diagnoses
    vocabulary: KCD7
files:
  patients:
    path: 환자.csv
    delimiter: comma
    encoding: cp949
    person: 등록번호
    key: [등록번호]
    delivery: changes
    values:
      sex: { codeConcept: 성별, codes: { 여: female, 남: male } }
      born: { date: BIRTH, format: "%Y%m%d" }
    rows: [{ to: person, gender: sex, yearOfBirth: { date: born } }]
  diagnoses:
    format: xlsx
    path: diagnoses.xlsx
    sheet: 1
    person: PATNO
    key: [NO]
    delivery: changes
    values:
      diagnosed: { date: DATE, format: "%Y-%m-%d" }
      code: { lookUp: local, column: CODE, asOf: diagnosed }
      state: { text: STATE }
    deletedWhen: [{ value: state, is: D }]
    rows: [{ to: condition, concept: { value: code }, date: diagnosed }]
observationPeriod:
  rule: { en: Diagnoses., ko: 진단. }
  start: [{ value: diagnoses.diagnosed }]
  end: [{ value: diagnoses.diagnosed }]
  withoutEnd: one-day
`;

test("a load of an OMOP database killed around every persisted step and at ten random moments ends as one that was not", async () => {
  const progressSteps = ["progress writing", "progress hashing"];
  await assertKillsLeaveNothing({ loadedHome: omopHome, commands: ["load"], progressSteps, seed: 31 });
});

test("a load and an ingest of mapped exports killed around every persisted step and at ten random moments end as one that was not", async () => {
  const progressSteps = ["progress checking 0", "progress checking 1", "progress writing", "progress hashing"];
  await assertKillsLeaveNothing({ loadedHome: exportsHome, commands: ["load", "ingest"], progressSteps, seed: 32 });
});
