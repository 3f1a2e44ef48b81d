import assert from "node:assert/strict";
import { test } from "node:test";
import { type Problem, text } from "@dure/kernel";
import { problemsFromHeaders, problemsToHeaders } from "./problem-metadata.ts";

const problem = (code: string, length = 10): Problem => ({
  code,
  severity: "error",
  place: { site: "andong", round: 3 },
  what: text("x".repeat(length), "가".repeat(length)),
  remedy: text("Try again.", "다시 시도해 주십시오."),
});

test("problems come back as they were sent, in both languages", () => {
  const sent = [problem("a/b"), problem("c/d")];
  assert.deepEqual(problemsFromHeaders(problemsToHeaders(sent)), sent);
});

test("too many problems are cut to the first that fit", () => {
  const sent = Array.from({ length: 300 }, (_, index) => problem(`many/${index}`, 50));
  const headers = problemsToHeaders(sent);
  const received = problemsFromHeaders(headers);
  assert.ok(received.length > 0 && received.length < 300);
  assert.deepEqual(received, sent.slice(0, received.length));
  assert.ok((headers.get("dure-problems") ?? "").length <= 8_000);
});

test("one problem that is too long leaves its code", () => {
  const headers = problemsToHeaders([problem("long/one", 10_000)]);
  assert.equal(headers.get("dure-code"), "long/one");
  assert.deepEqual(problemsFromHeaders(headers), []);
});

for (const [what, value] of [
  ["no base64url", "!"],
  ["no JSON", "AAAA"],
  ["no list", Buffer.from("{}").toString("base64url")],
  ["a list of something else", Buffer.from('[1,null,{"code":1}]').toString("base64url")],
]) {
  test(`a header that holds ${what} gives no problem`, () => {
    assert.deepEqual(problemsFromHeaders(new Headers({ "dure-problems": value ?? "" })), []);
  });
}
