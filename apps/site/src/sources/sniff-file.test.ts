import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { FILL_IN } from "@dure/clinical";
import { DureError, encodeCp949 } from "@dure/kernel";
import { mappingOf } from "../ingest/testing.ts";
import { mappingSkeleton } from "./mapping-skeleton.ts";
import { type SniffedFile, sniffFile } from "./sniff-file.ts";
import { sourceFolder, writeParquet } from "./testing-source.ts";
import { textSheet, workbookOf } from "./testing-workbook.ts";

const two = (value: number): string => String(value).padStart(2, "0");
const rows = Array.from({ length: 300 }, (_, i) => ({
  number: String(10_000_000 + i),
  sex: i % 2 === 0 ? "F" : "M",
  birth: `19${40 + (i % 50)}${two(1 + (i % 12))}15`,
  resident: `${40 + (i % 50)}${two(1 + (i % 12))}15-2${String(100_000 + i)}`,
  name: `환자${i}`,
  note: `비고 ${"가".repeat(i % 7)} ${i}`,
  taken: `2024-0${1 + (i % 9)}-${two(1 + (i % 28))} 0${i % 10}:30`,
  result: i % 10 === 0 ? "NA" : (i / 7).toFixed(2),
}));

const patients = (delimiter: string, quote = ""): string =>
  [
    ["PATNO", "SEX", "BIRTH_DT", "주민번호", "PATNAME", "비고", "EMPTY"],
    ...rows.map((row) => [row.number, row.sex, row.birth, row.resident, row.name, row.note, ""]),
  ]
    .map((cells) => cells.map((cell) => `${quote}${cell}${quote}`).join(delimiter))
    .join("\n");
const labs = `등록번호,검사일시,결과,CODE\n${rows.map(({ number, taken, result }, i) => `${number},${taken},${result},L${i % 4}`).join("\n")}\n`;

const kinds = ({ columns }: SniffedFile): readonly string[] =>
  columns.map(({ name, kind, dateFormat, identifier, isLikelyPatientNumber }) =>
    [name, kind, dateFormat, identifier, isLikelyPatientNumber ? "patient" : undefined].filter((part) => part !== undefined).join(" "),
  );

const PATIENT_KINDS = [
  "PATNO text patient",
  "SEX code",
  "BIRTH_DT date %Y%m%d",
  "주민번호 text resident-registration-number",
  "PATNAME text name",
  "비고 text",
  "EMPTY empty",
];

test("delimiter, quotes, encoding and line ends are told, and every column's kind, whatever the form", async () => {
  using folder = sourceFolder();
  const forms = [
    { text: patients(","), encode: Buffer.from, form: ["comma", false, "lf", "utf-8"] },
    { text: patients("\t", '"'), encode: encodeCp949, form: ["tab", true, "lf", "cp949"] },
    { text: `\uFEFF${patients(";")}`, encode: Buffer.from, form: ["semicolon", false, "lf", "utf-8-bom"] },
    { text: patients("|").replaceAll("\n", "\r\n"), encode: encodeCp949, form: ["pipe", false, "crlf", "cp949"] },
    { text: patients(",").replaceAll("\n", "\r"), encode: Buffer.from, form: ["comma", false, "cr", "utf-8"] },
  ];
  for (const { text, encode, form } of forms) {
    folder.write("patients.csv", encode(text));
    const found = await sniffFile(join(folder.path, "patients.csv"));
    assert(found.form.format === "delimited");
    assert.deepEqual([found.form.delimiter, found.form.hasQuotes, found.form.lineEnd, found.form.encoding], form);
    assert.deepEqual(kinds(found), PATIENT_KINDS);
    assert.deepEqual([found.rowCount, found.hasHeader, found.brokenRowCount], [300, true, 0]);
  }
});

test("missing cells and different values are counted, signs for missing among them, and cells that do not fit", async () => {
  using folder = sourceFolder();
  folder.write("labs.csv", labs.replace("2024-01-01 00:30", "약 1시"));
  const found = await sniffFile(join(folder.path, "labs.csv"));
  assert.deepEqual(kinds(found), ["등록번호 text patient", "검사일시 date %Y-%m-%d %H:%M", "결과 number", "CODE code"]);
  const [number, taken, result, code] = found.columns;
  assert.deepEqual([found.missingTokens, result?.missingCount, taken?.misfitCount, code?.distinctCount], [["NA"], 30, 1, 4]);
  assert.deepEqual([number?.distinctCount, number?.isDistinctExact], [300, true]);
});

test("a workbook and a Parquet file are told alike, a title above the header passed over", async () => {
  using folder = sourceFolder();
  const sheet = textSheet("환자", `2024년 환자\n${patients(",")}`);
  folder.write("patients.xlsx", workbookOf([sheet, textSheet("안내", "readme\n")]));
  const workbook = await sniffFile(join(folder.path, "patients.xlsx"));
  assert.deepEqual(workbook.form, { format: "xlsx", sheets: ["환자", "안내"], sheet: "환자", headerRow: 2 });
  assert.deepEqual(kinds(workbook), PATIENT_KINDS);
  const query = "SELECT 'A' || i AS patient_id, TIMESTAMPTZ '2024-03-05 10:00:00+00' AS taken, i / 3 AS result FROM range(100) t(i)";
  await writeParquet(join(folder.path, "labs.parquet"), query);
  const parquet = await sniffFile(join(folder.path, "labs.parquet"));
  assert.deepEqual(parquet.form, { format: "parquet", zonedColumns: ["taken"] });
  assert.deepEqual(kinds(parquet), ["patient_id text patient", "taken date %Y-%m-%d %H:%M:%S", "result number"]);
});

test("a file that is no table is one named problem", async () => {
  using folder = sourceFolder();
  const mixed = Buffer.concat([encodeCp949("번호,이름\n1,가\n"), Buffer.from("2,나\n"), Buffer.from([0xff, 0x41, 0x0a])]);
  const refusals: readonly (readonly [content: Uint8Array | string, code: string, row: number | undefined])[] = [
    ["", "ingest/empty-file", undefined],
    [mixed, "ingest/unknown-encoding", 2],
    ["<html><table>", "ingest/foreign-format", undefined],
    [Buffer.from("\uFEFFA,B\n1,2\n", "utf16le"), "ingest/foreign-format", undefined],
    ["A,B\n1,2\n3,\0\n", "ingest/zero-byte", 2],
  ];
  for (const [content, code, row] of refusals) {
    folder.write("x.csv", content);
    await assert.rejects(sniffFile(join(folder.path, "x.csv")), (error: unknown) => {
      assert(error instanceof DureError);
      assert.deepEqual([error.code, error.problems[0]?.place.row, error.problems[0]?.place.file], [code, row, "x.csv"]);
      return true;
    });
  }
  folder.write("x.csv", "A,A,B\n1,2\n");
  const found = await sniffFile(join(folder.path, "x.csv"));
  assert.deepEqual([found.doubledColumns, found.brokenRowCount, found.rowCount], [["A"], 1, 0]);
});

test("different values are counted to the last one up to a limit, and beyond it within some per cent", async () => {
  using folder = sourceFolder();
  const wide = Array.from({ length: 60_000 }, (_, i) => `${i},${i % 4096},${i % 997},${i < 59_000 ? "x" : `rare ${i}`}`);
  folder.write("wide.csv", `ID,A,B,C\n${wide.join("\n")}\n`);
  const { columns } = await sniffFile(join(folder.path, "wide.csv"));
  assert.deepEqual(
    columns.map(({ isDistinctExact }) => isDistinctExact),
    [false, true, true, true],
  );
  assert.deepEqual(
    columns.slice(1).map(({ distinctCount }) => distinctCount),
    [4096, 997, 1001],
  );
  assert(Math.abs((columns[0]?.distinctCount ?? 0) / 60_000 - 1) < 0.06, "four standard deviations of a sample of some 5,000");
});

test("a skeleton parses when its marks are filled in, holds no cell, and leaves identifiers out", async () => {
  using folder = sourceFolder();
  folder.write("환자.csv", patients(","));
  folder.write("labs.csv", labs);
  const files = [await sniffFile(join(folder.path, "labs.csv")), await sniffFile(join(folder.path, "환자.csv"))];
  const skeleton = mappingSkeleton(files);
  for (const row of rows.slice(0, 20))
    for (const cell of [row.number, row.resident, row.name, row.birth]) assert.equal(skeleton.includes(cell), false);
  const marks = skeleton.split("\n").flatMap((line, i) =>
    line.startsWith("#")
      ? []
      : line
          .split(FILL_IN)
          .slice(1)
          .map(() => i + 1),
  );
  assert.throws(
    () => mappingOf(skeleton),
    (error: unknown) => {
      assert(error instanceof DureError);
      assert(error.problems.every(({ code }) => code === "mapping/fill-in"));
      assert.deepEqual(
        error.problems.map(({ place }) => place.line).sort((a, b) => (a ?? 0) - (b ?? 0)),
        marks,
      );
      return true;
    },
  );
  const filled = skeleton
    .replace(`codes: { F: ${FILL_IN}, M: ${FILL_IN} }`, "codes: { F: female, M: male }")
    .replace(`id: ${FILL_IN}`, "id: hospital-a")
    .replace(`{ en: ${FILL_IN}, ko: ${FILL_IN} }`, "{ en: Hospital A, ko: 가 병원 }");
  assert.equal(
    filled.split("\n").some((line) => !line.startsWith("#") && line.includes(FILL_IN)),
    false,
    filled,
  );
  const mapping = mappingOf(filled);
  assert.deepEqual([mapping.persons, Object.keys(mapping.files)], ["file-2", ["labs", "file-2"]]);
  const columns = Object.values(mapping.files["file-2"]?.values ?? {}).flatMap((value) => Object.values(value));
  assert.equal(
    columns.some((column) => column === "주민번호" || column === "PATNAME"),
    false,
  );
  assert.equal(mapping.files["labs"]?.person, "등록번호");
});
