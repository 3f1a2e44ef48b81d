/** A full disk at a hospital: one name in its log, nothing half-stored, nothing sent that is not stored; with space the run goes on. */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type AnalysisTable, hashTable } from "@dure/records";
import { toySource } from "../steward/testing-site.ts";
import { FrozenTables } from "../store/frozen-table.ts";
import { canFillDisk, runStudy, TestAlliance, TestRun, type TestSiteProcess, victim, withFullDisk } from "./testing-run.ts";

const options = { skip: canFillDisk ? false : "this machine cannot limit the files of a running process" };

let answer: string | undefined;

/** The answer of a run over the same rows with space enough. */
async function undisturbed(): Promise<string> {
  if (answer !== undefined) return answer;
  using alliance = new TestAlliance();
  const run = new TestRun(alliance, "calm", alliance.propose(runStudy()));
  await run.finish();
  answer = run.answer;
  return answer;
}

/** Everything that the hospital's own record says. */
const storedBy = ({ store }: TestSiteProcess): unknown => ({
  runs: store.listRuns(),
  ledger: [...store.ledger()],
  tables: store.frozenTables(),
  refusals: store.listRefusals(),
});

/** These write before they are answered; the others change nothing that outlives the process. */
for (const kind of ["open-round", "share-delivery", "survivor-list", "headline-request"] as const) {
  test(`a disk that is full when ${kind} arrives costs an attempt and nothing else`, options, async () => {
    using alliance = new TestAlliance();
    const run = new TestRun(alliance, "full", alliance.propose(runStudy()));
    const site = alliance.victim;
    let metCount = 0;
    run.onArrival = async (siteId, message) => {
      if (siteId !== victim || message.kind !== kind || metCount > 0) return true;
      metCount++;
      const [before, sentBefore] = [storedBy(site), site.sent.length];
      await withFullDisk(1, () => site.receive(message));
      assert.deepEqual(storedBy(site), before);
      assert.equal(site.sent.length, sentBefore, "nothing left");
      assert.deepEqual(site.frozenFiles(), kind === "open-round" ? [] : ["full.table"]);
      return false;
    };
    assert.equal((await run.finish()).status, "completed");
    assert.equal(metCount, 1);
    assert.deepEqual(site.log, ["store/disk-full"]);
    assert.equal(run.answer, await undisturbed());
    assert.deepEqual(site.verifyLedger().problems, []);
  });
}

test("a disk that takes the record but not the whole table leaves no half of one; the next attempt freezes it", options, async () => {
  const rowCount = 20_000;
  using alliance = new TestAlliance({ [victim]: toySource({ rowCount }) });
  const site = alliance.victim;
  site.restart(); // folds what was written so far into the main file: the record begins small
  const run = new TestRun(alliance, "run-1", alliance.propose(runStudy()));
  let metCount = 0;
  run.onArrival = async (siteId, message) => {
    if (siteId !== victim || message.kind !== "open-round" || metCount > 0) return true;
    metCount++;
    await withFullDisk(rowCount * 10, () => site.receive(message));
    assert.deepEqual(site.log, ["store/disk-full"]);
    assert.deepEqual(site.frozenFiles(), []);
    assert.deepEqual(site.store.frozenTables(), []);
    assert.deepEqual(
      site.sent.map((sent) => sent.kind),
      ["keys"],
    );
    return false;
  };
  assert.equal((await run.finish()).status, "completed");
  assert.ok(run.durable.contributors.includes(victim));
  assert.deepEqual(site.log, ["store/disk-full"]);
});

test("a table of which the disk took all but the last bytes is not there at all", options, async () => {
  const rows = { rowKeys: ["a", "b"], rowCount: 2, columns: new Map([["x", Float64Array.of(1, 2)]]), heldOut: Uint8Array.of(0, 1) };
  const table: AnalysisTable = { ...rows, excluded: [], hash: hashTable(rows) };
  const folder = mkdtempSync(join(tmpdir(), "dure-full-"));
  try {
    const tables = new FrozenTables(folder);
    tables.write("whole", table);
    const { size } = statSync(join(folder, "whole.table"));
    await withFullDisk(size - 1, () => assert.throws(() => tables.write("cut", table), { code: "store/disk-full" }));
    assert.deepEqual(readdirSync(folder), ["whole.table"]);
    await withFullDisk(size, () => tables.write("fits", table));
    assert.deepEqual(tables.read("fits", table.hash), table);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
