import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Clock, Sha256 } from "@dure/kernel";
import { openDuckdbClinicalStore } from "../store/clinical-duckdb.ts";
import { sql } from "../store/clinical-sql.ts";
import { shareReading } from "./shared-reading.ts";
import { testHome } from "./testing-omop.ts";

const site = await testHome();
after(() => site[Symbol.asyncDispose]());
const path = `${site.home}/clinical.duckdb`;
const first = await openDuckdbClinicalStore(path);
const [snapshot] = await first.snapshots();
await first.close();
assert.ok(snapshot !== undefined);

/** Time stands still but for what a test adds; while the reading waits, somebody else comes. */
function clockWith(comes: () => Promise<void>): Clock & { advance(ms: number): void } {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
    sleep: comes,
  };
}

test("the store is held between two readings, and given back after a few seconds for others to come in", async () => {
  let visits = 0;
  let openings = 0;
  const clock = clockWith(async () => {
    const other = await openDuckdbClinicalStore(path); // refused while somebody else has it
    visits++;
    await other.close();
  });
  const open = () => {
    openings++;
    return openDuckdbClinicalStore(path);
  };
  {
    await using reading = shareReading({ open, snapshot, clock });
    const one = () => reading.read((session) => session.count(sql`SELECT 1`));
    assert.deepEqual([await one(), await one(), openings, visits], [1, 1, 1, 0]);
    clock.advance(4_000);
    assert.deepEqual([await one(), openings, visits], [1, 2, 1]);
  }
  await (await openDuckdbClinicalStore(path)).close();
});

test("a snapshot that a load has replaced meanwhile ends the reading by name", async () => {
  const gone = { number: snapshot.number, hash: "f".repeat(64) as Sha256 };
  await using reading = shareReading({
    open: () => openDuckdbClinicalStore(path),
    snapshot: gone,
    clock: clockWith(async () => undefined),
  });
  await assert.rejects(
    reading.read(async () => undefined),
    { code: "quality/snapshot-gone" },
  );
});
