import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import { parseMapping } from "./parse.ts";

const example = (name: string): string =>
  readFileSync(new URL(`../../../../examples/mappings/${name}/mapping.yaml`, import.meta.url), "utf8");
const rotterdam = example("rotterdam");

/** `code line path` of every problem. */
function problemsOf(text: string): readonly string[] {
  try {
    parseMapping({ file: "mapping.yaml", text });
  } catch (error) {
    assert(error instanceof DureError);
    for (const { what, remedy } of error.problems) assert.match(what.ko + remedy.ko, /[가-힣]/);
    return error.problems.map(({ code, place }) => `${code} ${place.line ?? ""} ${place.path ?? ""}`);
  }
  return [];
}

const lineOf = (part: string): number => rotterdam.slice(0, rotterdam.indexOf(part)).split("\n").length;

test("the example mappings parse", () => {
  for (const name of ["rotterdam", "metabric", "korean-hospital"]) assert.equal(parseMapping({ file: name, text: example(name) }).id, name);
});

test("each mistake is told by code, line and path", () => {
  const line = lineOf("age:        {");
  const refusals: readonly (readonly [from: string, to: string, problems: readonly string[]])[] = [
    ["delimiter: comma", "delimitr: comma", ["mapping/bad-value 10 files.patients.delimiter", "mapping/unknown-key 10 files.patients"]],
    ["number: age, unit: a", "number: age, unit: annum", [`mapping/bad-value ${line} files.patients.values.age.unit`]],
    ["number: age, unit: a", "nummer: age, unit: a", [`mapping/bad-value ${line} files.patients.values.age`]],
    ["default: female", "default: femal", [`mapping/bad-value ${lineOf("sex:")} files.patients.values.sex.default`]],
    ["value: er, of", "value: err, of", [`mapping/unknown-reference ${lineOf("value: er, of")} files.patients.rows.6.value`]],
    ["value: er, of: cancer", "value: er, of: cancer, bogus: 1", [`mapping/unknown-key ${lineOf("value: er, of")} files.patients.rows.6`]],
    ["value: er, of: cancer", "value: er, of: tumour", [`mapping/unknown-reference ${lineOf("value: er, of")} files.patients.rows.6.of`]],
    [
      "number: er, unit: fmol/mg",
      "number: er, unit: mm",
      [`mapping/unit-does-not-fit ${lineOf("value: er, of")} files.patients.rows.6.value`],
    ],
    ["gender: sex", "gender: age", [`mapping/wrong-kind ${lineOf("gender: sex")} files.patients.rows.0.gender`]],
    [
      "offset: rtime, unit: days, after: surgery",
      "offset: rtime, unit: days, after: recurrence",
      [`mapping/circular ${lineOf("offset: rtime")} files.patients.values.recurrence`],
    ],
    [
      "offset: rtime, unit: days",
      "offset: rtime, unit: months",
      [`mapping/days-per-unit ${lineOf("offset: rtime")} files.patients.values.recurrence`],
    ],
    ["persons: patients", "persons: people", [`mapping/unknown-reference ${lineOf("persons:")} persons`]],
    [
      'monthDay: "07-01"',
      'monthDay: "July"',
      [`mapping/bad-value ${lineOf("surgery:")} files.patients.values.surgery.anchorDate.monthDay`],
    ],
    ["version: 1", "version: 1\nversion: 2", ["mapping/not-yaml 5 "]],
  ];
  for (const [from, to, problems] of refusals) {
    assert(rotterdam.includes(from), from);
    assert.deepEqual([...problemsOf(rotterdam.replace(from, to))].sort(), [...problems].sort(), to);
  }
});

test("of a persons file that is none, the one that is meant is named, and what else is wrong is told as if it were", () => {
  const of = (text: string) => {
    try {
      parseMapping({ file: "mapping.yaml", text });
    } catch (error) {
      assert(error instanceof DureError);
      return error.problems.map(({ what, remedy }) => `${what.en} ${remedy.en}`);
    }
    return [];
  };
  const misnamed = rotterdam.replace("persons: patients", "persons: people");
  assert.deepEqual(of(misnamed), ['this mapping has no file "people". Write persons: patients, which has the row "to: person".']);
  assert.equal(of(misnamed.replace("value: er, of", "value: err, of")).length, 2);
  const without = misnamed.replace("to: person,", "to: death, date: died, ").replace(/gender: sex,.*$/m, "}");
  assert.deepEqual(of(without), ['this mapping has no file "people". Name the file with one row a patient, one of: patients.']);
});

test("every place that a draft leaves to be filled in is told, and nothing that only follows from it", () => {
  const draft = rotterdam
    .replace(/^id: .*$/m, "id: FILL-IN")
    .replace(/^title: .*$/m, "title: { en: FILL-IN, ko: FILL-IN }")
    .replace("number: age, unit: a", "number: FILL-IN, unit: FILL-IN")
    .replace("gender: sex", "gender: FILL-IN")
    .replace(/value: patients\.surgery/, "value: patients.FILL-IN")
    .replace("value: er, of: cancer", "value: er, of: cancer, bogus: 1");
  const line = (part: string): number => draft.slice(0, draft.indexOf(part)).split("\n").length;
  assert.deepEqual(problemsOf(draft), [
    `mapping/fill-in ${line("id: FILL-IN")} id`,
    `mapping/fill-in ${line("title: { en: FILL")} title.en`,
    `mapping/fill-in ${line("title: { en: FILL")} title.ko`,
    `mapping/fill-in ${line("number: FILL-IN")} files.patients.values.age.number`,
    `mapping/fill-in ${line("number: FILL-IN")} files.patients.values.age.unit`,
    `mapping/fill-in ${line("gender: FILL-IN")} files.patients.rows.0.gender`,
    `mapping/fill-in ${line("patients.FILL-IN")} observationPeriod.start.0.value`,
    `mapping/unknown-key ${line("bogus")} files.patients.rows.6`,
  ]);
  assert.deepEqual(problemsOf(rotterdam.replace('"<=20": size', "FILL-IN: size")), [
    `mapping/fill-in ${lineOf("size:       {")} files.patients.values.size.codes.FILL-IN`,
  ]);
});

test("mistakes of meaning are all told at once", () => {
  const text = rotterdam
    .replace("value: er, of", "value: err, of")
    .replace("value: pgr, of", "value: prg, of")
    .replace("{ value: died, is", "{ value: dead, is");
  assert.equal(problemsOf(text).length, 3);
});

test("a free text column cannot become a value in OMOP", () => {
  const text = rotterdam.replace("number: nodes, minimum: 0, maximum: 200", "text: nodes");
  assert.match(problemsOf(text).join(), /wrong-kind .* files\.patients\.rows\.5\.value/);
});

const korean = example("korean-hospital");

test("mistakes in look-ups, rows and deliveries are told by code and path", () => {
  const refusals: readonly (readonly [from: string, to: string, problems: readonly string[]])[] = [
    ["next: price", "next: prices", ["mapping/lookup-chain lookups.order-code.next"]],
    ["next: price", "next: order-code", ["mapping/lookup-chain lookups.order-code.next"]],
    ["    next: price\n", "", ["mapping/lookup-end lookups.order-code"]],
    ['      dateFormat: "%Y%m%d"\n    write', "    write", ["mapping/lookup-shape lookups.kcd"]],
    ["column: DIAGCODE, asOf: diagnosed", "column: DIAGCODE", ["mapping/as-of files.diagnoses.values.diagnosis"]],
    ["lookUp: route,", "lookUp: rout,", ["mapping/unknown-reference files.orders.values.route.lookUp"]],
    ["careSite: ward", "careSite: entered", ["mapping/wrong-kind files.intensive-care.rows.0.careSite"]],
    ["value: result, word", "value: taken, word", ["mapping/wrong-kind files.labs.rows.0.value"]],
    ["        record: order\n", "", ["mapping/missing-key files.orders.rows.0.record"]],
    ["concept: { value: exam }, date", "date", ["mapping/missing-key files.labs.rows.0.concept"]],
    ["postalCode: zip", "postalCode: sex", ["mapping/wrong-kind files.patients.rows.0.postalCode"]],
  ];
  for (const [from, to, problems] of refusals) {
    assert(korean.includes(from), from);
    assert.deepEqual(
      problemsOf(korean.replace(from, to)).map((problem) => problem.replace(/ \d+ /, " ")),
      problems,
      `${from} -> ${to}`,
    );
  }
});

test("a declared unit is brought to UCUM's code where it can mean but one, and told with that code where not", () => {
  const unitOf = (unit: string): string | undefined =>
    parseMapping({ file: "mapping.yaml", text: korean.replace("718-7: g/dL", `718-7: ${JSON.stringify(unit)}`) }).lookups?.["exam"]
      ?.units?.["718-7"]?.unit;
  for (const [written, code] of [
    ["10^3/uL", "10*3/uL"],
    ["x10^3/µL", "10*3/uL"],
    ["10³/㎕", "10*3/uL"],
    ["mg/dl", "mg/dL"],
    ["㎎/㎗", "mg/dL"],
    ["kg/m²", "kg/m2"],
    ["10*3/uL", "10*3/uL"],
    ["m[IU]/L", "m[IU]/L"],
    ["mL/min/{1.73_m2}", "mL/min/{1.73_m2}"],
  ] as const) {
    assert.equal(unitOf(written), code, written);
  }
  for (const [written, code] of [
    ["K/uL", "10*3/uL"],
    ["M/uL", "10*6/uL"],
    ["MG/DL", "mg/dL"],
    ["IU/L", "[IU]/L"],
    ["mEq/L", "meq/L"],
    ["mg/24hr", "mg/(24.h)"],
  ] as const) {
    assert.throws(
      () => unitOf(written),
      (error: unknown) => {
        assert(error instanceof DureError);
        const [problem] = error.problems;
        assert.deepEqual([error.problems.length, problem?.code, problem?.place.path], [1, "mapping/bad-value", "lookups.exam.units.718-7"]);
        assert(problem?.what.en.includes(written) && problem.remedy.en.includes(`"${code}"`) && problem.remedy.ko.includes(`"${code}"`));
        return true;
      },
      written,
    );
  }
  assert.throws(() => unitOf("회당"), /no unit of UCUM/);
});

test("a key in one file asks for one in every other, and a deletion is told by a code", () => {
  const keyed = korean.replaceAll("    person: PATNO\n", "    person: PATNO\n    key: [PATNO]\n    delivery: changes\n");
  assert.deepEqual(problemsOf(keyed), []);
  const codes = (text: string) => problemsOf(text).map((problem) => problem.replace(/ \d+ /, " "));
  assert.deepEqual(codes(keyed.replace("    key: [PATNO]\n", "")), ["mapping/missing-key files.patients"]);
  const deleted = "    delivery: changes\n    deletedWhen: [{ value: born, present: true }]\n";
  assert.deepEqual(codes(keyed.replace("    delivery: changes\n", deleted)), ["mapping/wrong-kind files.patients.deletedWhen"]);
  assert.deepEqual(codes(keyed.replace("    delivery: changes\n", deleted.replace("changes", "whole").replace("born", "zip"))), [
    "mapping/deleted-when files.patients.deletedWhen",
  ]);
});

test("a wide table becomes a rule and a value for each column, under names that no document can have", () => {
  const mapping = parseMapping({ file: "korean-hospital", text: korean });
  const { rows = [], values = {} } = mapping.files["vitals"] ?? {};
  assert.equal(rows.length, 9);
  assert.deepEqual(
    rows.map((row) => (row.to === "measurement" ? row.value : "")),
    ["HT", "WT", "BMI", "SBP", "DBP", "PR", "RR", "BT", "SPO2"].map((column) => `#1 ${column}`),
  );
  assert.equal(Object.keys(values).filter((name) => name.startsWith("#")).length, 18);
});
