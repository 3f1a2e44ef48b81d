/** What happens to a store when processes meet over it or die: real processes, real SIGKILL. */

import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DureError, formatProblem, SeededRandom } from "@dure/kernel";
import { startWriter } from "./processes.testing.ts";
import { openCoordinatorStore } from "./store.ts";
import { makeTemporaryDirectory, testDatabases } from "./testing.ts";

/** Where the moments of death come from. What the process does at that moment differs from run to run all the same. */
const SEED = 20_261_121;
const KILLS = 6;

for (const { name, make } of testDatabases) {
  test(`a second process is refused as store/in-use and the first goes on, on ${name}`, async () => {
    const { target, remove } = await make();
    const first = startWriter(target, "first");
    await first.opened;
    await assert.rejects(openCoordinatorStore(target), (cause) => {
      assert.ok(cause instanceof DureError);
      assert.equal(cause.code, "store/in-use");
      const [problem] = cause.problems;
      assert.ok(problem !== undefined);
      assert.match(formatProblem(problem, "ko"), /다른 프로세스가 사용하고 있습니다/);
      return true;
    });
    const before = first.acknowledged.length;
    while (first.acknowledged.length <= before) await sleep(5);
    await first.kill();
    await remove();
  });

  test(`a second opening within one process is refused as store/in-use, on ${name}`, async () => {
    const { target, remove } = await make();
    const store = await openCoordinatorStore(target);
    await assert.rejects(openCoordinatorStore(target), { code: "store/in-use" });
    await store.close();
    await store.close();
    const again = await openCoordinatorStore(target);
    await again.close();
    await assert.rejects(
      again.transaction("late", async () => 1),
      { code: "store/closed" },
    );
    await remove();
  });

  test(`${KILLS} kill -9 at random moments lose no acknowledged row, and the next process opens at once, on ${name}`, async () => {
    const { target, remove } = await make();
    const random = new SeededRandom(SEED);
    const acknowledged: (readonly string[])[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const writer = startWriter(target, `writer${kill}`);
      await writer.opened;
      await sleep(Math.trunc(random.uniform() * 150));
      await writer.kill();
      acknowledged.push(writer.acknowledged);
    }
    const store = await openCoordinatorStore(target);
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
    assert.ok(acknowledged.flat().length > 0);
    await store.close();
    await remove();
  });
}

test("a process killed while it makes the files of PGlite leaves nothing half made", async () => {
  const directory = makeTemporaryDirectory();
  const writer = startWriter({ kind: "embedded", directory });
  while (!existsSync(join(directory, "data.unfinished", "base"))) await sleep(5);
  await writer.kill();
  assert.equal(existsSync(join(directory, "data")), false);
  const store = await openCoordinatorStore({ kind: "embedded", directory });
  assert.equal(await store.transaction("look", (tx) => store.repositories.alliance.find(tx)), undefined);
  assert.equal(existsSync(join(directory, "data.unfinished")), false);
  await store.close();
  rmSync(directory, { recursive: true });
});
