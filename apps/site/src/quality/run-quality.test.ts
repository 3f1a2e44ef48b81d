import assert from "node:assert/strict";
import { after, test } from "node:test";
import { checkId, defaultChecks } from "@dure/clinical/quality";
import { DureError, parseSha256 } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, sql } from "../store/clinical-sql.ts";
import { QualityStore } from "./quality-store.ts";
import { type QualityRunOptions, runQuality } from "./run-quality.ts";
import { smallHospital } from "./testing-hospital-rows.ts";
import { TEST_SCHEMA, testClock, testDatabase } from "./testing-omop.ts";

const database = await testDatabase();
await database.change([], (session) => smallHospital(session, TEST_SCHEMA));
after(() => database[Symbol.asyncDispose]());

const checks = defaultChecks().filter(({ table }) => table === "measurement" || table === "person");
const optionsWith = (store: QualityStore, more: Partial<QualityRunOptions> = {}): QualityRunOptions => ({
  ...{
    read: database.store.read,
    snapshot: { number: 1, hash: parseSha256("a".repeat(64)) },
    schema: TEST_SCHEMA,
    checks,
    store,
    clock: testClock,
  },
  ...more,
});

test("a cancelled run keeps what it counted, and the next one goes on and gives the results of one that was not", async () => {
  const [whole, stopped] = [new QualityStore(":memory:"), new QualityStore(":memory:")];
  const uninterrupted = await runQuality(optionsWith(whole));
  for (let round = 0; ; round++) {
    const abort = new AbortController();
    let kept = stopped.runs()[0] === undefined ? 0 : stopped.checkedIds(1).size;
    const before = kept;
    const run = runQuality(
      optionsWith(stopped, {
        signal: abort.signal,
        onProgress: ({ doneCount }) => {
          if (doneCount > before) abort.abort(); // after each step that kept something
        },
      }),
    );
    const error = await run.then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (error === undefined) break;
    assert.equal((error as Error).name, "AbortError");
    kept = stopped.checkedIds(1).size;
    assert.ok(kept > before && kept < checks.length, `round ${round}`);
    assert.equal(stopped.runs()[0]?.endedAtMs, undefined);
  }
  assert.deepEqual(stopped.runs().length, 1);
  assert.deepEqual(stopped.results(1), whole.results(uninterrupted.number));
  assert.equal(stopped.results(1).length, checks.length);
});

test("a run goes on only with the same snapshot and the same checks, and not when it is begun anew", async () => {
  const store = new QualityStore(":memory:");
  const abort = () => optionsWith(store, { signal: AbortSignal.abort() });
  await assert.rejects(runQuality(abort()));
  await assert.rejects(runQuality({ ...abort(), snapshot: { number: 2, hash: parseSha256("b".repeat(64)) } }));
  await assert.rejects(runQuality({ ...abort(), checks: checks.slice(1) }));
  await assert.rejects(runQuality({ ...abort(), checks: checks.slice(1) }));
  await assert.rejects(runQuality({ ...abort(), checks: checks.slice(1), isAnew: true }));
  assert.equal(store.runs().length, 4);
});

test("a check that the engine cannot answer is an error and the others of its statement have their answers", async () => {
  const store = new QualityStore(":memory:");
  await database.store.load([], async (session) => {
    await session.run(sql`ALTER TABLE ${identifier(TEST_SCHEMA)}.person ALTER COLUMN day_of_birth TYPE VARCHAR USING 'not a number'`);
    await runQuality(optionsWith(store, { read: (work) => work(session) }));
    return { keep: false, result: undefined };
  });
  const results = new Map(store.results(1).map((result) => [result.id, result]));
  const errors = [...results.values()].filter(({ status }) => status === "error");
  assert.ok(errors.some(({ id }) => id === "field_plausiblevaluelow_person_day_of_birth"));
  assert.ok(errors.every(({ errorCode }) => /^[a-z-]+$/.test(errorCode ?? "")));
  assert.deepEqual(results.get("field_plausiblevaluelow_person_month_of_birth")?.counts, { violatedCount: 0, denominatorCount: 10 });
  assert.equal(results.get("field_cdmdatatype_person_day_of_birth")?.status, "failed");
  assert.equal(results.size, checks.length);
});

test("a store that is not to be had ends the run, and is no error of a check", async () => {
  const store = new QualityStore(":memory:");
  const gone = new DureError({ code: "store/in-use", severity: "error", place: {}, what: { en: "", ko: "" }, remedy: { en: "", ko: "" } });
  let readings = 0;
  const read = async <Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> => {
    if (++readings === 4) throw gone;
    return database.store.read(work);
  };
  await assert.rejects(runQuality(optionsWith(store, { read })), { code: "store/in-use" });
  assert.ok(store.results(1).length > 0 && store.results(1).every(({ status }) => status !== "error"));
});

test("rows at fault are forgotten once a later run has ended", async () => {
  const store = new QualityStore(":memory:");
  const [check] = checks;
  assert.ok(check !== undefined);
  await runQuality(optionsWith(store));
  store.putResults(1, [], new Map([[checkId(check), [{ field: "person_id", id: "1" }]]]));
  assert.equal(store.failingRows(1, checkId(check)).length, 1);
  await runQuality(optionsWith(store, { isAnew: true }));
  assert.equal(store.failingRows(1, checkId(check)).length, 0);
});
