/** For tests only: what every `ClinicalStore` keeps to, whatever engine is behind it. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "./clinical-sql.ts";
import type { ClinicalStore } from "./clinical-store.ts";

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
  const put = (store: ClinicalStore, value: number, keep = true): Promise<number> =>
    store.load([], async (session) => {
      await session.run(sql`CREATE OR REPLACE TABLE kept AS SELECT ${value} AS value`);
      return { keep, result: value };
    });
  const keptValue = (store: ClinicalStore): Promise<number> => store.read((session) => session.count(sql`SELECT value FROM kept`));

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
      await session.run(sql`CREATE OR REPLACE TABLE kept AS SELECT 3 AS value`);
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
