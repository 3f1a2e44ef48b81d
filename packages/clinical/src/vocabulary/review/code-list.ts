/** A list of codes as people hand it over: a CSV file with `code`, `name` and perhaps `frequency`, and whatever else there is. */

import { DureError, type Problem, text } from "@dure/kernel";
import { parse } from "csv-parse/sync";
import type { ReviewedCode } from "./reviewed-code.ts";

const NEEDED = ["code", "name"];
const PROBLEMS_MAX = 100;

/** Column names in either case. @throws DureError `map/*` with every problem of the file, by row, and no content */
export function readCodeList(content: string, file: string): readonly Pick<ReviewedCode, "code" | "name" | "frequency" | "info">[] {
  const [header = [], ...records] = readTable(content, file);
  const names = header.map((name) => name.trim());
  const indexOf = (name: string): number => names.findIndex((candidate) => candidate.toLowerCase() === name);
  const missing = NEEDED.filter((name) => indexOf(name) < 0);
  if (missing.length > 0) throw new DureError(missing.map((name) => missingColumn(file, name)));
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const codes = records.map((record, i) => {
    const cell = (index: number): string => (record[index] ?? "").trim();
    const code = cell(indexOf("code"));
    const frequency = cell(indexOf("frequency")).replaceAll(",", "");
    if (code === "" || seen.has(code)) problems.push(badCode(file, i + 1, code === ""));
    if (!/^\d{0,15}$/.test(frequency)) problems.push(badFrequency(file, i + 1));
    seen.add(code);
    const others = names.flatMap((name, at) =>
      [...NEEDED, "frequency"].includes(name.toLowerCase()) || cell(at) === "" ? [] : [[name, cell(at)] as const],
    );
    return { code, name: cell(indexOf("name")), frequency: Number(frequency), info: Object.fromEntries(others) };
  });
  if (problems.length > 0) throw new DureError(problems.slice(0, PROBLEMS_MAX));
  return codes;
}

function readTable(content: string, file: string): readonly (readonly string[])[] {
  try {
    return parse(content, { bom: true, relax_column_count: true, skip_empty_lines: true });
  } catch {
    throw new DureError(notCsv(file)); // the parser's message quotes the line
  }
}

const missingColumn = (file: string, column: string): Problem => ({
  code: "map/missing-column",
  severity: "error",
  place: { file, column },
  what: text("This column is missing.", "이 열이 없습니다."),
  remedy: text("The first line names the columns: code, name, frequency.", "첫 줄에 열 이름 code, name, frequency를 적어 주십시오."),
});

const badCode = (file: string, row: number, isEmpty: boolean): Problem => ({
  code: isEmpty ? "map/empty-code" : "map/doubled-code",
  severity: "error",
  place: { file, row, column: "code" },
  what: isEmpty
    ? text("The row has no code.", "코드가 비어 있습니다.")
    : text("The code stands twice in the file.", "파일에 같은 코드가 두 번 나옵니다."),
  remedy: text("Give each code one row.", "코드마다 한 행만 두어 주십시오."),
});

const badFrequency = (file: string, row: number): Problem => ({
  code: "map/bad-cell",
  severity: "error",
  place: { file, row, column: "frequency" },
  what: text("The frequency is not a whole number.", "빈도가 정수가 아닙니다."),
  remedy: text("Write how many rows carry the code, or leave the cell empty.", "이 코드가 쓰인 행 수를 적거나 비워 두어 주십시오."),
});

const notCsv = (file: string): Problem => ({
  code: "map/not-csv",
  severity: "error",
  place: { file },
  what: text("This is not CSV with comma and double quotes.", "쉼표와 큰따옴표를 쓰는 CSV가 아닙니다."),
  remedy: text("Save the file as CSV in UTF-8.", "UTF-8 CSV로 저장해 주십시오."),
});
