import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type AnalysisTable, hashTable } from "@dure/records";
import { FrozenTables, hashRowKeys, rowKeyTexts } from "./frozen-table.ts";

const rows = {
  rowKeys: ["a", "b", "서울-3"],
  rowCount: 3,
  columns: new Map([
    ["x", Float64Array.of(0.1, -0, 1e300)],
    ["y", Float64Array.of(0, 1, 1)],
  ]),
  heldOut: Uint8Array.of(0, 0, 1),
};
const table: AnalysisTable = { ...rows, excluded: [{ reason: "x: missing", rowCount: 2 }], hash: hashTable(rows) };

const withFolder = (work: (folder: string) => void): void => {
  const folder = mkdtempSync(join(tmpdir(), "dure-frozen-"));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test("a frozen table is read as it was written, by its owner only", () => {
  withFolder((folder) => {
    const tables = new FrozenTables(folder);
    tables.write("run-1", table);
    assert.deepEqual(tables.read("run-1", table.hash), table);
    assert.equal(statSync(join(folder, "run-1.table")).mode & 0o777, 0o600);
    tables.remove("run-1");
    assert.throws(() => tables.read("run-1", table.hash), { code: "site/frozen-table-altered" });
  });
});

test("a byte changed anywhere in the values is found", () => {
  withFolder((folder) => {
    const tables = new FrozenTables(folder);
    tables.write("run-1", table);
    const path = join(folder, "run-1.table");
    const whole = readFileSync(path);
    const valueBytes = 2 * 3 * 8 + 3;
    for (let offset = whole.byteLength - valueBytes; offset < whole.byteLength; offset++) {
      const altered = Buffer.from(whole);
      altered[offset] = (altered[offset] ?? 0) ^ 1;
      writeFileSync(path, altered);
      assert.throws(() => tables.read("run-1", table.hash), { code: "site/frozen-table-altered" }, `byte ${offset}`);
    }
  });
});

test("a file that was cut anywhere is found", () => {
  withFolder((folder) => {
    const tables = new FrozenTables(folder);
    tables.write("run-1", table);
    const path = join(folder, "run-1.table");
    const whole = readFileSync(path);
    for (let byteCount = 0; byteCount < whole.byteLength; byteCount++) {
      writeFileSync(path, whole.subarray(0, byteCount));
      assert.throws(() => tables.read("run-1", table.hash), { code: "site/frozen-table-altered" }, `${byteCount} bytes`);
    }
  });
});

test("row keys are compared by keyed hashes: equal keys have equal ones, another secret has others", () => {
  const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  assert.deepEqual(hashRowKeys(one, ["b", "a"]), hashRowKeys(one, ["a", "b"]));
  assert.notDeepEqual(hashRowKeys(one, ["a"]), hashRowKeys(other, ["a"]));
  const texts = rowKeyTexts(hashRowKeys(one, ["a", "b", "c"]));
  assert.deepEqual(texts, [...texts].sort());
  assert.equal(new Set(texts).size, 3);
});

test("a run id that could name another file is refused", () => {
  withFolder((folder) => assert.throws(() => new FrozenTables(folder).write("../run", table), RangeError));
});
