import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMapping } from "./parse.ts";
import { usesOf } from "./uses.ts";

const mapping = parseMapping({
  file: "mapping.yaml",
  text: `
dureMapping: 1
id: uses
version: 1
title: { en: Uses, ko: 쓰임 }
recordType: ehr
persons: patients
files:
  patients:
    path: patients.csv
    delimiter: comma
    encoding: utf-8
    person: PATNO
    values:
      born: { date: BIRTH, format: "%Y-%m-%d" }
      sex: { codeConcept: SEX, codes: { F: female } }
      diagnosed: { date: DIAGNOSED, format: "%Y-%m-%d" }
    rows: [{ to: person, gender: sex, yearOfBirth: { date: born } }]
  labs:
    path: labs.csv
    delimiter: comma
    encoding: utf-8
    person: PATNO
    values:
      code: { text: CODE }
      day: { offset: DAY, unit: days, after: patients.diagnosed }
      first: { number: RESULT, unit: mm }
      second: { number: RESULT2, unit: mm }
      size: { firstOf: [first, second] }
      ward: { text: WARD }
      limit: { number: LIMIT }
    rows:
      - { to: measurement, concept: tumour-size, date: day, value: size, when: [{ value: code, is: A }] }
      - { to: measurement, concept: tumour-size, date: day, value: second, when: [{ value: code, is: B }, { value: limit, above: 1 }] }
observationPeriod:
  rule: { en: At birth., ko: 출생일. }
  start: [{ value: patients.born }]
  end: [{ value: patients.born }]
  withoutEnd: one-day
`,
});

test("a value is used where its rules' conditions hold, through the values computed from it too", () => {
  const [a, b] = [
    [{ value: "code", is: "A" }],
    [
      { value: "code", is: "B" },
      { value: "limit", above: 1 },
    ],
  ];
  assert.deepEqual(Object.fromEntries(usesOf(mapping, "labs")), {
    code: "every-row",
    day: [a, b],
    first: [a],
    second: [a, b],
    size: [a],
    ward: "nowhere",
    limit: "every-row",
  });
});

test("a value of the persons file that another file uses is used in every row", () => {
  assert.deepEqual(Object.fromEntries(usesOf(mapping, "patients")), { born: "every-row", sex: "every-row", diagnosed: "every-row" });
});
