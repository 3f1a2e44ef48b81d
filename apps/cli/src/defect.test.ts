import assert from "node:assert/strict";
import { test } from "node:test";
import { describeDefect } from "./defect.ts";

const failing = (message: string): unknown => new TypeError(message);

test("the message of an unforeseen error is not shown, and the same defect has the same number", () => {
  const [first, second] = ["Kim Chulsoo", "Hong Gildong"].map((name) => describeDefect(failing(`bad value: ${name}`)));
  assert.ok(first !== undefined && second !== undefined);
  assert.match(first.what.en, /number [0-9a-f]{8} \(TypeError, apps\/cli\/src\/defect\.test\.ts:\d+\)/);
  assert.deepEqual(first, second);
  assert.doesNotMatch(JSON.stringify(first), /Kim/);
});

test("a defect somewhere else has another number", () => {
  assert.notEqual(describeDefect(failing("x")).what.en, describeDefect(new TypeError("x")).what.en);
});

test("something thrown that is no error is a defect too", () => {
  assert.match(describeDefect("a string").what.en, /\(string\)/);
});
