import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSizes, type SizeExceptions } from "./size-ratchet.ts";
import { codeFiles, describeFindings, readRepositoryFile } from "./source-files.ts";

const none: SizeExceptions = { data: {}, files: {}, functions: {} };
const lines = (count: number): string => "const a = 1;\n".repeat(count);
const findingsOf = (path: string, text: string, exceptions: Partial<SizeExceptions> = {}): string =>
  describeFindings(checkSizes([{ path, text }], { ...none, ...exceptions }));

test("every file and function of the repository has a readable size", () => {
  const exceptions = JSON.parse(readRepositoryFile("scripts/checks/size-exceptions.json"));
  assert.equal(describeFindings(checkSizes(codeFiles(), exceptions)), "");
});

test("a file of 500 lines passes and one of 501 does not", () => {
  assert.equal(findingsOf("a.ts", lines(500)), "");
  assert.match(findingsOf("a.ts", lines(501)), /501 lines; at most 500/);
});

test("a function of 70 lines passes and one of 71 does not, whatever its form", () => {
  assert.equal(findingsOf("a.ts", `function f() {\n${lines(68)}}\n`), "");
  assert.match(findingsOf("a.ts", `function f() {\n${lines(69)}}\n`), /a\.ts#f: 71 lines/);
  assert.match(findingsOf("a.ts", `const f = () => {\n${lines(69)}};\n`), /a\.ts#f: 71 lines/);
  assert.match(findingsOf("a.ts", `class C {\n  m() {\n${lines(69)}}\n}\n`), /a\.ts#m: 71 lines/);
});

test("a function in a test may be long, a test file may not", () => {
  assert.equal(findingsOf("a.test.ts", `function f() {\n${lines(100)}}\n`), "");
  assert.match(findingsOf("a.test.ts", lines(501)), /501 lines/);
});

test("an exception may not grow, must follow when it shrinks, and goes when it is not needed", () => {
  assert.equal(findingsOf("a.ts", lines(600), { files: { "a.ts": 600 } }), "");
  assert.match(findingsOf("a.ts", lines(601), { files: { "a.ts": 600 } }), /grew from 600 to 601/);
  assert.match(findingsOf("a.ts", lines(550), { files: { "a.ts": 600 } }), /write 550/);
  assert.match(findingsOf("a.ts", lines(400), { files: { "a.ts": 600 } }), /no longer needs/);
  assert.match(findingsOf("a.ts", lines(1), { functions: { "a.ts#gone": 90 } }), /no longer needs/);
});

test("a definition of data has no limit, but must exist", () => {
  assert.equal(findingsOf("a.ts", lines(900), { data: { "a.ts": "the fields of a standard" } }), "");
  assert.match(findingsOf("a.ts", lines(1), { data: { "b.ts": "gone" } }), /b\.ts: is listed .* but does not exist/);
});
