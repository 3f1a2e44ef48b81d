/** For tests only: one export opened and read as the loader does, in a folder that is gone afterwards. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DureError, type Problem } from "@dure/kernel";
import pg from "pg";
import { mappingOf } from "../ingest/testing.ts";
import { type Cell, duckdbSession } from "../store/clinical-session.ts";
import { identifier, join as joinSql, sql } from "../store/clinical-sql.ts";
import { type ExportRequest, openExport } from "./open-export.ts";

export interface SourceFolder extends Disposable {
  readonly path: string;
  readonly write: (name: string, content: string | Uint8Array, mode?: number) => void;
  /** The cells of the columns that `FILE` names, after the source's own problems. */
  readonly read: (source: string, options?: { readonly signal?: AbortSignal }) => Promise<ReadTable>;
  readonly problemsOf: (source: string) => Promise<readonly Problem[]>;
}

export interface ReadTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly rowsLeftOut: readonly number[];
  readonly sha256: string;
}

/** Columns PATNO, TAKEN (a date), RESULT and NOTE. */
const mappingText = (source: string): string => `
dureMapping: 1
id: sources
version: 1
title: { en: Sources, ko: 자료원 }
recordType: ehr
persons: labs
files:
  labs:
    ${source.trim().replaceAll("\n", "\n    ")}
    person: PATNO
    values:
      taken: { date: TAKEN, format: "%Y-%m-%d %H:%M" }
      result: { number: RESULT }
      note: { codeConcept: NOTE, codes: { 여: female, 남: male } }
    rows: [{ to: person, gender: note, yearOfBirth: { date: taken } }]
observationPeriod:
  rule: { en: One day., ko: 하루. }
  start: [{ value: labs.taken }]
  end: [{ value: labs.taken }]
  withoutEnd: one-day
`;

const COLUMNS = ["PATNO", "TAKEN", "RESULT", "NOTE"];

export function sourceFolder(): SourceFolder {
  const path = mkdtempSync(join(tmpdir(), "dure-sources-"));
  let copies = 0;
  const read: SourceFolder["read"] = async (source, { signal } = {}) => {
    const definition = mappingOf(mappingText(source)).files["labs"];
    assert(definition !== undefined);
    const copyPath = join(path, `copy.${copies++}.csv`);
    const instance = await DuckDBInstance.create(":memory:");
    try {
      const session = duckdbSession(await instance.connect());
      const request = { definition, directory: path, columns: COLUMNS, copyPath, rejects: "rejects_0", ...(signal ? { signal } : {}) };
      const opened = await openExport(request);
      const present = COLUMNS.filter((name) => opened.header.includes(name));
      const cells = present.map((name) => identifier(`c${opened.header.indexOf(name)}`));
      const rows = await session.rows(sql`SELECT ${joinSql(cells)} FROM ${opened.table}`);
      const broken = await opened.brokenRows(session);
      if (broken.count > 0) throw new DureError(broken.listed);
      return { header: opened.header, rows, rowsLeftOut: broken.rows, sha256: opened.sha256 };
    } finally {
      instance.closeSync();
      rmSync(copyPath, { force: true });
    }
  };
  return {
    path,
    write: (name, content, mode = 0o600) => writeFileSync(join(path, name), content, { mode }),
    read,
    problemsOf: async (source) => {
      const error = await read(source).then(
        () => assert.fail("it was not refused"),
        (cause: unknown) => cause,
      );
      assert(error instanceof DureError, String(error));
      for (const { what, remedy } of error.problems) assert.match(what.ko + remedy.ko, /[가-힣]/);
      return error.problems;
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Reads an export to its end as the loader does. @returns the number of rows */
export async function countRows(request: ExportRequest): Promise<number> {
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const session = duckdbSession(await instance.connect());
    const { table } = await openExport(request);
    await session.run(sql`CREATE TEMP TABLE cells AS SELECT * FROM ${table}`);
    return await session.count(sql`SELECT count(*) FROM cells`);
  } finally {
    instance.closeSync();
  }
}

export async function writeParquet(path: string, query: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  await (await instance.connect()).run(`COPY (${query}) TO '${path}' (FORMAT parquet)`);
  instance.closeSync();
}

export async function runOnPostgres(url: string, statements: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statements);
  await client.end();
}
