/**
 * Parquet: read by the engine. Every value becomes the text that a person would have typed, so that one mapping document fits a table
 * whether it was exported as text or with types: a whole number stored as a floating-point one (as data frames do where cells are
 * missing) has no decimal point, and a date is written in the format that the mapping declares for its column.
 *
 * A broken file makes the engine fail in the middle of a statement, which would end the load's transaction before the other files were
 * looked at. So it is read through once by an engine of its own, and only a file that could be read is named to the store's.
 */

import { open } from "node:fs/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import type { MappingFile } from "@dure/clinical";
import { DureError } from "@dure/kernel";
import { emptyFile, missingFile } from "../ingest/problems.ts";
import { duckdbSession, type SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql, textLiteral } from "../store/clinical-sql.ts";
import { dateFormatsOf, OF_DATE, OF_TIME } from "./date-formats.ts";
import { hashFile } from "./hash-file.ts";
import type { ExportRequest, OpenedExport } from "./open-export.ts";
import { badParquet, needsTimeZone, notText } from "./source-problems.ts";

type ParquetFile = Extract<MappingFile, { readonly format: "parquet" }>;

interface Column {
  readonly name: string;
  readonly type: string;
}

/** A reading engine of its own beside the store's: both must fit into a small machine. */
const MEMORY_MAX = "512MB";
const MAGIC = "PAR1";
/** Magic at both ends, and the footer's length before the last. */
const BYTES_MIN = 12;

/** @throws DureError `ingest/missing-file`, `empty-file`, `bad-parquet`, `needs-time-zone` or `not-text`. */
export async function openParquet(definition: ParquetFile, request: ExportRequest): Promise<OpenedExport> {
  const path = `${request.directory}/${definition.path}`;
  await checkEnds(path, definition.path);
  const columns = await withEngine(path, definition.path, async (session) => {
    const found = await describe(session, path);
    checkTypes(definition, request.columns, found);
    await readThrough(session, relation(definition, request.columns, { path, columns: found }));
    return found;
  });
  return {
    sha256: await hashFile(path, request.signal),
    header: columns.map(({ name }) => name),
    table: relation(definition, request.columns, { path, columns }),
    brokenRows: async () => ({ listed: [], count: 0, rows: [] }),
  };
}

/** For looking at a file before it has a mapping: `work` runs in an engine that may read this file and nothing else. */
export async function withParquet<Result>(
  path: string,
  name: string,
  work: (session: SqlSession, table: Sql, columns: readonly ParquetColumn[]) => Promise<Result>,
): Promise<Result> {
  await checkEnds(path, name);
  return withEngine(path, name, async (session) => {
    const columns = await describe(session, path);
    const everything = columns.map((column) => column.name);
    const table = relation({ path: name, values: {} }, everything, { path, columns });
    return work(
      session,
      table,
      columns.map((column) => ({ name: column.name, isZoned: isZoned(column.type) })),
    );
  });
}

export interface ParquetColumn {
  readonly name: string;
  /** Its days depend on a time zone, which a mapping must name. */
  readonly isZoned: boolean;
}

async function checkEnds(path: string, name: string): Promise<void> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) throw new DureError(missingFile(name));
  try {
    const { size } = await file.stat();
    if (size === 0) throw new DureError(emptyFile(name));
    const read = async (at: number): Promise<string> => (await file.read(Buffer.alloc(4), 0, 4, at)).buffer.toString("latin1");
    if (size < BYTES_MIN || (await read(0)) !== MAGIC) throw new DureError(badParquet(name, "foreign"));
    if ((await read(size - 4)) !== MAGIC) throw new DureError(badParquet(name, "cut-short"));
  } finally {
    await file.close();
  }
}

async function withEngine<Result>(path: string, name: string, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
  const instance = await DuckDBInstance.create(":memory:", { memory_limit: MEMORY_MAX });
  try {
    const connection = await instance.connect();
    const session = duckdbSession(connection);
    await session.run(sql`SET allowed_paths = [${textLiteral(path)}]`);
    await session.run(sql`SET enable_external_access = false`);
    await session.run(sql`SET lock_configuration = true`);
    return await work(session);
  } catch (cause) {
    throw cause instanceof DureError ? cause : new DureError(badParquet(name, "unreadable"), { cause });
  } finally {
    instance.closeSync();
  }
}

const readParquet = (path: string): Sql => sql`read_parquet(${path}, binary_as_string = true, file_row_number = false)`;

async function describe(session: SqlSession, path: string): Promise<readonly Column[]> {
  const rows = await session.rows(sql`DESCRIBE SELECT * FROM ${readParquet(path)}`);
  return rows.map(([name, type]) => ({ name: String(name).normalize("NFC"), type: String(type) }));
}

function checkTypes(definition: ParquetFile, needed: readonly string[], columns: readonly Column[]): void {
  const problems = columns.flatMap(({ name, type }) => {
    if (!needed.includes(name)) return [];
    if (/\[\]$|^(?:STRUCT|MAP|UNION|LIST|BLOB|BIT|GEOMETRY|VARIANT)\b/.test(type)) return [notText(definition.path, name)];
    return isZoned(type) && definition.timeZone === undefined ? [needsTimeZone(definition.path, name)] : [];
  });
  if (problems.length > 0) throw new DureError(problems);
}

const isZoned = (type: string): boolean => type === "TIMESTAMP WITH TIME ZONE";

interface Described {
  readonly path: string;
  readonly columns: readonly Column[];
}

function relation(
  definition: Pick<ParquetFile, "path" | "values" | "timeZone">,
  needed: readonly string[],
  { path, columns }: Described,
): Sql {
  const formats = dateFormatsOf(definition);
  const cells = columns.flatMap(({ name, type }, i) =>
    needed.includes(name)
      ? [sql`${asText(identifier(`p${i}`), type, { format: formats.get(name), timeZone: definition.timeZone })} AS ${identifier(`c${i}`)}`]
      : [],
  );
  const names = join(columns.map((_, i) => identifier(`p${i}`)));
  return sql`(SELECT ${cells.length === 0 ? sql`NULL` : join(cells)} FROM ${readParquet(path)} AS parquet (${names}))`;
}

interface Written {
  readonly format: string | undefined;
  readonly timeZone: string | undefined;
}

/** Beyond 2^53 a floating-point number stands for many whole ones, and its digits would be made up. */
const EXACT_MAX = integer(2 ** 53 - 1);

function asText(cell: Sql, type: string, { format, timeZone }: Written): Sql {
  if (type === "DATE") return sql`strftime(${cell}, ${format ?? OF_DATE})`;
  if (isZoned(type)) return sql`strftime(timezone(${timeZone ?? "UTC"}, ${cell}), ${format ?? OF_TIME})`;
  if (type.startsWith("TIMESTAMP")) return sql`strftime(${cell}::TIMESTAMP, ${format ?? OF_TIME})`;
  if (type !== "DOUBLE" && type !== "FLOAT") return sql`${cell}::VARCHAR`;
  return sql`CASE WHEN ${cell} = trunc(${cell}) AND abs(${cell}) < ${EXACT_MAX} THEN ${cell}::BIGINT::VARCHAR ELSE ${cell}::VARCHAR END`;
}

/** Every page of the needed columns is decoded and written as text, and nothing is kept. */
async function readThrough(session: SqlSession, table: Sql): Promise<void> {
  await session.rows(sql`SELECT max(length(cells::VARCHAR)) FROM ${table} AS cells`);
}
