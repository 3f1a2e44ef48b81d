/** SOURCE_TO_CONCEPT_MAP as a CSV file, the form in which OMOP sites exchange maps: read and written. Columns of OMOP CDM v5.4. */

import { DureError, type Problem, text } from "@dure/kernel";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

export interface ConceptMapRow {
  readonly sourceCode: string;
  readonly sourceConceptId: number;
  readonly sourceVocabulary: string;
  readonly sourceCodeDescription: string;
  readonly targetConceptId: number;
  readonly targetVocabulary: string;
  /** ISO days, both ends included. */
  readonly validStart: string;
  readonly validEnd: string;
  readonly invalidReason: string;
}

const COLUMNS = [
  ...["source_code", "source_concept_id", "source_vocabulary_id", "source_code_description", "target_concept_id", "target_vocabulary_id"],
  ...["valid_start_date", "valid_end_date", "invalid_reason"],
];
const PROBLEMS_MAX = 100;

export const writeConceptMap = (rows: readonly ConceptMapRow[]): string =>
  stringify([
    COLUMNS,
    ...rows.map((row) => [
      ...[row.sourceCode, row.sourceConceptId, row.sourceVocabulary, row.sourceCodeDescription, row.targetConceptId, row.targetVocabulary],
      ...[row.validStart, row.validEnd, row.invalidReason],
    ]),
  ]);

/**
 * Days as `YYYY-MM-DD` or `YYYYMMDD`; column names in either case.
 * @throws DureError `map/*` with every problem of the file, by row and column, and no content
 */
export function readConceptMap(content: string, file: string): readonly ConceptMapRow[] {
  const records = readTable(content, file);
  const header = (records[0] ?? []).map((name) => name.trim().toLowerCase());
  const missing = COLUMNS.filter((name) => !header.includes(name) && name !== "invalid_reason");
  if (missing.length > 0) throw new DureError(missing.map((name) => missingColumn(file, name)));
  const problems: Problem[] = [];
  const rows = records.slice(1).map((record, i): ConceptMapRow => {
    const cell = (name: string): string => (record[header.indexOf(name)] ?? "").trim();
    const bad = <Value>(column: string, instead: Value): Value => {
      problems.push(badCell(file, i + 1, column));
      return instead;
    };
    const number = (column: string): number => (/^\d{1,10}$/.test(cell(column)) ? Number(cell(column)) : bad(column, 0));
    const day = (column: string): string => isoDay(cell(column)) ?? bad(column, "");
    if (cell("source_code") === "") bad("source_code", undefined);
    return {
      sourceCode: cell("source_code"),
      sourceConceptId: number("source_concept_id"),
      sourceVocabulary: cell("source_vocabulary_id"),
      sourceCodeDescription: cell("source_code_description"),
      targetConceptId: number("target_concept_id"),
      targetVocabulary: cell("target_vocabulary_id"),
      validStart: day("valid_start_date"),
      validEnd: day("valid_end_date"),
      invalidReason: cell("invalid_reason"),
    };
  });
  if (problems.length > 0) throw new DureError(problems.slice(0, PROBLEMS_MAX));
  return rows;
}

function readTable(content: string, file: string): readonly (readonly string[])[] {
  try {
    return parse(content, { bom: true, relax_column_count: true, skip_empty_lines: true });
  } catch {
    throw new DureError(notCsv(file)); // the parser's message quotes the line
  }
}

function isoDay(value: string): string | undefined {
  const [, year, month, day] = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(value) ?? [];
  return year !== undefined && !Number.isNaN(Date.parse(`${year}-${month}-${day}`)) ? `${year}-${month}-${day}` : undefined;
}

const REMEDY = text(
  "Write the file as OMOP CDM v5.4 describes SOURCE_TO_CONCEPT_MAP, as CSV with a header line.",
  "OMOP CDM v5.4의 SOURCE_TO_CONCEPT_MAP 형식에 따라 제목 줄이 있는 CSV로 작성해 주십시오.",
);

const missingColumn = (file: string, column: string): Problem => ({
  code: "map/missing-column",
  severity: "error",
  place: { file, column },
  what: text("This column is missing.", "이 열이 없습니다."),
  remedy: REMEDY,
});

const badCell = (file: string, row: number, column: string): Problem => ({
  code: "map/bad-cell",
  severity: "error",
  place: { file, row, column },
  what: text("The cell is empty, or not of the column's type.", "셀이 비어 있거나 열의 형식에 맞지 않습니다."),
  remedy: REMEDY,
});

const notCsv = (file: string): Problem => ({
  code: "map/not-csv",
  severity: "error",
  place: { file },
  what: text("This is not CSV with comma and double quotes.", "쉼표와 큰따옴표를 쓰는 CSV가 아닙니다."),
  remedy: REMEDY,
});
