import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { withScratchFolder } from "./scratch-folder.ts";

test("the folder lies beside the export, only its owner enters, and nothing is left of it whatever happens", async () => {
  const exports = mkdtempSync(join(tmpdir(), "dure-exports-"));
  try {
    await withScratchFolder(join(exports, "labs.csv"), async (folder) => {
      assert.equal(dirname(folder), exports);
      assert.equal(statSync(folder).mode & 0o777, 0o700);
      await withScratchFolder(join(exports, "drugs.csv"), async () => assert(existsSync(folder)));
      writeFileSync(join(folder, "copy.csv"), "");
    });
    await assert.rejects(
      withScratchFolder(join(exports, "labs.csv"), () => Promise.reject(new Error("a fault"))),
      /a fault/,
    );
    assert.deepEqual(readdirSync(exports), []);
  } finally {
    rmSync(exports, { recursive: true });
  }
});

test("what a killed process left is removed by the next one, but nothing of another machine or of a process that lives", async () => {
  const exports = mkdtempSync(join(tmpdir(), "dure-exports-"));
  const host = hostname().replace(/[^A-Za-z0-9]/g, "_");
  const { pid } = spawnSync(process.execPath, ["--eval", ""]);
  const [ours, living, foreign] = [`${host}-${pid}-abcdef`, `${host}-${process.ppid}-abcdef`, `another_host-${pid}-abcdef`];
  try {
    for (const name of [ours, living, foreign]) {
      mkdirSync(join(exports, `.dure-scratch-${name}`));
      writeFileSync(join(exports, `.dure-scratch-${name}`, "copy.csv"), "");
    }
    await withScratchFolder(join(exports, "labs.csv"), () => Promise.resolve());
    assert.deepEqual(readdirSync(exports).sort(), [`.dure-scratch-${living}`, `.dure-scratch-${foreign}`].sort());
  } finally {
    rmSync(exports, { recursive: true });
  }
});

test("an export in a folder that is not there or cannot be written is looked at in the temporary folder", async () => {
  await withScratchFolder("/nowhere/labs.csv", async (folder) => assert.equal(dirname(folder), tmpdir()));
});
