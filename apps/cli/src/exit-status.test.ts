import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError, type Problem, type Retry, text } from "@dure/kernel";
import { EXIT, exitStatusOf } from "./exit-status.ts";

const problem = (code: string): Problem => ({ code, severity: "error", place: {}, what: text("a", "가"), remedy: text("b", "나") });

for (const [code, retry, status] of [
  ["cli/unknown-option", "permanent", EXIT.usage],
  ["study/missing-field", "permanent", EXIT.input],
  ["ingest/bad-date", "permanent", EXIT.input],
  ["store/disk-full", "permanent", EXIT.surroundings],
  ["file/absent", "permanent", EXIT.surroundings],
  ["governance/coordinator-away", "transient", EXIT.surroundings],
  ["identity/passphrase-wrong", "permanent", EXIT.refused],
] satisfies [string, Retry, number][]) {
  test(`${code} (${retry}) ends with status ${status}`, () => assert.equal(exitStatusOf(new DureError(problem(code), { retry })), status));
}
