import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writePrivateFile } from "@dure/machine";
import { sitePaths } from "../home/site-home.ts";
import { installRenewed } from "./renewal.ts";

const withPaths = (work: (paths: ReturnType<typeof sitePaths>) => void): void => {
  const home = mkdtempSync(join(tmpdir(), "dure-renewal-"));
  try {
    const paths = sitePaths(home);
    writePrivateFile(paths.tlsKey, "old key");
    writePrivateFile(paths.tlsChain, "old chain");
    work(paths);
  } finally {
    rmSync(home, { recursive: true });
  }
};

const pair = (paths: ReturnType<typeof sitePaths>): readonly string[] =>
  [paths.tlsKey, paths.tlsChain].map((path) => readFileSync(path, "utf8"));

test("a renewal killed before both files were there leaves the old pair", () => {
  withPaths((paths) => {
    writePrivateFile(`${paths.tlsKey}.next`, "new key");
    installRenewed(paths);
    assert.deepEqual(pair(paths), ["old key", "old chain"]);
  });
});

test("a renewal killed while it was installed is finished at the next start", () => {
  withPaths((paths) => {
    writePrivateFile(`${paths.tlsKey}.next`, "new key");
    writePrivateFile(`${paths.tlsChain}.next`, "new chain");
    writePrivateFile(paths.tlsChain, "new chain");
    installRenewed(paths);
    assert.deepEqual(pair(paths), ["new key", "new chain"]);
    assert.ok(!existsSync(`${paths.tlsKey}.next`) && !existsSync(`${paths.tlsChain}.next`));
  });
});
