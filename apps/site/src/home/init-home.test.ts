import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import { initHome } from "./init-home.ts";
import { readMemberSettings, readSettings, sitePaths } from "./site-home.ts";

const random = { kind: "secure" as const, bytes: (length: number) => new Uint8Array(randomBytes(length)) };
const codeOf = (error: unknown): string => (error instanceof DureError ? error.code : "no DureError");

test("a hospital by itself has a folder with the store's keys, is of no alliance, and is not begun twice", (t) => {
  const home = mkdtempSync(join(tmpdir(), "dure-init-"));
  t.after(() => rmSync(home, { recursive: true }));
  assert.throws(
    () => readSettings(home),
    (error) => codeOf(error) === "site/not-enrolled",
  );
  initHome({ home, organisation: "Trial Hospital", random });
  assert.equal(readSettings(home).organisation, "Trial Hospital");
  assert.throws(
    () => readMemberSettings(home),
    (error) => codeOf(error) === "site/no-alliance",
  );
  const key = readFileSync(sitePaths(home).personKey);
  assert.equal(key.length, 32);
  assert.throws(
    () => initHome({ home, organisation: "Other", random }),
    (error) => codeOf(error) === "site/home-exists",
  );
  assert.deepEqual(readFileSync(sitePaths(home).personKey), key);
});
