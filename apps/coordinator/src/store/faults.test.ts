/** Faults at the edge, provoked on real databases: each has its code and says whether something may have been stored. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import pg from "pg";
import { openCoordinatorStore } from "./store.ts";
import { testDatabases } from "./testing.ts";

const postgres = testDatabases.find(({ name }) => name === "PostgreSQL");
const options = { skip: postgres === undefined ? "no DURE_TEST_POSTGRES_URL" : false };

async function openPostgres(t: TestContext) {
  assert.ok(postgres !== undefined);
  const { target, remove } = await postgres.make();
  assert.ok(target.kind === "postgres");
  const store = await openCoordinatorStore(target);
  t.after(() => store.close().then(remove));
  return { store, url: target.url };
}

test("a database that does not answer is store/unreachable and transient, and its password is not printed", async () => {
  const opening = openCoordinatorStore({ kind: "postgres", url: "postgres://dure:hidden-word@127.0.0.1:1/dure" });
  await assert.rejects(opening, (cause: Error & { code?: string; retry?: string }) => {
    assert.deepEqual([cause.code, cause.retry], ["store/unreachable", "transient"]);
    assert.match(cause.message, /^127\.0\.0\.1:1\/dure: /);
    assert.doesNotMatch(cause.message, /hidden-word/);
    return true;
  });
});

test("a path that is no directory is store/directory-unusable", async () => {
  const directory = mkdtempSync(join(tmpdir(), "dure-store-"));
  writeFileSync(join(directory, "file"), "");
  await assert.rejects(openCoordinatorStore({ kind: "embedded", directory: join(directory, "file") }), {
    code: "store/directory-unusable",
  });
  rmSync(directory, { recursive: true });
});

test("a connection lost inside a transaction is store/unreachable: nothing stored, and the next transaction works", options, async (t) => {
  const { store } = await openPostgres(t);
  const attempt = store.transaction("lose connection", async (tx) => {
    await sql`insert into blob values (${"a".repeat(64)}, '', 0)`.execute(tx);
    await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx);
  });
  await assert.rejects(attempt, { code: "store/unreachable", retry: "transient" });
  const left = await store.transaction("look", (tx) => sql`select 1 from blob`.execute(tx));
  assert.equal(left.rows.length, 0);
});

test("a connection lost while committing is store/outcome-unknown and ambiguous", options, async (t) => {
  const { store } = await openPostgres(t);
  const attempt = store.transaction("lose commit", async (tx) => {
    await sql`create function die() returns trigger language plpgsql as 'begin perform pg_terminate_backend(pg_backend_pid()); return null; end'`.execute(
      tx,
    );
    await sql`create constraint trigger die after insert on blob deferrable initially deferred for each row execute function die()`.execute(
      tx,
    );
    await sql`insert into blob values (${"a".repeat(64)}, '', 0)`.execute(tx);
  });
  await assert.rejects(attempt, { code: "store/outcome-unknown", retry: "ambiguous" });
  assert.equal(await store.transaction("afterwards", async () => 1), 1);
});

test("a coordinator that lost its hold on the database writes nothing more: store/lock-lost", options, async (t) => {
  const { store, url } = await openPostgres(t);
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(
    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
  );
  await admin.end();
  const lost = async (): Promise<void> => {
    for (;;) await store.transaction("write", async () => 1);
  };
  await assert.rejects(lost(), { code: "store/lock-lost", retry: "permanent" });
});
