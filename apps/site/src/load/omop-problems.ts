/** What can be wrong with another OMOP database that is to be loaded. */

import { basename } from "node:path";
import { type Problem, text } from "@dure/kernel";
import { UNPACKED_BYTES_MAX, UNPACKED_RATIO_MAX } from "./omop-files.ts";

const problem = (code: string, file: string, what: Problem["what"], remedy: Problem["remedy"]): Problem => ({
  code: `load/${code}`,
  severity: "error",
  place: { file: basename(file) },
  what,
  remedy,
});

export const notAnOmopSource = (path: string): Problem =>
  problem(
    "omop-source-missing",
    path,
    text("the folder or zip of the OMOP database is not there.", "OMOP 데이터베이스의 폴더 또는 zip 파일이 없습니다."),
    text("Check the path in the plan.", "계획 문서의 경로를 확인해 주십시오."),
  );

export const noTables = (path: string): Problem =>
  problem(
    "omop-no-tables",
    path,
    text(
      "no file is named after a table of OMOP CDM v5.4 (such as person.csv or PERSON.parquet).",
      "OMOP CDM v5.4 테이블 이름의 파일(예: person.csv, PERSON.parquet)이 없습니다.",
    ),
    text("Give the folder or zip with one file a table.", "테이블마다 파일 하나씩 들어 있는 폴더 또는 zip을 지정해 주십시오."),
  );

export const tableTwice = (name: string, table: string): Problem =>
  problem(
    "omop-table-twice",
    name,
    text(`a second file for the table ${table}.`, `${table} 테이블의 파일이 두 개 이상입니다.`),
    text("Leave one of them.", "하나만 남겨 주십시오."),
  );

export const brokenArchive = (path: string): Problem =>
  problem(
    "broken-archive",
    path,
    text("this is no zip archive, or it is cut short.", "zip 파일이 아니거나 중간에 잘렸습니다."),
    text("Copy or download it again.", "다시 복사하거나 내려받아 주십시오."),
  );

export const zipTooLarge = (path: string): Problem =>
  problem(
    "zip-too-large",
    path,
    text(
      `the archive unpacks to more than ${UNPACKED_BYTES_MAX / 2 ** 30} GiB, to more than ${UNPACKED_RATIO_MAX} times its size, or to more than it states.`,
      `압축을 풀면 ${UNPACKED_BYTES_MAX / 2 ** 30} GiB 또는 압축 크기의 ${UNPACKED_RATIO_MAX}배를 넘거나, 파일에 적힌 크기보다 큽니다.`,
    ),
    text(
      "If it is what it should be, unpack it yourself and give the folder.",
      "올바른 파일이라면 직접 압축을 풀고 그 폴더를 지정해 주십시오.",
    ),
  );

export const unreadableHeader = (name: string): Problem =>
  problem(
    "omop-header",
    name,
    text("the first line is no list of different column names.", "첫 줄이 서로 다른 열 이름의 목록이 아닙니다."),
    text("Export the table with a header line.", "머리글 행을 포함하여 테이블을 다시 내보내 주십시오."),
  );

export const missingColumn = (name: string, column: string): Problem => ({
  ...problem(
    "omop-missing-column",
    name,
    text("the table requires this column, and the file has none of that name.", "테이블에 필수인 열이 파일에 없습니다."),
    text("Export the table with all its required columns.", "필수 열을 모두 포함하여 테이블을 다시 내보내 주십시오."),
  ),
  place: { file: name, column },
});

export const unreadableTable = (name: string): Problem =>
  problem(
    "omop-unreadable-table",
    name,
    text(
      "the file cannot be read to its end: it is cut short, not UTF-8, or no file of its kind.",
      "파일을 끝까지 읽을 수 없습니다. 중간에 잘렸거나 UTF-8이 아니거나 형식이 다릅니다.",
    ),
    text("Export it again.", "다시 내보내 주십시오."),
  );

export const versionUnclear = (
  name: string,
  columns: string | undefined,
  stated: string | undefined,
  declared: string | undefined,
): Problem => {
  const say = (value: string | undefined): string => value ?? "–";
  return problem(
    "omop-version",
    name,
    text(
      `which version of OMOP CDM this is, is not clear: the columns say ${say(columns)}, CDM_SOURCE ${say(stated)}, the plan ${say(declared)}.`,
      `OMOP CDM 버전이 분명하지 않습니다. 열 이름: ${say(columns)}, CDM_SOURCE: ${say(stated)}, 계획 문서: ${say(declared)}.`,
    ),
    text(
      'Write cdmVersion: "5.3" or "5.4" into the plan, as the columns are.',
      '열 구조에 맞게 계획 문서에 cdmVersion: "5.3" 또는 "5.4"를 적어 주십시오.',
    ),
  );
};
