/**
 * OHDSI's own threshold files, as they are: which kind of check applies where, and the share of faults that is accepted.
 * A hospital that keeps its thresholds in them need not write them again.
 */

import { DureError, type Problem, text } from "@dure/kernel";
import { parse } from "csv-parse/sync";
import { type CheckRule, DEFAULT_SOURCE, type PlausibleBound, type QualityCheck } from "./check.ts";
import { CHECK_TYPES, type CheckName, isCheckName } from "./check-types.ts";
import { type FilterRow, parseEvaluationFilter } from "./evaluation-filter.ts";

export interface ThresholdFile {
  /** Shown in problems. */
  readonly file: string;
  readonly text: string;
}

export interface OhdsiFiles {
  readonly descriptions: ThresholdFile;
  readonly table: ThresholdFile;
  readonly field: ThresholdFile;
  readonly concept: ThresholdFile;
}

/** Problems shown at once. */
const PROBLEMS_MAX = 100;
/** OHDSI's largest file has 160 kB. */
const FILE_CHARACTERS_MAX = 10_000_000;

/**
 * @throws DureError `quality/*` with every problem of the files: an unknown check, a filter that cannot be read, a threshold that is
 *   no share, a bound of an unknown form; each with file, row and column.
 */
export function readOhdsiChecks(files: OhdsiFiles): readonly QualityCheck[] {
  const problems: Problem[] = [];
  const rowsOf = { table: readRows(files.table), field: readRows(files.field), concept: readRows(files.concept) };
  const checks = readRows(files.descriptions).flatMap((description, i): readonly QualityCheck[] => {
    const at = { file: files.descriptions.file, row: i + 2 };
    const name = description["checkName"] ?? "";
    if (!isCheckName(name)) return tell(problems, unknownCheck(at));
    const applies = filterOf(description["evaluationFilter"] ?? "");
    if (applies === undefined) return tell(problems, badFilter(at));
    const { level } = CHECK_TYPES[name];
    return rowsOf[level].flatMap((row, j) =>
      applies(row) ? checkOf(name, { row, file: files[level].file, number: j + 2 }, problems) : [],
    );
  });
  if (problems.length > 0) throw new DureError(problems.slice(0, PROBLEMS_MAX));
  return checks;
}

interface RowOfFile {
  readonly row: FilterRow;
  readonly file: string;
  readonly number: number;
}

function readRows({ file, text: content }: ThresholdFile): readonly FilterRow[] {
  try {
    if (content.length > FILE_CHARACTERS_MAX) throw new RangeError("too large");
    return parse(content, { columns: true, bom: true, skip_empty_lines: true }) as FilterRow[]; // csv-parse: texts under the header's names
  } catch (cause) {
    throw new DureError(notCsv(file), { cause });
  }
}

function filterOf(source: string): ((row: FilterRow) => boolean) | undefined {
  try {
    return parseEvaluationFilter(source);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function checkOf(name: CheckName, at: RowOfFile, problems: Problem[]): readonly QualityCheck[] {
  const { row } = at;
  const threshold = row[`${name}Threshold`] ?? "";
  const thresholdPercent = threshold === "" ? undefined : Number(threshold);
  if (thresholdPercent !== undefined && !(thresholdPercent >= 0 && thresholdPercent <= 100))
    return tell(problems, badThreshold(placeIn(at, `${name}Threshold`)));
  const rule = ruleOf(name, row);
  if (rule === undefined) return tell(problems, badValue(placeIn(at, name)));
  const field = row["cdmFieldName"]?.toLowerCase();
  const conceptIds = row["conceptId"] === undefined ? undefined : numbersOf(row["conceptId"]);
  return [
    {
      name,
      table: (row["cdmTableName"] ?? "").toLowerCase(),
      ...(field === undefined ? {} : { field }),
      ...(conceptIds === undefined ? {} : { conceptIds }),
      ...(thresholdPercent === undefined ? {} : { thresholdPercent }),
      thresholdSource: DEFAULT_SOURCE,
      rule,
    },
  ];
}

function ruleOf(name: CheckName, row: FilterRow): CheckRule | undefined {
  const cell = (column: string): string => row[column] ?? "";
  const lower = (column: string): string => cell(column).toLowerCase();
  switch (name) {
    case "isForeignKey":
      return { kind: "references", table: lower("fkTableName"), field: lower("fkFieldName") };
    case "fkDomain":
      return { kind: "domain", domain: cell("fkDomain") };
    case "fkClass":
      return { kind: "concept-class", conceptClass: cell("fkClass") };
    case "sourceValueCompleteness":
      return { kind: "source-value", standardConceptField: lower("standardConceptFieldName") };
    case "plausibleValueLow":
    case "plausibleValueHigh": {
      const bound = boundOf(cell(name));
      return bound === undefined ? undefined : { kind: "bound", bound };
    }
    case "plausibleTemporalAfter":
      return { kind: "after", table: lower("plausibleTemporalAfterTableName"), field: lower("plausibleTemporalAfterFieldName") };
    case "plausibleStartBeforeEnd":
      return { kind: "ends", field: lower("plausibleStartBeforeEndFieldName") };
    case "plausibleGender":
    case "plausibleGenderUseDescendants": {
      const sex = lower(name);
      return sex === "male" || sex === "female" ? { kind: "sex", sex } : undefined;
    }
    case "plausibleUnitConceptIds": {
      const units = cell(name) === "NA" ? [] : numbersOf(cell(name));
      return units.every(Number.isSafeInteger) ? { kind: "units", unitConceptIds: units } : undefined;
    }
    default:
      return { kind: "plain" };
  }
}

/** The forms that OHDSI's files use: a number, `'19500101'`, and two of SQL Server's functions of the day. */
function boundOf(cell: string): PlausibleBound | undefined {
  const value = cell.replaceAll(" ", "");
  const date = /^'(\d{4})-?(\d\d)-?(\d\d)'$/.exec(value);
  if (date !== null) return { kind: "date", value: `${date[1]}-${date[2]}-${date[3]}` };
  const days = /^DATEADD\(dd,(-?\d+),GETDATE\(\)\)$/i.exec(value);
  if (days !== null) return { kind: "days-from-today", days: Number(days[1]) };
  const years = /^YEAR\(GETDATE\(\)\)(?:\+(\d+))?$/i.exec(value);
  if (years !== null) return { kind: "years-from-this-year", years: Number(years[1] ?? 0) };
  return value !== "" && Number.isFinite(Number(value)) ? { kind: "number", value: Number(value) } : undefined;
}

const numbersOf = (cell: string): readonly number[] =>
  cell
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(Number);

function tell(problems: Problem[], problem: Problem): readonly never[] {
  problems.push(problem);
  return [];
}

const placeIn = ({ file, number }: RowOfFile, column: string) => ({ file, row: number, column });

const notCsv = (file: string): Problem => ({
  code: "quality/not-a-threshold-file",
  severity: "error",
  place: { file },
  what: text("This file is not a comma-separated file with a header line.", "이 파일은 머리글이 있는 쉼표 구분 파일이 아닙니다."),
  remedy: text("Take OHDSI's file for CDM v5.4, or one edited from it.", "OHDSI의 CDM v5.4용 파일이나 그것을 고친 파일을 사용해 주십시오."),
});

const unknownCheck = (place: Problem["place"]): Problem => ({
  code: "quality/unknown-check",
  severity: "error",
  place: { ...place, column: "checkName" },
  what: text("This kind of check is not one of the 27 known.", "알려진 27가지 점검에 없는 종류입니다."),
  remedy: text("Remove the row, or correct the name.", "행을 지우거나 이름을 고쳐 주십시오."),
});

const badFilter = (place: Problem["place"]): Problem => ({
  code: "quality/bad-filter",
  severity: "error",
  place: { ...place, column: "evaluationFilter" },
  what: text(
    "The condition is not made of comparisons of columns with quoted texts.",
    "조건이 열과 따옴표 문자열의 비교로 이루어져 있지 않습니다.",
  ),
  remedy: text("Write it as in isForeignKey=='Yes' & fkDomain!=''.", "isForeignKey=='Yes' & fkDomain!='' 형식으로 적어 주십시오."),
});

const badThreshold = (place: Problem["place"]): Problem => ({
  code: "quality/bad-threshold",
  severity: "error",
  place,
  what: text("A threshold is a number of per cent from 0 to 100.", "기준값은 0에서 100 사이의 퍼센트 숫자입니다."),
  remedy: text("Correct it, or leave it empty.", "고치거나 비워 두십시오."),
});

const badValue = (place: Problem["place"]): Problem => ({
  code: "quality/bad-bound",
  severity: "error",
  place,
  what: text("This value has no form that a check can use.", "점검에 쓸 수 없는 형식의 값입니다."),
  remedy: text(
    "Use a number, a date as '19500101', DATEADD(dd,1,GETDATE()), YEAR(GETDATE())+1, Male or Female, or concept ids.",
    "숫자, '19500101' 같은 날짜, DATEADD(dd,1,GETDATE()), YEAR(GETDATE())+1, Male 또는 Female, 개념 id 중 하나를 적어 주십시오.",
  ),
});
