import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { sha256 } from "@dure/kernel";
import { SiteStore } from "./site-store.ts";

const study = { hash: sha256("s"), canonical: "{}", proposal: "{}", roster: "{}", receivedAtMs: 5 };

test("what was stored is there after the store was closed and opened again", () => {
  const folder = mkdtempSync(join(tmpdir(), "dure-store-"));
  const path = join(folder, "decisions.sqlite");
  const store = new SiteStore(path);
  store.putStudy(study, [{ sha256: "f", name: "tables/t.yaml", content: Uint8Array.of(1, 2) }]);
  store.putDecision({ study: study.hash, kind: "approved", document: "{}", decidedAtMs: 6, isDelivered: false });
  store.putSetting("policy", { minimumCell: 10 });
  store.close();
  const again = new SiteStore(path);
  assert.deepEqual(again.findStudy(study.hash), study);
  assert.deepEqual(again.findFile("f"), Uint8Array.of(1, 2));
  assert.deepEqual(
    again.undeliveredDecisions().map((decision) => decision.study),
    [study.hash],
  );
  assert.deepEqual(again.findSetting("policy"), { minimumCell: 10 });
  again.close();
  rmSync(folder, { recursive: true });
});

test("a transaction that fails leaves nothing behind", () => {
  const store = new SiteStore(":memory:");
  assert.throws(() =>
    store.transaction(() => {
      store.appendLedger(0, "{}");
      store.putRefusal({ atMs: 1, run: "r", code: "c" });
      throw new Error("full");
    }),
  );
  assert.deepEqual([...store.ledger()], []);
  assert.deepEqual(store.listRefusals(), []);
  store.close();
});

test("the ledger takes each number once: a fork is refused by the database itself", () => {
  const store = new SiteStore(":memory:");
  store.appendLedger(0, "{}");
  assert.throws(() => store.appendLedger(0, "{}"));
  store.close();
});

test("a store that a newer version wrote is not touched", () => {
  const folder = mkdtempSync(join(tmpdir(), "dure-store-"));
  const path = join(folder, "decisions.sqlite");
  const newer = new DatabaseSync(path);
  newer.exec("PRAGMA user_version = 99");
  newer.close();
  assert.throws(() => new SiteStore(path), { code: "site-store/newer" });
  rmSync(folder, { recursive: true });
});
