/** A run's table stays what it was, and no two tables that differ by a few patients both leave sums. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { toySource, toyStudy } from "../steward/testing-site.ts";
import { runStudy, TestAlliance, TestRun, victim } from "./testing-run.ts";

const ROWS = 160;

/** The same patients with the last ones left out, or with new ones added. */
const source = (rowCount: number) => toySource({ rowCount, seed: 1, keyPrefix: victim });

/** A study of its own over the alliance's tables as they are now. */
async function runNow(alliance: TestAlliance, run: string): Promise<TestRun> {
  const made = new TestRun(alliance, run, alliance.propose(runStudy()));
  assert.equal((await made.finish()).status, "completed");
  return made;
}

test("a second study over fewer than k other patients is refused, named in the own console, and one word outside", async () => {
  using alliance = new TestAlliance({ [victim]: source(ROWS) });
  const site = alliance.victim;
  await runNow(alliance, "first");
  for (const rowCount of [ROWS - 4, ROWS - 1, ROWS + 1, ROWS + 4]) {
    site.source = source(rowCount);
    const sentBefore = site.sent.length;
    const { durable } = await runNow(alliance, `rows-${rowCount}`);
    assert.deepEqual(site.log.splice(0), ["gate/table-too-close"]);
    assert.equal(site.store.listRefusals().at(-1)?.code, "gate/table-too-close");
    const sent = site.sent.slice(sentBefore).map(({ kind }) => kind);
    assert.deepEqual(sent, ["keys", "not-taking-part"]);
    assert.ok(!durable.contributors.includes(victim));
  }
});

for (const [what, rowCount] of [
  ["the same patients again", ROWS],
  ["k patients fewer, in the sums and held out", ROWS - 20],
  ["k patients more, in the sums and held out", ROWS + 20],
] as const) {
  test(`a second study over ${what} is accepted`, async () => {
    using alliance = new TestAlliance({ [victim]: source(ROWS) });
    await runNow(alliance, "first");
    alliance.victim.source = source(rowCount);
    const { durable } = await runNow(alliance, "second");
    assert.ok(durable.contributors.includes(victim));
    assert.deepEqual(alliance.victim.log, []);
  });
}

test("a second study over the same patients that holds out a few others is refused: its sums would differ by just those", async () => {
  using alliance = new TestAlliance({ [victim]: source(ROWS) });
  await runNow(alliance, "first");
  const holdout = "age > 64.8";
  await new TestRun(alliance, "second", alliance.propose(toyStudy({ holdout, localModels: false, title: "Others held out" }))).finish();
  assert.deepEqual(alliance.victim.log, ["gate/table-too-close"]);
});

test("a table that has not left yet already keeps a close one back: two runs at once tell no more than one after the other", async () => {
  using alliance = new TestAlliance({ [victim]: source(ROWS) });
  const site = alliance.victim;
  const first = new TestRun(alliance, "first", alliance.propose(runStudy()));
  let second: TestRun | undefined;
  first.onArrival = async (siteId, message) => {
    if (siteId !== victim || message.kind !== "key-list" || second !== undefined) return true;
    assert.equal(site.store.frozenTables().length, 1, "its table is frozen, nothing has left");
    site.source = source(ROWS - 2);
    second = await runNow(alliance, "second");
    return true;
  };
  assert.equal((await first.finish()).status, "completed");
  assert.ok(first.durable.contributors.includes(victim));
  assert.ok(second !== undefined && !second.durable.contributors.includes(victim));
  assert.deepEqual(site.log, ["gate/table-too-close"]);
});

test("a table over which nothing left keeps nothing back once its run has ended", async () => {
  using alliance = new TestAlliance({ [victim]: source(ROWS) });
  const site = alliance.victim;
  const ended = new TestRun(alliance, "ended", alliance.propose(runStudy()));
  ended.onArrival = async (siteId, message) => {
    if (siteId !== victim || message.kind !== "key-list") return true;
    await site.receive({ kind: "run-ended", run: "ended", outcome: "stopped" });
    return false;
  };
  await ended.finish();
  site.source = source(ROWS - 2);
  const { durable } = await runNow(alliance, "second");
  assert.ok(durable.contributors.includes(victim));
});

test("a frozen table whose file is gone is not read anew in the middle of a run", async () => {
  using alliance = new TestAlliance({ [victim]: source(ROWS) });
  const site = alliance.victim;
  const run = new TestRun(alliance, "run-1", alliance.propose(runStudy()));
  run.onArrival = (siteId, message) => {
    if (siteId === victim && message.kind === "open-round" && message.round === 2) {
      site.source = source(ROWS - 1);
      rmSync(join(site.paths.frozen, "run-1.table"));
      site.restart();
    }
    return true;
  };
  const { status, stopReason } = await run.finish();
  assert.deepEqual([status, stopReason?.sites], ["stopped", [victim]]);
  assert.deepEqual(site.log, ["site/frozen-table-altered"]);
});

test("a hospital whose rows do not show the quality that the study asks for takes no part, and its own console says what was asked", async () => {
  const asking = runStudy("{ complete: 0.99 }");
  using alliance = new TestAlliance({ [victim]: toySource({ rowCount: ROWS, seed: 1, keyPrefix: victim, ageMissing: ROWS / 4 }) });
  const run = new TestRun(alliance, "gated", alliance.propose(asking));
  assert.equal((await run.finish()).status, "completed");
  assert.deepEqual(alliance.victim.log, ["site/quality-not-shown"]);
  assert.ok(!run.durable.contributors.includes(victim));
  alliance.victim.source = source(ROWS);
  const again = new TestRun(alliance, "shown", alliance.propose(runStudy("{ complete: 0.98 }")));
  assert.equal((await again.finish()).status, "completed");
  assert.ok(again.durable.contributors.includes(victim));
});
