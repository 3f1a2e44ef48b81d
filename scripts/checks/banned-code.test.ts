import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBannedCode } from "./banned-code.ts";
import { codeFiles, describeFindings } from "./source-files.ts";

const findingsOf = (path: string, text: string): string => describeFindings(checkBannedCode([{ path, text }]));

test("the repository holds no banned code", () => {
  assert.equal(describeFindings(checkBannedCode(codeFiles())), "");
});

for (const [path, code, instead] of [
  ["apps/site/src/a.ts", "const x = Math.random();", /SecureRandom/],
  ["apps/site/src/a.ts", 'const x = Math["random"]();', /SecureRandom/],
  ["apps/site/src/a.ts", "eval(text);", /parse it to a tree/],
  ["apps/site/src/a.test.ts", "new Function(text);", /parse it to a tree/],
  ["apps/site/src/a.ts", 'import vm from "node:vm";', /node:vm/],
  ["packages/study/src/a.ts", "const now = Date.now();", /Clock/],
  ["packages/study/src/a.ts", "const now = new Date();", /Clock/],
  ["apps/site/src/a.ts", "const now = new Date();", /Clock/],
  ["packages/study/src/a.ts", "performance.now();", /the caller times/],
  ["packages/study/src/a.ts", 'const home = process.env["HOME"];', /as an argument/],
  ["packages/study/src/a.ts", 'console.log("hello");', /print nothing/],
  ["packages/study/src/a.ts", "setTimeout(f, 1);", /Clock/],
  ["packages/study/src/a.ts", 'import { readFileSync } from "node:fs";', /a package is pure/],
  ["packages/study/src/a.ts", 'const fs = await import("fs/promises");', /a package is pure/],
  ["packages/study/src/a.ts", "const x = y as string;", /who guarantees/],
] as const) {
  test(`${code} is refused in ${path}`, () => assert.match(findingsOf(path, code), instead));
}

for (const [path, code] of [
  ["packages/study/src/a.test.ts", "const x = Math.random() as Probability;"],
  ["packages/study/src/a.ts", "// Math.random() and Date.now() in a comment"],
  ["packages/study/src/a.ts", 'const text = "Math.random()";'],
  ["packages/study/src/a.ts", "const day = new Date(ms);"],
  ["packages/study/src/a.ts", 'const kinds = ["a", "b"] as const;'],
  ["packages/study/src/a.ts", "const x = y as string; // the schema checked it"],
  ["packages/study/src/a.ts", "// The schema checked it.\nconst x = y as string;"],
  ["packages/wire/src/a.ts", 'import { connect } from "node:http2";'],
  ["apps/site/src/system-clock.ts", "const now = Date.now();"],
] as const) {
  test(`${code} is allowed in ${path}`, () => assert.equal(findingsOf(path, code), ""));
}
