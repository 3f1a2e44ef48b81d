import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readLineCoverage } from "./line-coverage.ts";

const PROGRAM = `// A comment is not a line of code.
export function first(value: number): number {
  if (value > 0) {
    return 1;
  }
  return 2;
}

function never(): void {
  console.log("never");
}

if (process.argv[2] === "never") never();
first(Number(process.argv[2]));
`;

test("a line counts as run when any process ran it, and a killed process's torn report does no harm", (context) => {
  const root = mkdtempSync(join(tmpdir(), "dure-coverage-"));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  const program = join(root, "program.ts");
  const reports = join(root, "reports");
  writeFileSync(program, PROGRAM);
  const run = (value: string): void => {
    const { status } = spawnSync(process.execPath, [program, value], { env: { ...process.env, NODE_V8_COVERAGE: reports } });
    assert.equal(status, 0);
  };
  const measure = () => readLineCoverage(reports, root, (path) => path === "program.ts");

  run("1");
  writeFileSync(join(reports, "torn.json"), '{"result":[{"url":');
  assert.deepEqual(measure(), [{ path: "program.ts", lineCount: 11, runCount: 7 }]);
  run("-1");
  assert.deepEqual(measure(), [{ path: "program.ts", lineCount: 11, runCount: 8 }]);
  assert.deepEqual(
    readLineCoverage(reports, root, () => false),
    [],
  );
});
