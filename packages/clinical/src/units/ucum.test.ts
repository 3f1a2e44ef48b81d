/** Conversions against UCUM's own functional tests, and against figures that follow from definitions. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sharedData } from "@dure/kernel/testing";
import fc from "fast-check";
import { XMLParser } from "fast-xml-parser";
import { readDeclaredUnit } from "./source-unit.ts";
import { convertUnits, findUcumCode, isUcumCode, type Substance } from "./ucum.ts";

const path = sharedData("clinical/ucum/UcumFunctionalTests.xml");

interface Case {
  readonly id: string;
  readonly value: string;
  readonly srcUnit: string;
  readonly dstUnit: string;
  readonly outcome: string;
}

function convert(value: number, from: string, to: string, substance?: Substance): number {
  const conversion = convertUnits(from, to, substance);
  assert(conversion.kind === "conversion", `${from} to ${to}`);
  return value * conversion.factor + conversion.offset;
}

/** The relative error allowed by the digits of the printed outcome, which is rounded to the input's. */
function tolerance({ value, outcome }: Case): number {
  const digits = (text: string) => text.replace(/e.*/i, "").replace(".", "").replace(/^0+/, "").length;
  return 0.5001 * 10 ** (1 - Math.min(digits(value) > 1 ? Math.max(2, digits(outcome)) : digits(outcome), 12));
}

test("all 30 conversions of UcumFunctionalTests.xml hold", { skip: path === undefined ? "no shared data" : false }, () => {
  const document = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "" }).parse(readFileSync(path ?? "", "utf8"));
  const cases: readonly Case[] = document.ucumTests.conversion.case;
  assert.equal(cases.length, 30);
  for (const each of cases) {
    const found = convert(Number(each.value), each.srcUnit, each.dstUnit);
    const expected = Number(each.outcome);
    assert(Math.abs(found - expected) <= Math.abs(expected) * tolerance(each), `${each.id}: ${found} for ${each.outcome}`);
  }
});

test("units of a laboratory convert by their definitions", () => {
  const known: readonly (readonly [value: number, from: string, to: string, expected: number, substance?: Substance])[] = [
    [1, "g/dL", "g/L", 10],
    [5.5, "10*3/uL", "10*9/L", 5.5],
    [37, "Cel", "[degF]", 98.6],
    [212, "[degF]", "Cel", 100],
    [180.156, "mg/dL", "mmol/L", 10, { molarMassGPerMol: 180.156 }],
    [1, "mg/dL", "umol/L", 1000 / 11.312 / 1, { molarMassGPerMol: 113.12 }],
    [4, "meq/L", "mmol/L", 2, { valence: 2 }],
    [1, "ng/mL", "ug/L", 1],
    [2.54, "cm", "[in_i]", 1],
    [760, "mm[Hg]", "kPa", 101.32472],
    [1, "wk", "d", 7],
  ];
  for (const [value, from, to, expected, substance] of known) {
    const found = convert(value, from, to, substance);
    assert(Math.abs(found - expected) <= Math.abs(expected) * 2e-6, `${from} to ${to}: ${found}`);
  }
});

test("what cannot be converted says why", () => {
  const reason = (from: string, to: string) => {
    const conversion = convertUnits(from, to);
    return conversion.kind === "none" ? conversion.reason : conversion;
  };
  assert.equal(reason("mg/dL", "mmol/L"), "molar mass needed");
  assert.equal(reason("meq/L", "mmol/L"), "valence needed");
  assert.equal(reason("g/dL", "mm"), "another quantity");
  assert.equal(reason("a word", "mm"), "not a unit");
  assert.equal(reason("mm", "(m){x}"), "not a unit");
  assert.equal(reason("B", "1"), "not a linear scale");
});

test("a conversion and its way back cancel", () => {
  const groups = [
    ["g/dL", "mg/dL", "ug/mL", "kg/m3"],
    ["Cel", "K", "[degF]"],
    ["10*3/uL", "10*9/L", "/uL", "10*6/mL"],
  ];
  const pair = fc.constantFrom(...groups).chain((group) => fc.tuple(fc.constantFrom(...group), fc.constantFrom(...group)));
  fc.assert(
    fc.property(pair, fc.integer({ min: -1000, max: 1000 }), ([from, to], value) => {
      assert(Math.abs(convert(convert(value, from, to), to, from) - value) < 1e-6);
    }),
  );
});

test("a unit is recognised in the manners in which Korean laboratories write it", () => {
  const known: readonly (readonly [source: string, code: string])[] = [
    ["mg/dl", "mg/dL"],
    ["MG/DL", "mg/dL"],
    ["㎎/㎗", "mg/dL"],
    ["10^3/uL", "10*3/uL"],
    ["x10³/㎕", "10*3/uL"],
    ["K/uL", "10*3/uL"],
    ["10^6/mm³", "10*6/mm3"],
    ["mEq/L", "meq/L"],
    ["U/L", "U/L"],
    ["IU/L", "[IU]/L"],
    ["μIU/mL", "u[IU]/mL"],
    ["세포/uL", "{cells}/uL"],
    ["회/분", "/min"],
    ["mmHg", "mm[Hg]"],
    ["℃", "Cel"],
    ["mL/min/1.73m²", "mL/min/{1.73_m2}"],
    ["kg/m²", "kg/m2"],
    ["mm/hr", "mm/h"],
    ["㎏", "kg"],
    ["정", "{tbl}"],
    ["10(3)/uL", "10*3/uL"],
    ["K/cumm", "10*3/mm3"],
    ["thou/mcL", "10*3/uL"],
    ["M/uL", "10*6/uL"],
    ["백만/㎕", "10*6/uL"],
    ["T/L", "10*12/L"],
    ["#/uL", "/uL"],
    ["mm/1hr", "mm/h"],
    ["mg/24hr", "mg/(24.h)"],
    ["AU/mL", "[arb'U]/mL"],
    ["copies/mL", "{copies}/mL"],
    ["GPL", "[GPL'U]"],
  ];
  for (const [source, code] of known) {
    assert.equal(findUcumCode(source), code);
    assert(isUcumCode(code), code);
  }
  for (const source of ["", "  ", "환자가 거부함", "see note", "mg per", "x".repeat(61)]) assert.equal(findUcumCode(source), undefined);
});

test("a unit declared in a document never becomes another unit of UCUM without a word", () => {
  const parts = [
    "g",
    "mg",
    "kg",
    "l",
    "ml",
    "dl",
    "ul",
    "fl",
    "mol",
    "mmol",
    "m",
    "mm",
    "u",
    "mu",
    "iu",
    "meq",
    "t",
    "c",
    "f",
    "h",
    "s",
    "k",
    "pH",
    "a",
  ];
  const powers = ["10^3", "x10^9", "10*6", "10³", "k", "K", "M"];
  const spelt = fc
    .constantFrom(...parts, ...powers)
    .chain((part) =>
      fc
        .array(fc.boolean(), { minLength: part.length, maxLength: part.length })
        .map((upper) => [...part].map((letter, i) => (upper[i] === true ? letter.toUpperCase() : letter)).join("")),
    );
  fc.assert(
    fc.property(fc.array(spelt, { minLength: 1, maxLength: 3 }), (unit) => {
      const given = unit.join("/");
      const read = readDeclaredUnit(given);
      if (read?.kind !== "code" || !isUcumCode(given) || read.code === given) return;
      assert.deepEqual(convertUnits(given, read.code), { kind: "conversion", factor: 1, offset: 0 }, `${given} became ${read.code}`);
    }),
    { numRuns: 400 },
  );
});
