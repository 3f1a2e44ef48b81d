import assert from "node:assert/strict";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { duckdbSession } from "../store/clinical-session.ts";
import { sql } from "../store/clinical-sql.ts";
import { nameResources } from "./apply-batch.ts";

test("the engine takes a batch's names for as many as they are, however many batches came before", async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const session = duckdbSession(connection);
  const names = Array.from({ length: 100 }, (_, i) => ({ resourceType: "Observation", id: `r${i}` }));
  for (let batch = 0; batch < 30; batch++) await nameResources(session, names);
  const [[estimated, count] = []] = await session.rows(
    sql`SELECT estimated_size, (SELECT count(*) FROM named) FROM duckdb_tables() WHERE table_name = 'named'`,
  );
  assert.deepEqual([Number(estimated), Number(count)], [100, 100]);
  connection.closeSync();
  instance.closeSync();
});
