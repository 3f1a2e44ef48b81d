/**
 * A copy of the needed columns of a source as delimited text beside the store: every cell quoted, so that nothing in a cell can end it.
 * Written in blocks, hashed as it is written, readable by its owner only.
 */

import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { parseSha256, type Sha256 } from "@dure/kernel";
import { findBrokenRows, readCsvSql } from "../ingest/read-csv-sql.ts";
import { identifier, join, type Sql, sql } from "../store/clinical-sql.ts";
import type { ExportRequest, OpenedExport } from "./open-export.ts";

/** Gathered before they are written. */
const BLOCK_BYTES = 2 ** 20;
/** UTF-8 has at most so many for a character, as a string counts them. */
const BYTES_PER_CHARACTER_MAX = 3;

export class TableCopy {
  readonly #file: FileHandle;
  readonly #hash = createHash("sha256");
  #block = Buffer.allocUnsafe(2 * BLOCK_BYTES);
  #byteCount = 0;
  #rowCount = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @param columnCount of each row that follows */
  static async create(path: string, columnCount: number): Promise<TableCopy> {
    const copy = new TableCopy(await open(path, "wx", 0o600));
    copy.#write(`${Array.from({ length: columnCount }, (_, i) => `c${i}`).join(",")}\n`);
    return copy;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** An empty cell and none are the same. Waits for nothing: see `isFull`. */
  add(cells: readonly (string | null)[]): void {
    let line = "";
    for (let i = 0; i < cells.length; i++) line += `${i === 0 ? '"' : ',"'}${quoted(cells[i] ?? "")}"`;
    this.#write(`${line}\n`);
    this.#rowCount++;
  }

  /** Whether it is time to `flush`. */
  get isFull(): boolean {
    return this.#byteCount >= BLOCK_BYTES;
  }

  /** @returns of the copy's bytes */
  async close(): Promise<Sha256> {
    try {
      await this.flush();
    } finally {
      await this.#file.close();
    }
    return parseSha256(this.#hash.digest("hex"));
  }

  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined); // the caller has a cause to tell already
  }

  async flush(): Promise<void> {
    const bytes = this.#block.subarray(0, this.#byteCount);
    this.#byteCount = 0;
    this.#hash.update(bytes);
    await this.#file.writeFile(bytes);
  }

  #write(line: string): void {
    const need = this.#byteCount + BYTES_PER_CHARACTER_MAX * line.length;
    if (need > this.#block.length) this.#block = Buffer.concat([this.#block.subarray(0, this.#byteCount)], 2 * need);
    this.#byteCount += this.#block.write(line, this.#byteCount);
  }
}

const quoted = (cell: string): string => (cell.includes('"') ? cell.replaceAll('"', '""') : cell);

interface Copied {
  readonly sha256: Sha256;
  readonly header: readonly string[];
  /** Places in the header of the copy's columns, in order. */
  readonly places: readonly number[];
  /** Numbers of rows that the source left out of the copy, ascending. */
  readonly rowsLeftOut?: readonly number[];
}

/** The copy as what the loader reads. */
export function copiedRelation(request: ExportRequest, { sha256, header, places, rowsLeftOut = [] }: Copied): OpenedExport {
  const csv = { path: request.copyPath, columnCount: Math.max(1, places.length), delimiter: ",", rejects: request.rejects };
  const cells = places.map((place, i): Sql => sql`${identifier(`c${i}`)} AS ${identifier(`c${place}`)}`);
  return {
    ...{ sha256, header, table: sql`(SELECT ${cells.length === 0 ? sql`NULL` : join(cells)} FROM ${readCsvSql(csv)})` },
    brokenRows: async (session) => {
      const broken = await findBrokenRows(session, csv, request.definition.path);
      return { ...broken, rows: rowsLeftOut };
    },
  };
}

/** Where the columns asked for stand in the header; those that it lacks or has twice are left out, and the loader tells of them. */
export function placesOf(header: readonly string[], columns: readonly string[]): readonly number[] {
  return header.flatMap((name, i) => (columns.includes(name) && header.indexOf(name) === i && header.lastIndexOf(name) === i ? [i] : []));
}
