/** Reading a delimited file by the engine: every cell as text, and every row that is no row of the table set aside with its line. */

import type { Problem } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql, textLiteral } from "../store/clinical-sql.ts";
import { brokenRow, PROBLEMS_PER_FILE_MAX } from "./problems.ts";

export interface CsvSource {
  readonly path: string;
  readonly columnCount: number;
  readonly delimiter: string;
  /** Name of the temporary table of broken rows; made of letters, digits and underscores. */
  readonly rejects: string;
}

export interface Problems {
  readonly listed: readonly Problem[];
  readonly count: number;
}

/** The engine stops storing broken rows here; a file with so many is not the file that was meant. */
const REJECTS_MAX = 10_000;
const LINE_BYTES_MAX = 16 * 2 ** 20;
/** The engine would make it 16 lines of the longest kind, which is more than a whole load may hold. */
const BUFFER_BYTES = 2 * LINE_BYTES_MAX;

/** A table function: columns `c0`, `c1`, ... in the file's order. Quotes as in RFC 4180; the first line is the header. */
export function readCsvSql(source: CsvSource): Sql {
  const columns = join(Array.from({ length: source.columnCount }, (_, i) => sql`${identifier(`c${i}`)}: 'VARCHAR'`));
  return sql`read_csv(${source.path}, delim = ${textLiteral(source.delimiter)}, quote = '"', escape = '"', header = true, auto_detect = false,
    columns = {${columns}}, strict_mode = true, store_rejects = true, rejects_limit = ${integer(REJECTS_MAX)},
    rejects_table = ${textLiteral(source.rejects)}, rejects_scan = ${textLiteral(`${source.rejects}_scan`)}, max_line_size = ${integer(LINE_BYTES_MAX)},
    buffer_size = ${integer(BUFFER_BYTES)})`;
}

export interface BrokenRows extends Problems {
  /** Numbers of all broken rows, ascending. */
  readonly rows: readonly number[];
}

/** What `readCsvSql` set aside, as problems of `file`; the first of them listed, all counted. */
export async function findBrokenRows(session: SqlSession, source: CsvSource, file: string): Promise<BrokenRows> {
  const found = await session.rows(
    sql`SELECT line, max(error_type::VARCHAR) FROM ${identifier(source.rejects)} GROUP BY line ORDER BY line`,
  );
  const broken = found.map(([line, type]) => ({ row: Number(line) - 1, kind: rejectKind(String(type)) }));
  return {
    count: broken.length,
    listed: broken.slice(0, PROBLEMS_PER_FILE_MAX).map(({ row, kind }) => brokenRow(file, row, kind)),
    rows: broken.map(({ row }) => row),
  };
}

/** The number in the file of the n-th row that was not set aside. */
export function rowInFile(readRow: number, broken: readonly number[]): number {
  let row = readRow;
  for (const skipped of broken) {
    if (skipped > row) break;
    row++;
  }
  return row;
}

function rejectKind(type: string): Parameters<typeof brokenRow>[2] {
  if (type === "MISSING COLUMNS") return "missing-columns";
  if (type === "TOO MANY COLUMNS") return "too-many-columns";
  return type === "UNQUOTED VALUE" ? "unterminated-quote" : "unreadable";
}
