import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError, faultCode, formatProblem, type Problem } from "./problem.ts";
import { text } from "./text.ts";

const problem: Problem = {
  code: "kernel/example",
  severity: "error",
  place: { site: "hospital-1", run: "r", file: "a.csv", row: 3, column: "unit" },
  what: text("what failed.", "실패한 내용."),
  remedy: text("What to do.", "할 일."),
};

test("a problem reads as place, what and remedy, in either language", () => {
  assert.equal(formatProblem(problem, "en"), 'hospital-1, run r, a.csv, row 3, column "unit": what failed. What to do. [kernel/example]');
  assert.equal(formatProblem(problem, "ko"), 'hospital-1, 실행 r, a.csv, 3행, "unit" 열: 실패한 내용. 할 일. [kernel/example]');
});

test("an error's code is its first problem's, and it is permanent where nothing else is said", () => {
  const error = new DureError([problem, { ...problem, code: "kernel/second" }]);
  assert.equal(error.code, "kernel/example");
  assert.equal(error.retry, "permanent");
});

test("a fault has a name for a log, and the name never holds its message", () => {
  const full = Object.assign(new Error("no space left while writing 'secret'"), { code: "ENOSPC" });
  assert.equal(faultCode(new DureError(problem)), "kernel/example");
  assert.equal(faultCode(full), "fault/ENOSPC");
  assert.equal(faultCode(new RangeError("secret")), "fault/RangeError");
  assert.equal(faultCode("secret"), "fault/unknown");
});
