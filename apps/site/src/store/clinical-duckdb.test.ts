import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Clock } from "@dure/kernel";
import { openDuckdbClinicalStore } from "./clinical-duckdb.ts";
import { openClinicalStore, openClinicalStoreWaiting } from "./open-clinical-store.ts";
import { testClinicalStore } from "./testing-clinical-store.ts";

testClinicalStore("DuckDB", (path) => openDuckdbClinicalStore(path));

/** Time that passes only in sleep; `onSleep` is told how long it has been. */
function fakeClock(onSleep: (nowMs: number) => Promise<void> = async () => undefined): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    sleep: async (durationMs, signal) => {
      signal?.throwIfAborted();
      nowMs += durationMs;
      await onSleep(nowMs);
    },
  };
}

test("who waits gets the store when the other closes it, is refused by name after 10 s, and stops when aborted", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dure-waiting-"));
  const path = join(folder, "clinical.duckdb");
  const first = await openClinicalStore(path);
  const late = fakeClock();
  await assert.rejects(openClinicalStoreWaiting(path, late), { code: "store/in-use" });
  assert.equal(late.nowMs(), 10_000);
  const controller = new AbortController();
  const aborting = fakeClock(async (nowMs) => (nowMs > 500 ? controller.abort() : undefined));
  await assert.rejects(openClinicalStoreWaiting(path, aborting, controller.signal), { name: "AbortError" });
  const closing = fakeClock(async (nowMs) => (nowMs > 500 ? first.close() : undefined));
  const second = await openClinicalStoreWaiting(path, closing);
  assert.deepEqual(await second.snapshots(), []);
  await second.close();
  rmSync(folder, { recursive: true });
});
