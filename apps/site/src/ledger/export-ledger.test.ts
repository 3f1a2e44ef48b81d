import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DureError, sha256 } from "@dure/kernel";
import { systemRandom as random } from "@dure/machine";
import { LedgerWriter } from "../run/ledger-writer.ts";
import { alliance, testClock } from "../steward/testing-site.ts";
import { SiteStore } from "../store/site-store.ts";
import { exportLedger, readLedger, verifyExportedLedger } from "./export-ledger.ts";
import { formatLedger } from "./format-ledger.ts";

const folder = mkdtempSync(join(tmpdir(), "dure-ledger-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const study = sha256("a study");
const store = new SiteStore(":memory:");
const ledger = new LedgerWriter({ store, alliance, siteId: "hospital-1", clock: testClock(), random });
const note = { run: "run-1", study, attempt: 1, rules: ["minimum-cell 5"], bytes: new Uint8Array(1234) } as const;
store.transaction(() => {
  ledger.append({ kind: "decision", study, objectSha256: sha256("a decision"), details: ["approved"] });
  const vectors = ["full/gradient", "fold 0/gradient", "classes"].map((name) => ({ name, length: 8, encoding: "wide" }));
  ledger.appendNote({ ...note, kind: "masked-vector", round: 3, vectors });
  ledger.appendNote({ ...note, kind: "own-release", round: 4, vectors: [] });
  ledger.appendRefusal("run-2", "no-approval");
});

const verify = (lines: readonly string[], siteId = "hospital-1") => {
  const path = join(folder, "ledger.jsonl");
  writeFileSync(path, lines.join(""));
  return verifyExportedLedger({ path, alliance, siteId });
};

test("an exported ledger verifies from its file alone", async () => {
  const report = await verify([...exportLedger(store)]);
  assert.deepEqual(report.problems, []);
  assert.equal(report.entryCount, 4);
});

test("a changed, removed, moved or foreign line is found, by line", async () => {
  const lines = [...exportLedger(store)] as [string, string, string, string];
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["changed", [lines[0], lines[1].replace('"bytes":1234', '"bytes":1235'), lines[2], lines[3]]],
    ["removed", [lines[0], lines[2], lines[3]]],
    ["moved", [lines[0], lines[2], lines[1], lines[3]]],
    ["cut", [lines[0], lines[1].slice(0, 40)]],
  ];
  for (const [name, altered] of rows) {
    const report = await verify(altered);
    assert.ok(report.problems.length > 0 && report.problems.every(({ place }) => place.file === "ledger.jsonl"), name);
  }
  assert.ok((await verify(lines, "hospital-2")).problems.length > 0);
});

test("a file that is not there is one clear problem", async () => {
  const path = join(folder, "absent.jsonl");
  await assert.rejects(
    verifyExportedLedger({ path, alliance, siteId: "hospital-1" }),
    (error) => error instanceof DureError && error.code === "file/unreadable",
  );
});

test("what left is told by study, round, vectors and bytes, in both languages", () => {
  const [en, ko] = [formatLedger(readLedger(store), "en"), formatLedger(readLedger(store), "ko")];
  for (const page of [en, ko]) {
    for (const word of [study.slice(0, 12), "run-1", "3/1", "1,234", "gradient[8] × 2, classes[8]", "no-approval", "2,468"])
      assert.ok(page.includes(word), word);
    assert.ok(page.split("\n").every((line) => line === line.trimEnd()));
  }
  assert.match(en, /masked sums/);
  assert.match(ko, /가려진 합계/);
  assert.match(formatLedger([], "en"), /Nothing has left/);
});
