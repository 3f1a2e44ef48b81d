/**
 * The clinical store of a site's folder, whichever engine the hospital chose: DuckDB, or PostgreSQL where the file `clinical.url` lies
 * beside the DuckDB file. The URL holds a password, so that file is the owner's alone.
 */

import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Clock, DureError, fromUtf8, text } from "@dure/kernel";
import { findPrivateFile, writePrivateFile } from "@dure/machine";
import { openDuckdbClinicalStore } from "./clinical-duckdb.ts";
import type { ClinicalStore } from "./clinical-store.ts";
import type { Waiting } from "./duckdb-file.ts";

/** Reading a research table takes a second or two, a load of half a million rows a few more. */
const WAIT_MS_MAX = 10_000;

export type ClinicalEngine = "duckdb" | "postgresql";

/**
 * @param path of the DuckDB file, which is the workshop of loads for PostgreSQL.
 * @param waiting how long to wait for a turn; not at all where it is not given.
 * @throws DureError `store/in-use` (transient) where another process, or another part of this one, has it open.
 */
export async function openClinicalStore(path: string, waiting?: Waiting): Promise<ClinicalStore> {
  const url = findPrivateFile(urlPath(path));
  if (url === undefined) return openDuckdbClinicalStore(path, waiting);
  const { openPostgresClinicalStore } = await import("./clinical-postgres.ts"); // a site on DuckDB needs no client of PostgreSQL
  return openPostgresClinicalStore({ url: fromUtf8(url).trim(), path, ...(waiting === undefined ? {} : { waiting }) });
}

/** As `openClinicalStore`, waiting up to 10 s at each opening for a load or a reading that has the store. */
export const openClinicalStoreWaiting = (path: string, clock: Clock, signal?: AbortSignal): Promise<ClinicalStore> =>
  openClinicalStore(path, { clock, waitMsMax: WAIT_MS_MAX, ...(signal === undefined ? {} : { signal }) });

export const clinicalEngine = (path: string): ClinicalEngine => (findPrivateFile(urlPath(path)) === undefined ? "duckdb" : "postgresql");

/**
 * From now on the snapshots are read in this PostgreSQL; those that are there are published at once. Where that fails the choice is as before.
 * @throws DureError `store/bad-url`, `store/in-use`, `store/postgres-unreachable`, `store/postgres-refused`, `store/disk-full`
 */
export async function usePostgres(path: string, url: string, clock: Clock): Promise<void> {
  if (!/^postgres(?:ql)?:\/\//.test(url) || !URL.canParse(url)) throw new DureError(badUrl());
  const before = findPrivateFile(urlPath(path));
  writePrivateFile(urlPath(path), `${url}\n`);
  try {
    const store = await openClinicalStoreWaiting(path, clock);
    await store.load([], async () => ({ keep: true, result: undefined })).finally(() => store.close());
  } catch (cause) {
    if (before === undefined) rmSync(urlPath(path), { force: true });
    else writePrivateFile(urlPath(path), fromUtf8(before));
    throw cause;
  }
}

/** The DuckDB file has every kept snapshot, whichever engine was read. What was published stays in PostgreSQL. */
export const useDuckdb = (path: string): void => rmSync(urlPath(path), { force: true });

const urlPath = (path: string): string => join(dirname(path), "clinical.url");

const badUrl = () => ({
  code: "store/bad-url",
  severity: "error" as const,
  place: {},
  what: text("This is not the URL of a PostgreSQL database.", "PostgreSQL 데이터베이스의 URL이 아닙니다."),
  remedy: text(
    "Write one line postgresql://user:password@host:5432/database into a file that only you can read, and name that file.",
    "본인만 읽을 수 있는 파일에 postgresql://사용자:비밀번호@호스트:5432/데이터베이스 한 줄을 적고 그 파일을 지정해 주십시오.",
  ),
});
