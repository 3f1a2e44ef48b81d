import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CHECK_TYPES, type CheckResult, checkNames, defaultChecks } from "@dure/clinical/quality";
import type { SqlSession } from "../store/clinical-session.ts";
import type { Sql } from "../store/clinical-sql.ts";
import { QualityStore } from "./quality-store.ts";
import { runQuality } from "./run-quality.ts";
import { smallHospital } from "./testing-hospital-rows.ts";
import { TEST_SCHEMA, testClock, testDatabase } from "./testing-omop.ts";
import { PLANTED_FAULTS } from "./testing-planted-faults.ts";

const database = await testDatabase();
await database.change([], (session) => smallHospital(session, TEST_SCHEMA));
after(() => database[Symbol.asyncDispose]());

/** Checks tables inside a transaction that is taken back. */
async function checkTables(names: ReadonlySet<string>, plant: readonly Sql[]) {
  const quality = new QualityStore(":memory:");
  const checks = defaultChecks().filter((check) => names.has(check.table));
  try {
    return await database.store.load([], async (session: SqlSession) => {
      for (const statement of plant) await session.run(statement);
      const run = await runQuality({
        ...{ read: (work) => work(session), snapshot: { number: 1, hash: "a".repeat(64) as never }, schema: TEST_SCHEMA },
        ...{ checks, store: quality, clock: testClock },
      });
      const results = quality.results(run.number);
      const rows = new Map(results.map(({ id }) => [id, quality.failingRows(run.number, id).map((row) => row.id)]));
      return { keep: false, result: { results, rows } };
    });
  } finally {
    quality.close();
  }
}

const isBroken = ({ status }: CheckResult): boolean => status === "failed" || status === "error";
const idsOf = (results: readonly CheckResult[]): readonly string[] => results.map(({ id }) => id).toSorted();
const sound = await checkTables(new Set(Object.values(PLANTED_FAULTS).map(({ table }) => table)), []);

for (const name of checkNames) {
  test(`${name} finds its fault and no other check does, and passes without it`, async () => {
    const fault = PLANTED_FAULTS[name];
    const id = `${CHECK_TYPES[name].level}_${name.toLowerCase()}_${fault.at}`;
    assert.deepEqual(idsOf(sound.results.filter((result) => isBroken(result) && result.check.table === fault.table)), []);
    assert.equal(sound.results.find((result) => result.id === id)?.status, "passed");
    const { results, rows } = await checkTables(new Set([fault.table]), fault.plant);
    assert.deepEqual(idsOf(results.filter(isBroken)), [id, ...(fault.also ?? [])].toSorted());
    const found = results.find((result) => result.id === id);
    assert.deepEqual(found?.counts, { violatedCount: fault.counts[0], denominatorCount: fault.counts[1] });
    assert.deepEqual(rows.get(id), fault.rows ?? []);
  });
}
