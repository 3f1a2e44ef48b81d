/** The ledger's chain holds whatever happens between two entries: a transaction that fails, or another process that appends. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { ledgerOrigin, verifyLedger } from "@dure/identity";
import { systemClock, systemRandom } from "@dure/machine";
import { readLedger } from "../ledger/export-ledger.ts";
import { SiteStore } from "../store/site-store.ts";
import { LedgerWriter } from "./ledger-writer.ts";

const who = { alliance: "alliance", siteId: "hospital-1" };

interface Opened extends Disposable {
  readonly path: string;
  readonly store: SiteStore;
  readonly ledger: LedgerWriter;
}

function openLedger(): Opened {
  const folder = mkdtempSync(join(tmpdir(), "dure-ledger-"));
  const path = join(folder, "decisions.sqlite");
  const store = new SiteStore(path);
  return {
    path,
    store,
    ledger: new LedgerWriter({ store, ...who, clock: systemClock, random: systemRandom }),
    [Symbol.dispose]: () => {
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function assertChain({ store }: Opened, entryCount: number): void {
  const report = verifyLedger(readLedger(store), { origin: ledgerOrigin(who.alliance, who.siteId) });
  assert.deepEqual(report.problems, []);
  assert.equal([...store.ledger()].length, entryCount);
}

test("after a transaction that failed, the next entry follows the last one that is stored", () => {
  using opened = openLedger();
  const { store, ledger } = opened;
  const fail = (): void => {
    assert.throws(() =>
      store.transaction(() => {
        ledger.appendRefusal("run-1", "first");
        ledger.appendRefusal("run-1", "second");
        throw new Error("as if the disk were full");
      }),
    );
  };
  fail();
  assertChain(opened, 0);
  for (let i = 1; i <= 3; i++) {
    store.transaction(() => ledger.appendRefusal("run-1", `kept-${i}`));
    fail();
    assertChain(opened, i);
  }
});

test("two processes that append at the same time make one chain", async () => {
  using opened = openLedger();
  const { path, store, ledger } = opened;
  // With a pause after each, so that neither process can be done while the other waits for its turn.
  const entryCount = 100;
  const moduleUrl = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
  const source = `
    const { SiteStore } = await import(${moduleUrl("../store/site-store.ts")});
    const { LedgerWriter } = await import(${moduleUrl("./ledger-writer.ts")});
    const { systemClock, systemRandom } = await import("@dure/machine");
    const store = new SiteStore(${JSON.stringify(path)});
    const ledger = new LedgerWriter({ store, alliance: "alliance", siteId: "hospital-1", clock: systemClock, random: systemRandom });
    console.log("ready");
    for (let i = 0; i < ${entryCount}; i++) {
      store.transaction(() => ledger.appendRefusal("run-1", "of-the-other-process"));
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    store.close();`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  let ownCount = 0;
  for (; child.exitCode === null; ownCount++) {
    store.transaction(() => ledger.appendRefusal("run-1", "of-this-process"));
    await pause(3);
  }
  assert.deepEqual(await ended, [0, null]);
  assertChain(opened, entryCount + ownCount);
  const writers = [...store.ledger()].map((entry) => (entry.includes("of-the-other-process") ? "other" : "this"));
  assert.ok(writers.indexOf("this") < writers.lastIndexOf("other"), "they wrote at the same time");
});
