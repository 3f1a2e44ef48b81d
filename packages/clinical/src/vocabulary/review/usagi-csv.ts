/**
 * Usagi's CSV, read and written: one row a target, a code without a target one row. What a file has beside these columns is kept with the
 * code (`ADD_INFO:`); concept name and domain are written for people and taken from the vocabulary when read.
 */

import { DureError, type Problem, text } from "@dure/kernel";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { EQUIVALENCES, type Equivalence } from "../source-code.ts";
import {
  MAPPING_STATUSES,
  MAPPING_TYPES,
  type MappingStatus,
  type MappingType,
  type ReviewedCode,
  type ReviewedTarget,
} from "./reviewed-code.ts";

const COLUMNS_BEFORE = ["sourceCode", "sourceName", "sourceFrequency", "sourceAutoAssignedConceptIds"] as const;
const COLUMNS_AFTER = [
  ...["matchScore", "mappingStatus", "equivalence", "statusSetBy", "statusSetOn", "conceptId", "conceptName", "domainId", "mappingType"],
  ...["comment", "createdBy", "createdOn", "assignedReviewer"],
] as const;
const INFO = "ADD_INFO:";
const NEEDED = ["sourceCode", "sourceName", "mappingStatus", "conceptId"] as const;
/** Usagi reads at most some 100,000 rows in comfort; a list of ten times that is no list for people. */
const ROWS_MAX = 1_000_000;
const PROBLEMS_MAX = 100;

const OLD_TYPES: Readonly<Record<string, MappingType>> = { EVENT: "MAPS_TO", VALUE: "MAPS_TO_VALUE", UNIT: "MAPS_TO_UNIT", "": "MAPS_TO" };

export function writeUsagiCsv(codes: readonly ReviewedCode[]): string {
  const infos = [...new Set(codes.flatMap(({ info }) => Object.keys(info)))].sort();
  const header = [...COLUMNS_BEFORE, ...infos.map((name) => `${INFO}${name}`), ...COLUMNS_AFTER];
  const rows = codes.flatMap((code) =>
    (code.targets.length === 0 ? [undefined] : code.targets).map((target) => usagiRow(code, target, infos)),
  );
  return stringify([header, ...rows]);
}

function usagiRow(code: ReviewedCode, target: ReviewedTarget | undefined, infos: readonly string[]): readonly (string | number)[] {
  return [
    ...[code.code, code.name, code.frequency, code.autoAssigned.join(";")],
    ...infos.map((name) => code.info[name] ?? ""),
    ...[code.matchScore, code.status, code.equivalence, code.statusSetBy, code.statusSetOnMs],
    ...[target?.conceptId ?? 0, target?.conceptName ?? "", target?.domain ?? "", target?.mappingType ?? "MAPS_TO"],
    ...[code.comment, target?.createdBy ?? "", target?.createdOnMs ?? 0, code.assignedReviewer],
  ];
}

/**
 * Rows of one code become one code with several targets; the first row says its status.
 * @throws DureError `map/*` with every problem of the file, by row, and no content
 */
export function readUsagiCsv(content: string, file: string): readonly ReviewedCode[] {
  const records = readTable(content, file);
  const header = records[0] ?? [];
  const missing = NEEDED.filter((name) => !header.includes(name));
  if (missing.length > 0) throw new DureError(missing.map((name) => missingColumn(file, name)));
  const problems: Problem[] = [];
  const codes = new Map<string, ReviewedCode>();
  for (const [i, record] of records.slice(1).entries()) {
    const cell = (name: string): string => (record[header.indexOf(name)] ?? "").trim();
    const row = i + 1;
    const bad = (column: string, allowed: readonly string[]): void => void problems.push(badCell(file, row, column, allowed));
    const status = oneOf(cell("mappingStatus"), MAPPING_STATUSES) ?? bad("mappingStatus", MAPPING_STATUSES);
    const equivalence = oneOf(cell("equivalence") || "UNREVIEWED", EQUIVALENCES) ?? bad("equivalence", EQUIVALENCES);
    const type = OLD_TYPES[cell("mappingType")] ?? oneOf(cell("mappingType"), MAPPING_TYPES) ?? bad("mappingType", MAPPING_TYPES);
    const conceptId = wholeNumber(cell("conceptId") || "0") ?? bad("conceptId", ["a concept id"]);
    if (cell("sourceCode") === "") bad("sourceCode", ["a code"]);
    if (status === undefined || equivalence === undefined || type === undefined || conceptId === undefined) continue;
    const target = conceptId === 0 ? [] : [targetOf(cell, conceptId, type)];
    const known = codes.get(cell("sourceCode"));
    codes.set(
      cell("sourceCode"),
      known === undefined
        ? { ...codeOf(cell, header), status, equivalence, targets: target }
        : { ...known, targets: [...known.targets, ...target] },
    );
  }
  if (problems.length > 0) throw new DureError(problems.slice(0, PROBLEMS_MAX));
  return [...codes.values()];
}

function readTable(content: string, file: string): readonly (readonly string[])[] {
  try {
    const records: readonly (readonly string[])[] = parse(content, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      to: ROWS_MAX + 2,
    });
    if (records.length <= ROWS_MAX + 1) return records;
  } catch {
    throw new DureError(notCsv(file)); // the parser's message quotes the line
  }
  throw new DureError(tooLong(file));
}

type CellOf = (name: string) => string;

function codeOf(cell: CellOf, header: readonly string[]): Omit<ReviewedCode, "status" | "equivalence" | "targets"> {
  const infos = header.filter((name) => name.startsWith(INFO));
  return {
    code: cell("sourceCode"),
    name: cell("sourceName"),
    frequency: wholeNumber(cell("sourceFrequency")) ?? 0,
    info: Object.fromEntries(infos.flatMap((name) => (cell(name) === "" ? [] : [[name.slice(INFO.length), cell(name)]]))),
    matchScore: Number(cell("matchScore")) || 0,
    autoAssigned: cell("sourceAutoAssignedConceptIds")
      .split(";")
      .flatMap((id) => wholeNumber(id) ?? []),
    statusSetBy: cell("statusSetBy"),
    statusSetOnMs: wholeNumber(cell("statusSetOn")) ?? 0,
    comment: cell("comment"),
    assignedReviewer: cell("assignedReviewer"),
  };
}

const targetOf = (cell: CellOf, conceptId: number, mappingType: MappingType): ReviewedTarget => ({
  conceptId,
  mappingType,
  conceptName: cell("conceptName"),
  domain: cell("domainId"),
  createdBy: cell("createdBy"),
  createdOnMs: wholeNumber(cell("createdOn")) ?? 0,
});

const oneOf = <Value extends MappingStatus | MappingType | Equivalence>(value: string, allowed: readonly Value[]): Value | undefined =>
  allowed.find((candidate) => candidate === value);

const wholeNumber = (value: string): number | undefined => (/^-?\d{1,15}$/.test(value.trim()) ? Number(value) : undefined);

const problem = (code: string, place: Problem["place"], what: Problem["what"], remedy: Problem["remedy"]): Problem => ({
  code: `map/${code}`,
  severity: "error",
  place,
  what,
  remedy,
});

const AS_USAGI = text("Save the file from Usagi again, as CSV.", "Usagi에서 CSV로 다시 저장해 주십시오.");

const missingColumn = (file: string, column: string): Problem =>
  problem("missing-column", { file, column }, text("This column of Usagi's CSV is missing.", "Usagi CSV의 이 열이 없습니다."), AS_USAGI);

const badCell = (file: string, row: number, column: string, allowed: readonly string[]): Problem =>
  problem(
    "bad-cell",
    { file, row, column },
    text(`The cell holds none of: ${allowed.join(", ")}.`, `셀의 값이 다음 중 하나가 아닙니다: ${allowed.join(", ")}.`),
    AS_USAGI,
  );

const notCsv = (file: string): Problem =>
  problem("not-csv", { file }, text("This is not CSV with comma and double quotes.", "쉼표와 큰따옴표를 쓰는 CSV가 아닙니다."), AS_USAGI);

const tooLong = (file: string): Problem =>
  problem(
    "too-long",
    { file },
    text(`The list has more than ${ROWS_MAX} rows.`, `목록이 ${ROWS_MAX}행보다 깁니다.`),
    text("Split it by kind of code, one list each.", "코드 종류별로 나누어 목록을 따로 만들어 주십시오."),
  );
