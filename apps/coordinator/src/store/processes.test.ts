/** What happens to a store when processes meet over it or die: real processes, real SIGKILL. */

import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DureError, formatProblem, SeededRandom } from "@dure/kernel";
import { startWriter, type Writer } from "./processes.testing.ts";
import { type CoordinatorStore, openCoordinatorStore, type StoreTarget } from "./store.ts";
import { makeTemporaryDirectory, testDatabases } from "./testing.ts";

/** Where the moments of death come from. What the process does at that moment differs from run to run all the same. */
const SEED = 20_261_121;
const KILLS = 6;

for (const { name, make } of testDatabases) {
  test(`processes that meet over a store on ${name}`, async (t) => {
    const { target, remove } = await make();
    t.after(remove);
    await t.test("the second is refused as store/in-use, in Korean too, and the first goes on", (inner) => assertRefused(inner, target));
    await t.test("a second opening within one process is refused as well", (inner) => assertOnceAProcess(inner, target));
    await t.test(`${KILLS} kill -9 at random moments lose no acknowledged row, and the next process opens at once`, (inner) =>
      assertSurvives(inner, target),
    );
  });
}

test("a process killed while it makes the files of PGlite leaves nothing half made", async (t) => {
  const directory = makeTemporaryDirectory();
  t.after(() => rmSync(directory, { recursive: true }));
  const writer = start(t, { kind: "embedded", directory }, "");
  await writer.until(() => existsSync(join(directory, "data.unfinished", "base")));
  await writer.kill();
  assert.equal(existsSync(join(directory, "data")), false);
  const store = await open(t, { kind: "embedded", directory });
  assert.equal(await store.transaction("look", (tx) => store.repositories.alliance.find(tx)), undefined);
  assert.equal(existsSync(join(directory, "data.unfinished")), false);
});

async function assertRefused(t: TestContext, target: StoreTarget): Promise<void> {
  const first = start(t, target, "first");
  await first.opened;
  await assert.rejects(open(t, target), (cause) => {
    assert.ok(cause instanceof DureError);
    assert.equal(cause.code, "store/in-use");
    const [problem] = cause.problems;
    assert.ok(problem !== undefined);
    assert.match(formatProblem(problem, "ko"), /다른 프로세스가 사용하고 있습니다/);
    return true;
  });
  const before = first.acknowledged.length;
  await first.until(() => first.acknowledged.length > before);
}

async function assertOnceAProcess(t: TestContext, target: StoreTarget): Promise<void> {
  const store = await open(t, target);
  await assert.rejects(open(t, target), { code: "store/in-use" });
  await store.close();
  await store.close();
  const again = await open(t, target);
  await again.close();
  const late = again.transaction("late", async () => 1);
  await assert.rejects(late, { code: "store/closed" });
}

async function assertSurvives(t: TestContext, target: StoreTarget): Promise<void> {
  const random = new SeededRandom(SEED);
  const acknowledged: (readonly string[])[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const writer = start(t, target, `writer${kill}`);
    await writer.opened;
    if (kill % 2 === 0) await writer.until(() => writer.acknowledged.length > 0); // the others may die in their first transaction
    await sleep(Math.trunc(random.uniform() * 150));
    await writer.kill();
    acknowledged.push(writer.acknowledged);
  }
  const store = await open(t, target);
  const stored = await store.transaction("look", (tx) => store.repositories.refusals.list(tx));
  for (const [kill, ids] of acknowledged.entries()) {
    const found = stored.filter(({ askerId }) => askerId === `writer${kill}`).map(({ atMs }) => atMs);
    // The last row may have been stored and not yet acknowledged.
    assert.ok(found.length === ids.length || found.length === ids.length + 1, `${found.length} stored, ${ids.length} acknowledged`);
    assert.deepEqual(
      found,
      Array.from({ length: found.length }, (_, index) => index + 1),
    );
  }
}

/** Gone at the end of the test, however it ends. */
function start(t: TestContext, target: StoreTarget, name: string): Writer {
  const writer = startWriter(target, name);
  t.after(() => writer.kill());
  return writer;
}

/** Closed at the end of the test, however it ends: an open database would keep the test process alive. */
async function open(t: TestContext, target: StoreTarget): Promise<CoordinatorStore> {
  const store = await openCoordinatorStore(target);
  t.after(() => store.close());
  return store;
}
