/** The database's connections break again and again while a run is under way: nothing leaves that was not stored, and the run completes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { coordinatorPaths, readSettings } from "../home/coordinator-home.ts";
import { startCoordinator } from "../start-coordinator.ts";
import { testDatabases } from "../store/testing.ts";
import { clock, makeHome, memoryLog, random } from "../testing.ts";
import { hasEnded, TestFederation } from "../testing-federation.ts";
import { inventedStudy } from "../testing-study.ts";

const postgres = testDatabases.find(({ name }) => name === "PostgreSQL");

/** All but the one that holds the database for the process. */
const BREAK_CONNECTIONS = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and pid not in (select pid from pg_locks where locktype = 'advisory')
`;

const VERSIONS_MAX = 6;

test("a run survives broken connections to its database", {
  skip: postgres === undefined ? "no DURE_TEST_POSTGRES_URL" : false,
}, async (t) => {
  const home = await makeHome(postgres);
  const log = memoryLog();
  const coordinator = await startCoordinator({ home: home.home, clock, random, log });
  const federation = await TestFederation.enrol(home, coordinator.url);
  const admin = new pg.Client({ connectionString: readSettings(coordinatorPaths(home.home)).databaseUrl });
  await admin.connect();
  t.after(async () => {
    await admin.end();
    await federation.close();
    await coordinator.close();
    await home.remove();
  });
  federation.startSites();
  const isMet = (): boolean => log.entries.some(({ code }) => code === "coordinator/run-not-stored" || code.startsWith("store/"));
  // Whether a write is under way when a connection breaks is chance: another version of the study is run until one was.
  for (let version = 1; version <= VERSIONS_MAX && !isMet(); version++) {
    const study = inventedStudy(`An invented study, version ${version}`);
    await federation.propose(study);
    await federation.approveAll(study);
    const { run } = await federation.startRun(study);
    for (let broken = 0; broken < 15; broken++) {
      await admin.query(BREAK_CONNECTIONS);
      await clock.sleep(40);
    }
    const ended = await federation.watch(run, hasEnded);
    assert.deepEqual([ended.status, ended.stopCode], ["completed", ""]);
    assert.equal((await federation.result(run)).analysis.outcome, "converged");
  }
  assert.ok(isMet(), "no write met a broken connection");
});
