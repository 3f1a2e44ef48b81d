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
