/**
 * For tests only: the databases on which every contract of the store is checked.
 *
 * PGlite always; PostgreSQL where `DURE_TEST_POSTGRES_URL` names a server on which databases may be made. Every store is a new directory
 * or a new database, and is gone afterwards.
 */

import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import type { StoreTarget } from "./store.ts";

export interface TestStore {
  readonly target: StoreTarget;
  remove(): Promise<void>;
}

export interface TestDatabase {
  /** As a test's name says it. */
  readonly name: "PGlite" | "PostgreSQL";
  /** A new, empty store. */
  make(): Promise<TestStore>;
}

const serverUrl = process.env["DURE_TEST_POSTGRES_URL"];

/** The databases that can be had here, PGlite first. */
export const testDatabases: readonly TestDatabase[] = [
  { name: "PGlite", make: makeDirectory },
  ...(serverUrl === undefined ? [] : [{ name: "PostgreSQL" as const, make: () => makeDatabase(serverUrl) }]),
];

/** A directory of its own below the system's temporary one. */
export const makeTemporaryDirectory = (): string => mkdtempSync(join(tmpdir(), "dure-store-"));

async function makeDirectory(): Promise<TestStore> {
  const directory = makeTemporaryDirectory();
  cpSync(await template(), join(directory, "data"), { recursive: true });
  return { target: { kind: "embedded", directory }, remove: async () => rmSync(directory, { recursive: true, force: true }) };
}

/** PGlite's files before the first table, made once a checkout: making them takes seconds, copying them a tenth of one. */
async function template(): Promise<string> {
  const cache = fileURLToPath(new URL("../../../../.cache/", import.meta.url));
  const finished = join(cache, "pglite-0.5.16");
  if (existsSync(finished)) return finished;
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, "pglite-unfinished-"));
  const instance = await PGlite.create(unfinished);
  await instance.close();
  try {
    renameSync(unfinished, finished);
  } catch {
    rmSync(unfinished, { recursive: true, force: true }); // another test file was first
  }
  return finished;
}

async function makeDatabase(url: string): Promise<TestStore> {
  const name = `dure_test_${process.pid}_${Math.trunc(performance.now() * 1000)}`;
  await withServer(url, `create database ${name}`);
  const target = new URL(url);
  target.pathname = `/${name}`;
  return { target: { kind: "postgres", url: target.href }, remove: () => withServer(url, `drop database ${name} with (force)`) };
}

async function withServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
