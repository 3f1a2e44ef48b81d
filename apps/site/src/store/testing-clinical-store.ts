/** For tests only: what every `ClinicalStore` keeps to, whatever engine is behind it. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hashJson } from "@dure/kernel";
import { identifier, integer, type Sql, sql } from "./clinical-sql.ts";
import { type ClinicalStore, snapshotSchema } from "./clinical-store.ts";

export function testClinicalStore(name: string, open: (path: string) => Promise<ClinicalStore>): void {
  const inFolder = (fact: string, work: (folder: string, store: ClinicalStore) => Promise<void>): void => {
    test(`${name}: ${fact}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "dure-clinical-store-"));
      const store = await open(join(folder, "clinical.duckdb"));
      try {
        await work(folder, store);
      } finally {
        await store.close();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  };
  /** A load that makes the next snapshot, of one table; earlier ones go. */
  const putRows = (store: ClinicalStore, rows: Sql, keep = true): Promise<number> =>
    store.load([], async (session) => {
      const last = await session.count(sql`SELECT coalesce(max(number), 0) FROM dure.snapshot`);
      if (last > 0) await session.run(sql`DROP SCHEMA ${identifier(snapshotSchema(last))} CASCADE`);
      await session.run(sql`DELETE FROM dure.snapshot`);
      await session.run(sql`CREATE SCHEMA ${identifier(snapshotSchema(last + 1))}`);
      await session.run(sql`CREATE TABLE ${identifier(snapshotSchema(last + 1))}.kept AS ${rows}`);
      await session.run(sql`INSERT INTO dure.snapshot VALUES (${integer(last + 1)}, ${hashJson(last + 1)}, '{}')`);
      return { keep, result: last + 1 };
    });
  const put = async (store: ClinicalStore, value: number, keep = true): Promise<number> => {
    await putRows(store, sql`SELECT ${integer(value)} AS value`, keep);
    return value;
  };
  const kept = (store: ClinicalStore) =>
    store.read(async (session) => {
      const newest = await session.count(sql`SELECT max(number) FROM dure.snapshot`);
      return session.rows(sql`SELECT * FROM ${identifier(snapshotSchema(newest))}.kept`);
    });
  const keptValue = async (store: ClinicalStore): Promise<number> => Number((await kept(store))[0]?.[0]);

  inFolder("a load gives its result, and what it kept is read, also after the store is opened again", async (folder, store) => {
    assert.equal(await put(store, 1), 1);
    assert.equal(await keptValue(store), 1);
    await store.close();
    const again = await open(join(folder, "clinical.duckdb"));
    assert.equal(await keptValue(again), 1);
    await again.close();
  });

  inFolder("a load that does not keep its work, and one that fails, change nothing", async (_, store) => {
    await put(store, 1);
    assert.equal(await put(store, 2, false), 2);
    const failed = store.load([], async (session) => {
      await session.run(sql`CREATE SCHEMA snapshot_9`);
      await session.run(sql`INSERT INTO dure.snapshot VALUES (9, ${hashJson(9)}, '{}')`);
      throw new RangeError("on purpose");
    });
    await assert.rejects(failed, { name: "RangeError", message: "on purpose" });
    assert.equal(await keptValue(store), 1);
  });

  inFolder("readings and loads take turns in the order in which they were asked for", async (_, store) => {
    await put(store, 1);
    const answers = await Promise.all([keptValue(store), put(store, 2), keptValue(store), put(store, 3), keptValue(store)]);
    assert.deepEqual(answers, [1, 2, 2, 3, 3]);
  });

  inFolder("appended values of every type, and empty ones, come back as they were", async (_, store) => {
    const rows = await store.load([], async (session) => {
      await session.run(sql`CREATE TEMP TABLE appended (big BIGINT, small INTEGER, fraction DOUBLE PRECISION, word VARCHAR, day DATE)`);
      const types = ["bigint", "integer", "double", "text", "date"] as const;
      await session.append("appended", types, [
        [2n ** 60n, -7, 0.1, "신장", "1899-02-28"],
        [null, null, null, null, null],
      ]);
      return { keep: false, result: await session.rows(sql`SELECT big, small, fraction, word, day FROM appended ORDER BY big`) };
    });
    assert.deepEqual(rows, [
      [2n ** 60n, -7, 0.1, "신장", "1899-02-28"],
      [null, null, null, null, null],
    ]);
  });

  inFolder("a load reads the files that it named and no other, and a reading reads none", async (folder, store) => {
    const [named, other] = [join(folder, "named.csv"), join(folder, "other.csv")];
    for (const path of [named, other]) writeFileSync(path, "a\n1\n2\n");
    const countRows = (path: string) => sql`SELECT count(*) FROM read_csv(${path})`;
    const loadNamed = (path: string) =>
      store.load([named], async (session) => ({ keep: false, result: await session.count(countRows(path)) }));
    assert.equal(await loadNamed(named), 2);
    await assert.rejects(loadNamed(other));
    await assert.rejects(store.read((session) => session.count(countRows(named))));
  });

  inFolder("values come back as they were: wide numbers, quotes, line ends, an empty text and none", async (_, store) => {
    const rows = sql`
      SELECT 9007199254740993::BIGINT AS a, -0.1::DOUBLE AS b, DATE '1969-12-31' AS c, true AS d, 7::INTEGER AS e,
        unnest(['', NULL, 'it''s "so"', E'two\\nlines, \\\\N', E'\\\\N', '\\.', '한글']) AS f`;
    await putRows(store, rows);
    const read = await kept(store);
    assert.deepEqual(
      read.map((row) => row.slice(0, 5)),
      read.map(() => [9007199254740993n, -0.1, "1969-12-31", true, 7]),
    );
    const texts = ["", null, 'it\'s "so"', "two\nlines, \\N", "\\N", "\\.", "한글"];
    assert.deepEqual(
      read.map((row) => row[5]),
      texts,
    );
  });

  inFolder("snapshots are listed oldest first, with hash and report", async (_, store) => {
    await put(store, 1);
    await put(store, 2);
    assert.deepEqual(await store.snapshots(), [{ number: 2, hash: hashJson(2), report: {} }]);
  });

  inFolder("a new store has no snapshot", async (_, store) => {
    assert.deepEqual(await store.snapshots(), []);
  });

  inFolder("a second opening is refused by name while the first is open, and may be tried again", async (folder) => {
    await assert.rejects(open(join(folder, "clinical.duckdb")), { code: "store/in-use", retry: "transient" });
  });

  inFolder("a closed store can be closed again, and does nothing else", async (_, store) => {
    await store.close();
    await store.close();
    await assert.rejects(keptValue(store), /the store was closed/);
    await assert.rejects(put(store, 1), /the store was closed/);
  });
}
