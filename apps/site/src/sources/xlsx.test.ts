import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceFolder } from "./testing-source.ts";
import { cells, textSheet, workbookOf, workbookParts, zipOf } from "./testing-workbook.ts";

const HEADER = [cells.text("PATNO"), cells.text("TAKEN"), cells.text("RESULT"), cells.text("NOTE")];
const SOURCE = "format: xlsx\npath: labs.xlsx";
/** 2024-03-05 */
const SERIAL = 45356;

test("cells become the text that Excel shows: Korean, dates in the declared format, numbers, truth, formulas by their last value", async () => {
  using folder = sourceFolder();
  const rows = [
    HEADER,
    [cells.shared(0), cells.date(SERIAL), cells.number("13.5"), cells.shared(1)],
    [cells.number("10000002"), cells.date(SERIAL + 13.5 / 24), cells.formula("1+1", "2"), cells.text("남 & 여")],
    [],
    [cells.text("A3"), cells.text("2024-03-06 00:00"), cells.number("0.10000000000000001"), cells.truth(true)],
  ];
  folder.write("labs.xlsx", workbookOf([{ name: "검사결과", rows }], ["A1", "여"]));
  const read = await folder.read(SOURCE);
  assert.deepEqual(read.header, ["PATNO", "TAKEN", "RESULT", "NOTE"]);
  assert.deepEqual(read.rows, [
    ["A1", "2024-03-05 00:00", "13.5", "여"],
    ["10000002", "2024-03-05 13:30", "2", "남 & 여"],
    ["A3", "2024-03-06 00:00", "0.1", "TRUE"],
  ]);
  assert.deepEqual(read.rowsLeftOut, [3]);
});

test("a sheet is chosen by name or number, and its header may stand below a title", async () => {
  using folder = sourceFolder();
  const sheets = [
    textSheet("안내", "readme\n"),
    textSheet("검사 결과", "2024년 검사\nPATNO,TAKEN,RESULT,NOTE\nA1,2024-03-05 10:00,1,여\n"),
  ];
  folder.write("labs.xlsx", workbookOf(sheets));
  for (const sheet of ["sheet: 검사 결과", "sheet: 2"]) {
    const read = await folder.read(`${SOURCE}\n${sheet}\nheaderRow: 2`);
    assert.deepEqual(read.rows, [["A1", "2024-03-05 10:00", "1", "여"]]);
  }
});

const good = textSheet("labs", "PATNO,TAKEN,RESULT,NOTE\nA1,2024-03-05 10:00,1,여\n");
const big = "0".repeat(4 * 2 ** 20);
/** Not so even that the measure of bombs refuses it. */
const endless = Array.from({ length: 2 ** 19 }, (_, i) => (i * i).toString(36)).join("");

const replacePart = (parts: ReturnType<typeof workbookParts>, name: string, content: string) =>
  zipOf(parts.map((part) => (part.name === name ? { ...part, content } : part)));
/** One bit of the sheet's packed bytes. */
function flipped(workbook: Buffer): Buffer {
  const at = workbook.indexOf("xl/worksheets/sheet1.xml") + 60;
  workbook.writeUInt8(workbook.readUInt8(at) ^ 1, at);
  return workbook;
}
const withSheet = (sheetData: string, parts = workbookParts([good])): Buffer =>
  replacePart(parts, "xl/worksheets/sheet1.xml", `<x:worksheet xmlns:x="urn:any">${sheetData}</x:worksheet>`);
/** Columns PATNO, TAKEN, RESULT, NOTE in row 1. */
const NAMES = `<x:row r="1">${["PATNO", "TAKEN", "RESULT", "NOTE"].map((name) => `<x:c t="inlineStr"><x:is><x:t>${name}</x:t></x:is></x:c>`).join("")}</x:row>`;

test("hidden rows, merged cells, errors, long numbers, rich text, readings and any prefix are read as Excel shows them", async () => {
  using folder = sourceFolder();
  const rows = `${NAMES}
    <x:row r="2" hidden="1"><x:c r="A2"><x:v>12345678901234567890</x:v></x:c><x:c r="C2" t="e"><x:v>#N/A</x:v></x:c>
      <x:c r="D2" t="inlineStr"><x:is><x:r><x:t>남&#x1F600;</x:t></x:r><x:r><x:t> 여_x0041_</x:t></x:r><x:rPh><x:t>reading</x:t></x:rPh></x:is></x:c></x:row>
    <x:row r="5"><x:c r="A5" t="str"><x:f>B1</x:f><x:v></x:v></x:c><x:c r="B5" t="d"><x:v>2024-03-05T10:30:00</x:v></x:c><x:c r="C5"><x:v>1.50</x:v></x:c><x:c><x:v><![CDATA[7]]></x:v></x:c></x:row>
    <x:row r="9"/>`;
  folder.write("labs.xlsx", withSheet(`<x:sheetData>${rows}</x:sheetData><x:mergeCells><x:mergeCell ref="A2:B2"/></x:mergeCells>`));
  const read = await folder.read(SOURCE);
  assert.deepEqual(read.rows, [
    ["12345678901234567890", null, "#N/A", "남\u{1F600} 여A"],
    [null, "2024-03-05 10:30", "1.5", "7"],
  ]);
  assert.deepEqual(read.rowsLeftOut, [2, 3]);
});

test("dates are told by format, from 1900 with the day that never was, or from 1904; what is no date stays a number", async () => {
  using folder = sourceFolder();
  const formats = ["General", "yyyy\\년 mm월 dd일", "[$-412]yyyy/mm/dd;@", "#,##0.00", '0.0"mmHg"', "[Red]0;[Blue]-0", "[h]:mm"];
  const styles = `<styleSheet><numFmts>${formats.map((code, i) => `<numFmt numFmtId="${170 + i}" formatCode="${code.replaceAll('"', "&quot;")}"/>`).join("")}</numFmts>
    <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${formats.map((_, i) => `<xf numFmtId="${170 + i}"/>`).join("")}<xf xfId="0"/><xf numFmtId="31"/></cellXfs></styleSheet>`;
  const cell = (style: number, serial: number | string): string => `<x:c s="${style}"><x:v>${serial}</x:v></x:c>`;
  const dates = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((style, i) => `<x:row r="${i + 2}">${cell(style, i)}${cell(style, SERIAL)}</x:row>`);
  const odd = [1, 59, 61, -5, 3_000_000].map((serial, i) => `<x:row r="${i + 11}">${cell(0, i)}${cell(1, serial)}</x:row>`);
  const sheet = withSheet(`<x:sheetData>${NAMES}${dates.join("")}${odd.join("")}</x:sheetData>`, [
    ...workbookParts([good]).map((part) => (part.name === "xl/styles.xml" ? { ...part, content: styles } : part)),
  ]);
  folder.write("labs.xlsx", sheet);
  const day = "2024-03-05 00:00";
  const taken = (await folder.read(SOURCE)).rows.map((row) => row[1]);
  assert.deepEqual(taken.slice(0, 9), ["45356", day, day, "45356", "45356", "45356", day, day, day]);
  assert.deepEqual(taken.slice(9), ["1900-01-01 00:00", "1900-02-28 00:00", "1900-03-01 00:00", "-5", "3000000"]);
  const parts = workbookParts([{ name: "labs", rows: [HEADER, [cells.text("A1"), cells.date(SERIAL - 1462)]] }]);
  const from1904 = (parts.find(({ name }) => name === "xl/workbook.xml")?.content ?? "")
    .toString()
    .replace("<sheets>", '<workbookPr date1904="1"/><sheets>');
  folder.write("labs.xlsx", replacePart(parts, "xl/workbook.xml", from1904));
  assert.deepEqual((await folder.read(SOURCE)).rows, [["A1", day, null, null]]);
});

const refusals: readonly (readonly [name: string, content: Uint8Array | string | undefined, source: string, problem: string])[] = [
  ["a workbook that is not there", undefined, SOURCE, "ingest/missing-file labs.xlsx"],
  ["an empty file", "", SOURCE, "ingest/empty-file labs.xlsx"],
  ["a sheet without a header", workbookOf([{ name: "labs", rows: [] }]), SOURCE, "ingest/empty-file labs.xlsx"],
  ["text called a workbook", "PATNO,TAKEN\n", SOURCE, "ingest/bad-workbook labs.xlsx"],
  ["a workbook with a password", Buffer.from("d0cf11e0a1b11ae1", "hex"), SOURCE, "ingest/bad-workbook labs.xlsx"],
  ["a workbook cut short", workbookOf([good]).subarray(0, 700), SOURCE, "ingest/bad-workbook labs.xlsx"],
  ["an archive that is no workbook", zipOf([{ name: "a.xml", content: "<a/>" }]), SOURCE, "ingest/bad-workbook labs.xlsx"],
  [
    "a part that unpacks a thousandfold",
    zipOf([...workbookParts([good]), { name: "x.xml", content: big }]),
    SOURCE,
    "ingest/bad-workbook labs.xlsx",
  ],
  [
    "a part larger than it says",
    zipOf([...workbookParts([good]), { name: "x.xml", content: big, declaredBytes: 10 }]),
    SOURCE,
    "ingest/bad-workbook labs.xlsx",
  ],
  [
    "a part that the archive's directory hides",
    zipOf([{ name: "x.xml", content: big, isHidden: true }, ...workbookParts([good])]),
    SOURCE,
    "ingest/bad-workbook labs.xlsx",
  ],
  [
    "a damaged sheet",
    zipOf(
      workbookParts([good]).map((part) => (part.name.endsWith("sheet1.xml") ? { ...part, content: "<worksheet><sheetData><row" } : part)),
    ),
    SOURCE,
    "ingest/bad-workbook labs.xlsx",
  ],
  [
    "a sheet larger than it says",
    zipOf(workbookParts([good]).map((part) => (part.name.endsWith("sheet1.xml") ? { ...part, declaredBytes: 10 } : part))),
    SOURCE,
    "ingest/bad-workbook labs.xlsx",
  ],
  ["a sheet whose bytes were changed", flipped(workbookOf([good])), SOURCE, "ingest/bad-workbook labs.xlsx"],
  [
    "a document type, which could swell",
    withSheet(`<!DOCTYPE a><x:sheetData>${NAMES}</x:sheetData>`),
    SOURCE,
    "ingest/bad-workbook labs.xlsx",
  ],
  [
    "bytes that are no UTF-8",
    zipOf(
      workbookParts([good]).map((part) =>
        part.name.endsWith("sheet1.xml") ? { ...part, content: Buffer.from(part.content.toString(), "latin1") } : part,
      ),
    ),
    SOURCE,
    "ingest/bad-workbook labs.xlsx",
  ],
  ["rows out of order", withSheet(`<x:sheetData>${NAMES}<x:row r="1"/></x:sheetData>`), SOURCE, "ingest/bad-workbook labs.xlsx"],
  [
    "cells out of order",
    withSheet(`<x:sheetData>${NAMES}<x:row r="2"><x:c r="B2"/><x:c r="A2"/></x:row></x:sheetData>`),
    SOURCE,
    "ingest/bad-workbook labs.xlsx",
  ],
  [
    "a text that is not there",
    workbookOf([{ name: "labs", rows: [HEADER, [cells.shared(7)]] }], ["여"]),
    SOURCE,
    "ingest/bad-workbook labs.xlsx",
  ],
  ["a text that never ends", withSheet(`<x:sheetData>${NAMES}<x:row r="2"><x:c><x:v>${endless}`), SOURCE, "ingest/bad-workbook labs.xlsx"],
  ["elements in elements without end", withSheet("<a>".repeat(1000)), SOURCE, "ingest/bad-workbook labs.xlsx"],
  ["several sheets and none named", workbookOf([good, good]), SOURCE, "ingest/several-sheets labs.xlsx"],
  ["a sheet that is not there", workbookOf([good]), `${SOURCE}\nsheet: 없음`, "ingest/no-sheet labs.xlsx"],
  [
    "formulas that were never computed, by cell",
    workbookOf([{ name: "labs", rows: [HEADER, [cells.text("A1"), cells.date(SERIAL), cells.formula("B2*2"), cells.formula("A2")]] }]),
    SOURCE,
    "ingest/bare-formula labs.xlsx 1 RESULT, ingest/bare-formula labs.xlsx 1 NOTE",
  ],
];

test("each wrong workbook is refused by name, file, row and column", async (context) => {
  for (const [name, content, source, expected] of refusals) {
    await context.test(name, async () => {
      using folder = sourceFolder();
      if (content !== undefined) folder.write("labs.xlsx", content);
      const problems = await folder.problemsOf(source);
      const said = problems.map(({ code, place }) =>
        [code, place.file, place.row, place.column].filter((part) => part !== undefined).join(" "),
      );
      assert.equal(said.join(", "), expected);
    });
  }
});

test("a formula in a column that nothing reads is nobody's concern", async () => {
  using folder = sourceFolder();
  const rows = [
    [...HEADER, cells.text("AGE")],
    [cells.text("A1"), cells.date(SERIAL), cells.number("1"), cells.none, cells.formula("B2")],
  ];
  folder.write("labs.xlsx", workbookOf([{ name: "labs", rows }]));
  assert.equal((await folder.read(SOURCE)).rows.length, 1);
});
