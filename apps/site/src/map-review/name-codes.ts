/**
 * Names for codes, from any exported table that has both: the order master, or the results themselves. People and suggestions go by names,
 * and a load knows codes only.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { ReviewedCode } from "@dure/clinical/vocabulary";
import { DureError, type Problem, text } from "@dure/kernel";
import { readCsvSql } from "../ingest/read-csv-sql.ts";
import { readExport } from "../ingest/read-export.ts";
import { sniffFile } from "../sources/sniff-file.ts";
import { DELIMITERS } from "../sources/sniff-text.ts";
import { duckdbSession } from "../store/clinical-session.ts";
import { identifier, integer, join as joinSql, type Sql, sql } from "../store/clinical-sql.ts";

export type NamedCode = Pick<ReviewedCode, "code" | "name" | "frequency" | "info">;

export interface CodeTable {
  readonly path: string;
  /** The column with the code. */
  readonly code: string;
  /** Columns with names; the first is the code's name, the others are searched too. */
  readonly names: readonly string[];
  readonly signal?: AbortSignal;
}

/** More goes to the folder of this reading. */
const MEMORY_MAX = "512MB";
/** Nobody maps more by hand. */
const CODES_MAX = 200_000;

/**
 * Every code of the table with the name that stands beside at least half of its named rows and the number of its rows, the most frequent first.
 * @throws DureError as `sniffFile`, and `map/not-delimited`, `map/missing-column`. Memory: of the codes, not of the table.
 */
export async function readNamedCodes(table: CodeTable): Promise<readonly NamedCode[]> {
  const name = basename(table.path);
  const { form } = await sniffFile(table.path, table.signal === undefined ? {} : { signal: table.signal });
  if (form.format !== "delimited") throw new DureError(notDelimited(name));
  const folder = await mkdtemp(join(tmpdir(), "dure-codes-")); // owner-only, as mkdtemp makes it
  const instance = await DuckDBInstance.create(join(folder, "codes.duckdb"), { memory_limit: MEMORY_MAX });
  try {
    const delimiter = DELIMITERS[form.delimiter];
    const source = await readExport({ name, path: table.path, encoding: form.encoding, delimiter, decodedPath: join(folder, "copy.csv") });
    const [code, ...names] = [table.code, ...table.names].map((column) => {
      const at = source.header.indexOf(column);
      if (at < 0) throw new DureError(missingColumn(name, column));
      return sql`trim(${identifier(`c${at}`)})`;
    });
    if (code === undefined) return [];
    const csv = readCsvSql({ path: source.path, columnCount: source.header.length, delimiter, rejects: "rejects_0" });
    const columns = joinSql([code, ...names.map(mostlyNamed), sql`count(*)`]);
    const rows = await duckdbSession(await instance.connect()).rows(
      sql`SELECT ${columns} FROM ${csv} WHERE ${code} <> '' GROUP BY ${code} ORDER BY count(*) DESC, ${code} LIMIT ${integer(CODES_MAX)}`,
    );
    return rows.map((row) => namedCode(row.map(String), table.names));
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A code that stands beside many names, such as one for "other", has none: it must not be taken for what it once stood beside. */
function mostlyNamed(column: Sql): Sql {
  const name = sql`nullif(${column}, '')`;
  return sql`CASE WHEN 2 * list_max(map_values(histogram(${name}))) >= count(${name}) THEN mode(${name}) ELSE '' END`;
}

/** The codes that a load left open, under the names of the table; what the table does not list keeps no name. */
export function nameOpenCodes(open: readonly NamedCode[], named: readonly NamedCode[]): readonly NamedCode[] {
  const byCode = new Map(named.map((entry) => [entry.code, entry]));
  return open.map((entry) => ({ ...entry, ...pickNames(byCode.get(entry.code)) }));
}

const pickNames = (entry: NamedCode | undefined): Partial<NamedCode> => (entry === undefined ? {} : { name: entry.name, info: entry.info });

function namedCode([code = "", ...cells]: readonly string[], columns: readonly string[]): NamedCode {
  const others = columns.slice(1).map((column, i) => [column, cells[i + 1] ?? ""] as const);
  const info = Object.fromEntries(others.filter(([, cell]) => cell !== ""));
  return { code, name: columns.length === 0 ? "" : (cells[0] ?? ""), frequency: Number(cells.at(-1)), info };
}

const notDelimited = (file: string): Problem => ({
  code: "map/not-delimited",
  severity: "error",
  place: { file },
  what: text("The table is no delimited text.", "구분자로 나뉜 텍스트 파일이 아닙니다."),
  remedy: text("Save it as CSV and name that file.", "CSV로 저장한 뒤 그 파일을 지정해 주십시오."),
});

const missingColumn = (file: string, column: string): Problem => ({
  code: "map/missing-column",
  severity: "error",
  place: { file, column },
  what: text("The table has no such column.", "이 표에 그런 열이 없습니다."),
  remedy: text("dure site sniff shows the names of its columns.", "열 이름은 dure site sniff로 확인하실 수 있습니다."),
});
