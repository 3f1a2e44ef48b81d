/**
 * The files of a vocabulary download: which file holds which table, and in which of the forms in use.
 *
 * - Athena: tab, a header line, no quoting at all (names hold `"`), days as YYYYMMDD.
 * - Eunomia and others: comma, quotes, days as YYYY-MM-DD.
 * - Parquet.
 *
 * The form is read from the file itself, never from its name. The last line is looked at before anything is loaded: a download that
 * was cut is the commonest fault, and loading ten million rows to find it out is slow.
 */

import { open, readdir, stat } from "node:fs/promises";
import { basename, join as joinPath } from "node:path";
import { duckdbType, isOmopTable, type OmopTable, omopFields } from "@dure/clinical";
import { DureError, type Problem } from "@dure/kernel";
import { emptySql, identifier, join, type Sql, sql, textLiteral } from "../store/clinical-sql.ts";
import { cutShort, missingColumn, notThere, twoFiles } from "./vocabulary-problems.ts";
import { vocabularyTables } from "./vocabulary-tables.ts";

export interface VocabularyFile {
  readonly table: OmopTable;
  readonly path: string;
  readonly bytes: number;
}

/** How to read a file, and its columns in their order, in lower case; those of Parquet are not needed. */
export type VocabularyFileForm =
  | { readonly kind: "parquet" }
  | { readonly kind: "text"; readonly delimiter: "\t" | ","; readonly newline: "\n" | "\r\n"; readonly columns: readonly string[] };

export interface VocabularyFolder {
  readonly files: readonly VocabularyFile[];
  /** CONCEPT_CPT4.csv, with the columns of CONCEPT: CPT4 was chosen, and its names are not there yet. */
  readonly cpt4List: VocabularyFile | undefined;
}

/** `CONCEPT.csv`, `concept.parquet`, `concept.tsv`, in whatever folder of the archive; nothing for other files. */
export function tableOfFile(name: string): OmopTable | "cpt4" | undefined {
  const found = /^([a-z_0-9]+)\.(?:csv|tsv|txt|parquet)$/i.exec(basename(name.replaceAll("\\", "/")))?.[1]?.toLowerCase();
  if (found === undefined || /(?:^|\/)__MACOSX\//.test(name)) return undefined;
  if (found === "concept_cpt4") return "cpt4";
  return isOmopTable(found) && vocabularyTables.includes(found) ? found : undefined;
}

/** @throws DureError where the folder cannot be read, or holds two files of one table. */
export async function findVocabularyFiles(folder: string): Promise<VocabularyFolder> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new DureError(notThere(folder), { cause });
  });
  const files: VocabularyFile[] = [];
  let cpt4List: VocabularyFile | undefined;
  for (const name of names.sort()) {
    const table = tableOfFile(name);
    if (table === undefined) continue;
    const path = joinPath(folder, name);
    const { size: bytes } = await stat(path);
    if (table === "cpt4") cpt4List = { table: "concept", path, bytes };
    else files.push({ table, path, bytes });
  }
  const doubled = files.filter(({ table }, i) => files.findIndex((other) => other.table === table) !== i);
  if (doubled.length > 0) throw new DureError(doubled.map(({ table }) => twoFiles(folder, table)));
  return { files, cpt4List };
}

/** Longer header and last lines than this do not exist: CONCEPT_SYNONYM's names have a thousand letters at most. */
const EDGE_BYTES_MAX = 65_536;

/** Reads the file's first and last bytes only. */
export async function readForm({
  path,
  table,
  bytes,
}: VocabularyFile): Promise<{ readonly form: VocabularyFileForm; readonly problems: readonly Problem[] }> {
  const handle = await open(path);
  try {
    const read = async (position: number): Promise<string> => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(EDGE_BYTES_MAX), 0, EDGE_BYTES_MAX, Math.max(0, position));
      return buffer.toString("latin1", 0, bytesRead); // only ASCII is looked at
    };
    const start = await read(0);
    if (start.startsWith("PAR1")) return { form: { kind: "parquet" }, problems: [] };
    const [first = "", ...rest] = start.replace(/^\u00ef\u00bb\u00bf/, "").split("\n");
    const newline = first.endsWith("\r") ? "\r\n" : "\n";
    const delimiter = first.includes("\t") ? "\t" : ",";
    const columns = first
      .trim()
      .split(delimiter)
      .map((name) => name.replaceAll('"', "").trim().toLowerCase());
    const missing = omopFields(table).filter(([name, { required }]) => required && !columns.includes(name));
    const problems = missing.map(([name]) => missingColumn(path, name));
    const isHeaderOnly = rest.join("").trim() === "" && bytes <= EDGE_BYTES_MAX;
    if (problems.length === 0 && !isHeaderOnly && isCut(await read(bytes - EDGE_BYTES_MAX), delimiter, columns.length))
      problems.push(cutShort(path));
    return { form: { kind: "text", delimiter, newline, columns }, problems };
  } finally {
    await handle.close();
  }
}

/** With quotes, a comma may stand in a name: then only a line with too few columns is certainly cut. */
function isCut(end: string, delimiter: "\t" | ",", columnCount: number): boolean {
  const lines = end.split("\n");
  const last = lines.at(-1) === "" ? lines.at(-2) : lines.at(-1);
  const found = (last ?? "").split(delimiter).length;
  return delimiter === "\t" ? !end.endsWith("\n") || found !== columnCount : found < columnCount;
}

/** The rows of a file with the table's own columns and types. What cannot be read as its type is NULL. */
export function selectFile(file: VocabularyFile, form: VocabularyFileForm): Sql {
  const columns = omopFields(file.table).map(([name, field]) => {
    const { type } = field;
    const has = form.kind === "parquet" || form.columns.includes(name);
    if (!has) return sql`NULL AS ${identifier(name)}`;
    const cell = sql`${identifier(name)}`;
    if (type === "integer") return sql`TRY_CAST(${cell} AS ${wholeNumber(duckdbType(name, field))}) AS ${cell}`;
    if (type === "float") return sql`TRY_CAST(${cell} AS DOUBLE) AS ${cell}`;
    if (type === "date" && form.kind === "text")
      return sql`coalesce(TRY_STRPTIME(${cell}, '%Y%m%d')::DATE, TRY_CAST(${cell} AS DATE)) AS ${cell}`;
    if (type === "date") return sql`TRY_CAST(${cell} AS DATE) AS ${cell}`;
    return sql`nullif(${cell}::VARCHAR, '') AS ${cell}`;
  });
  return sql`SELECT ${join(columns)} FROM ${readFile(file.path, form)}`;
}

const wholeNumber = (type: string): Sql => (type === "BIGINT" ? sql`BIGINT` : sql`INTEGER`);

function readFile(path: string, form: VocabularyFileForm): Sql {
  if (form.kind === "parquet") return sql`read_parquet(${path})`;
  const quote = textLiteral(form.delimiter === "\t" ? "" : '"');
  const columns = join(form.columns.map((name) => sql`${textLiteral(name)}: 'VARCHAR'`));
  const newline = form.newline === "\r\n" ? sql`, new_line = '\r\n'` : emptySql;
  return sql`read_csv(${path}, auto_detect = false, header = true, delim = ${textLiteral(form.delimiter)}, quote = ${quote}, escape = ${quote},
    nullstr = '', columns = {${columns}}${newline})`;
}
