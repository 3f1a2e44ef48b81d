/**
 * For tests only: the exports of a made-up Korean hospital, and the research table that must follow from them.
 *
 * Four files in four manners: patients in CP949 with Korean headers, pathology in UTF-8 with a byte order mark, decimal commas and
 * centimetres, dated events, follow-up visits. Nothing here is taken from any patient: all of it follows from the seed.
 */

import { encodeCp949, SeededRandom } from "@dure/kernel";

export interface Hospital {
  readonly mapping: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** By hospital number; a missing cell is undefined. */
  readonly expected: ReadonlyMap<string, Readonly<Record<string, number | undefined>>>;
}

const DIAGNOSES = ["C50", "D05"] as const;

export function generateHospital(seed: number, patientCount: number): Hospital {
  const random = new SeededRandom(seed);
  const patients = ["등록번호,성별,생년월일,진단일,진단코드,호르몬치료"];
  const pathology = ["PATNO;SIZE;UNIT;GRADE;NODES;ER;PR"];
  const events = ["PATNO|DATE|KIND"];
  const visits = ["PATNO\tSEEN"];
  const expected = new Map<string, Readonly<Record<string, number | undefined>>>();
  for (let i = 0; i < patientCount; i++) {
    const number = `H${String(1000 + i)}`;
    const born = day(1930 + random.below(50), random.below(12), random.below(28));
    const diagnosed = day(2005 + random.below(10), random.below(12), random.below(28));
    const isCancer = random.below(8) > 0;
    const hormon = random.below(10);
    patients.push(
      [
        number,
        random.below(50) === 0 ? "남" : "여",
        compact(born),
        dotted(diagnosed),
        DIAGNOSES[isCancer ? 0 : 1],
        hormon === 0 ? "" : hormon < 6 ? "예" : "아니오",
      ].join(","),
    );
    const sizeMm = 1 + random.below(80);
    const inCm = random.below(2) === 0;
    const grade = random.below(4);
    const nodes = random.below(12);
    const [er, pr] = [random.below(3), random.below(3)];
    const size = inCm ? String(sizeMm / 10).replace(".", ",") : String(sizeMm);
    pathology.push(
      [number, size, inCm ? "센티" : "mm", ["I", "II", "III", "?"][grade], nodes, ["-", "+", ""][er], ["-", "+", ""][pr]].join(";"),
    );
    const lastSeen = addDays(diagnosed, random.below(4000));
    const firstSeen = addDays(diagnosed, random.below(30));
    visits.push(`${number}\t${iso(firstSeen)}`, `${number}\t${iso(lastSeen)}`);
    const recurred = random.below(3) === 0 ? addDays(diagnosed, 1 + random.below(3000)) : undefined;
    const died = random.below(5) === 0 ? addDays(lastSeen, random.below(300)) : undefined;
    if (recurred !== undefined) events.push(`${number}|${iso(recurred)}|R`, `${number}|${iso(addDays(recurred, 40))}|M`);
    if (died !== undefined) events.push(`${number}|${iso(died)}|D`);
    const end = Math.min(
      ...[recurred, died].flatMap((date) => date ?? []),
      Math.max(...[firstSeen, lastSeen, recurred, died].flatMap((date) => date ?? [])),
    );
    const [days, event] = [end - diagnosed, recurred !== undefined || died !== undefined ? 1 : 0];
    const row = {
      age: (diagnosed - born) / 365.25,
      size_cat: sizeMm <= 20 ? 1 : sizeMm <= 50 ? 2 : 3,
      grade: grade === 3 ? undefined : grade + 1,
      nodes,
      er_pos: er === 2 ? undefined : er,
      pr_pos: pr === 2 ? undefined : pr,
      hormon: hormon === 0 ? undefined : hormon < 6 ? 1 : 0,
      ...{ days, event, y5: event === 1 && days <= 1826 ? 1 : days > 1826 ? 0 : undefined },
    };
    const isComplete = Object.entries(row).every(([name, value]) => name === "y5" || value !== undefined);
    if (isCancer && isComplete && days > 0) expected.set(number, row);
  }
  return {
    mapping: MAPPING,
    expected,
    files: {
      "환자.csv": encodeCp949(`${patients.join("\r\n")}\r\n`),
      "pathology.csv": new TextEncoder().encode(`\uFEFF${pathology.join("\n")}\n`),
      "events.txt": new TextEncoder().encode(`${events.join("\n")}\n`),
      "visits.tsv": new TextEncoder().encode(`${visits.join("\n")}\n`),
    },
  };
}

/** Days since 1970-01-01. */
const day = (year: number, month: number, date: number): number => Date.UTC(year, month, date + 1) / 86_400_000;
const addDays = (date: number, days: number): number => date + days;
const iso = (date: number): string => new Date(date * 86_400_000).toISOString().slice(0, 10);
const compact = (date: number): string => iso(date).replaceAll("-", "");
const dotted = (date: number): string => iso(date).replaceAll("-", ".");

const MAPPING = `
dureMapping: 1
id: generated
version: 1
title: { en: Generated hospital, ko: 생성된 병원 }
recordType: ehr
persons: patients
files:
  patients:
    path: 환자.csv
    mayBeEmpty: true
    delimiter: comma
    encoding: cp949
    person: 등록번호
    values:
      sex: { codeConcept: 성별, codes: { 여: female, 남: male } }
      born: { date: 생년월일, format: "%Y%m%d" }
      diagnosed: { date: 진단일, format: "%Y.%m.%d" }
      diagnosis: { text: 진단코드 }
      hormon: { codeConcept: 호르몬치료, codes: { 예: "yes", 아니오: "no" } }
      age: { yearsBetween: [born, diagnosed] }
    rows:
      - { to: person, gender: sex, yearOfBirth: { date: born } }
      - { to: condition, id: cancer, concept: breast-cancer, date: diagnosed, when: [{ value: diagnosis, startsWith: C50 }], otherwise: carcinoma in situ }
      - { to: observation, concept: age-at-diagnosis, date: diagnosed, value: age, of: cancer }
      - { to: observation, concept: hormone-therapy, date: diagnosed, value: hormon, of: cancer }
  pathology:
    path: pathology.csv
    mayBeEmpty: true
    delimiter: semicolon
    encoding: utf-8-bom
    person: PATNO
    values:
      size: { number: SIZE, decimal: ",", minimum: 0, maximum: 500, unit: { column: UNIT, units: { 센티: cm, mm: mm } } }
      grade: { codeNumber: GRADE, codes: { I: 1, II: 2, III: 3, "?": missing } }
      nodes: { number: NODES }
      er: { codeConcept: ER, codes: { "+": positive, "-": negative } }
      pr: { codeConcept: PR, codes: { "+": positive, "-": negative } }
    rows:
      - { to: measurement, concept: tumour-size, date: patients.diagnosed, value: size, of: cancer }
      - { to: measurement, concept: tumour-grade, date: patients.diagnosed, value: grade, of: cancer }
      - { to: measurement, concept: positive-nodes, date: patients.diagnosed, value: nodes, of: cancer }
      - { to: measurement, concept: oestrogen-receptor, date: patients.diagnosed, value: er, of: cancer }
      - { to: measurement, concept: progesterone-receptor, date: patients.diagnosed, value: pr, of: cancer }
  events:
    path: events.txt
    mayBeEmpty: true
    delimiter: pipe
    encoding: utf-8
    person: PATNO
    values:
      happened: { date: DATE, format: "%Y-%m-%d" }
      kind: { text: KIND }
    rows:
      - { to: recurrence, date: happened, of: cancer, when: [{ value: kind, in: [R, M] }], otherwise: not a recurrence }
      - { to: death, date: happened, when: [{ value: kind, is: D }], otherwise: not a death }
  visits:
    path: visits.tsv
    mayBeEmpty: true
    delimiter: tab
    encoding: utf-8
    person: PATNO
    values:
      seen: { date: SEEN, format: "%Y-%m-%d" }
    rows:
      - { to: visit, concept: outpatient, date: seen }
observationPeriod:
  rule: { en: From diagnosis to the last visit or event., ko: 진단일부터 마지막 방문일 또는 사건일까지. }
  start: [{ value: patients.diagnosed }]
  end: [{ value: visits.seen }, { value: events.happened }]
  withoutEnd: one-day
`;
