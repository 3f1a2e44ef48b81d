import assert from "node:assert/strict";
import { test } from "node:test";
import { CamelCasePlugin, Kysely, PostgresDialect, sql } from "kysely";
import { tablesInOrder } from "./backup-format.ts";
import { openEmbeddedEngine } from "./embedded-engine.ts";
import type { StoreEngine } from "./engine.ts";
import { latestSchema, migrateTo, migrations } from "./migrate.ts";
import { openPostgresEngine } from "./postgres-engine.ts";
import { openCoordinatorStore, type StoreTarget } from "./store.ts";
import type { CoordinatorTables } from "./tables.ts";
import { testDatabases } from "./testing.ts";

const openEngine = (target: StoreTarget): Promise<StoreEngine> =>
  target.kind === "embedded" ? openEmbeddedEngine(target.directory) : openPostgresEngine(target.url);

async function withDatabase(target: StoreTarget, use: (db: Kysely<CoordinatorTables>) => Promise<void>): Promise<void> {
  const engine = await openEngine(target);
  const db = new Kysely<CoordinatorTables>({ dialect: new PostgresDialect({ pool: engine.pool }), plugins: [new CamelCasePlugin()] });
  try {
    await use(db);
  } finally {
    await db.destroy();
    await engine.release();
  }
}

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly comment: string | null;
}

const readColumns = async (db: Kysely<CoordinatorTables>): Promise<readonly Column[]> =>
  (
    await sql<Column>`
      select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type, col_description(c.oid, a.attnum) as comment
      from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
      order by c.relname, a.attnum
    `.execute(db)
  ).rows;

const DICTIONARY_ENTRY =
  /^\S.*\. Unit: [^.]+\. Sensitivity: (public|alliance|participants|operator|sealed)(, .+)?\. Mutability: (fixed|once|changes)\.$/s;

for (const { name, make } of testDatabases) {
  test(`the schema on ${name}`, async (t) => {
    const store = await make();
    t.after(() => store.remove());
    await withDatabase(store.target, async (db) => {
      await t.test("every migration goes forward, back and forward to the same schema", () => assertReversible(db));
      await migrateTo(db, latestSchema, "test");
      await t.test("every column says meaning, unit, sensitivity and mutability", async () => {
        const columns = await readColumns(db);
        assert.ok(columns.length > 100);
        assert.deepEqual(
          columns.filter(({ comment }) => !DICTIONARY_ENTRY.test(comment ?? "")),
          [],
        );
      });
      await t.test("times are milliseconds in a BIGINT", async () => {
        const times = (await readColumns(db)).filter(({ column }) => column.endsWith("_ms"));
        assert.ok(times.length > 20);
        assert.deepEqual(new Set(times.map((column) => column.type)), new Set(["bigint"]));
      });
      await t.test("every table is in the backup", async () => {
        const tables = new Set((await readColumns(db)).map((column) => column.table));
        assert.deepEqual(tables, new Set([...tablesInOrder, "schema_migration"]));
      });
      await t.test("a BIGINT comes back as digits, bytes as a Buffer", async () => {
        const { rows } = await sql`select 9007199254740993::bigint as big, '\\x0001ff'::bytea as bytes`.execute(db);
        assert.deepEqual(rows, [{ big: "9007199254740993", bytes: Buffer.from([0, 1, 255]) }]);
      });
      await sql`insert into schema_migration values (${latestSchema + 1}, 'from-the-future', '')`.execute(db);
    });
    await t.test("a store of a newer program is refused as store/too-new", () =>
      assert.rejects(openCoordinatorStore(store.target), { code: "store/too-new" }),
    );
    await withDatabase(store.target, async (db) => {
      await sql`delete from schema_migration where number > ${latestSchema}`.execute(db);
      await sql`update schema_migration set sha256 = 'changed' where number = 2`.execute(db);
    });
    await t.test("a store made with another text of a migration is refused as store/migration-changed", () =>
      assert.rejects(openCoordinatorStore(store.target), { code: "store/migration-changed" }),
    );
  });
}

async function assertReversible(db: Kysely<CoordinatorTables>): Promise<void> {
  for (let schema = 1; schema <= latestSchema; schema++) {
    const name = migrations[schema - 1]?.name;
    await migrateTo(db, schema - 1, "test");
    const before = await readColumns(db);
    await migrateTo(db, schema, "test");
    const after = await readColumns(db);
    assert.ok(after.length > before.length, name);
    await migrateTo(db, schema - 1, "test");
    assert.deepEqual(await readColumns(db), before, name);
    await migrateTo(db, schema, "test");
    assert.deepEqual(await readColumns(db), after, name);
  }
  await migrateTo(db, 0, "test");
  assert.deepEqual([...new Set((await readColumns(db)).map((column) => column.table))], ["schema_migration"]);
}
