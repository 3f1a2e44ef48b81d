/**
 * Runs test files with node:test, one line a file, failures in full, and node:test's own summary.
 *
 * A hospital's data and a PostgreSQL are not on every machine. Tests that need them skip with a reason, and the reasons are counted at the
 * end: a suite that is green because it skipped says so.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Readable } from "node:stream";
import { run } from "node:test";
import type { TestEvent } from "node:test/reporters";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { type LineCoverage, readLineCoverage } from "./line-coverage.ts";

export interface TestRun {
  readonly passed: boolean;
  /** From the repository's root. */
  readonly failedFiles: readonly string[];
  /** Reason to number of tests. */
  readonly skipped: ReadonlyMap<string, number>;
  readonly coverage: Coverage | undefined;
}

/** Lines run by the tests, in percent of those in the files that the tests loaded. */
export interface Coverage {
  readonly totalPercent: number;
  /** Workspace folder to percent. */
  readonly byWorkspace: ReadonlyMap<string, number>;
}

export interface TestRunOptions {
  readonly withCoverage: boolean;
  /** One file after the other, with the machine to itself. */
  readonly alone?: boolean;
}

const root = fileURLToPath(new URL("..", import.meta.url));
/** Of one test; `test-watchdog.mjs` limits a file. */
const TEST_MS_MAX = 3 * 60_000;

/** @param files from the repository's root */
export async function runTests(files: readonly string[], { withCoverage, alone = false }: TestRunOptions): Promise<TestRun> {
  const failedFiles: string[] = [];
  const skipped = new Map<string, number>();
  const output = new Map<string, string>();
  let passed = true;
  const reports = withCoverage ? mkdtempSync(join(tmpdir(), "dure-coverage-")) : undefined;
  if (reports !== undefined) process.env["NODE_V8_COVERAGE"] = reports; // every process that the tests start reports there
  const stream = run({
    cwd: root,
    files: [...files],
    concurrency: alone ? 1 : Math.max(2, availableParallelism()), // tests that drive processes wait more than they compute
    timeout: TEST_MS_MAX,
    execArgv: ["--import", new URL("test-watchdog.mjs", import.meta.url).href],
  });

  /** Passes on what the spec reporter shall print; the rest is counted or printed here. */
  async function* select(): AsyncGenerator<TestEvent> {
    // node:test documents its stream as one of these events.
    for await (const event of stream as AsyncIterable<TestEvent>) {
      if (event.type === "test:fail") yield event;
      if (event.type === "test:fail" && files.includes(event.data.name)) printOutput(event.data.name, output);
      if (event.type === "test:diagnostic" && event.data.nesting === 0 && event.data.file === undefined) yield event;
      if (event.type === "test:pass" && event.data.skip !== undefined) count(skipped, event.data.skip);
      if (event.type === "test:stdout" || event.type === "test:stderr") append(output, event.data.file, event.data.message); // file as it was named
      if (event.type === "test:summary" && event.data.file !== undefined) printFile(event.data, output);
      if (event.type === "test:summary" && event.data.file !== undefined && !event.data.success)
        failedFiles.push(relative(root, event.data.file));
      if (event.type === "test:summary" && event.data.file === undefined) passed = event.data.success;
    }
  }

  for await (const text of Readable.from(select()).compose(new spec())) process.stdout.write(text);
  if (reports === undefined) return { passed, failedFiles, skipped, coverage: undefined };
  const coverage = summarise(readLineCoverage(reports, root, isCounted));
  rmSync(reports, { recursive: true, force: true });
  delete process.env["NODE_V8_COVERAGE"];
  return { passed, failedFiles, skipped, coverage };
}

type SummaryData = Extract<TestEvent, { type: "test:summary" }>["data"];

const isCounted = (path: string): boolean =>
  /^(packages|apps|simulator)\/.*\.ts$/.test(path) &&
  !/node_modules|\/gen\/|\.(test|contract|testing)\.ts$|\/testing[\w-]*\.ts$/.test(path);

function printFile({ file = "", success, counts, duration_ms: durationMs }: SummaryData, output: Map<string, string>): void {
  const skips = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  const seconds = (durationMs / 1000).toFixed(1);
  const path = relative(root, file);
  console.log(`${success ? "✔" : "✖"} ${path} (${counts.tests} tests${skips}, ${seconds} s)`);
  if (!success) printOutput(path, output);
  output.delete(path);
}

/** What the tests of a file printed; of a file that ended before its tests did, it is all there is. */
function printOutput(path: string, output: Map<string, string>): void {
  const printed = (output.get(path) ?? "").trimEnd();
  if (printed !== "") console.log(printed.replace(/^/gm, "    "));
  output.delete(path);
}

function summarise(files: readonly LineCoverage[]): Coverage {
  const workspaces = Map.groupBy(files, ({ path }) => path.split("/", path.startsWith("simulator/") ? 1 : 2).join("/"));
  const percent = (list: readonly LineCoverage[]): number => {
    const run = list.reduce((sum, { runCount }) => sum + runCount, 0);
    const all = list.reduce((sum, { lineCount }) => sum + lineCount, 0);
    return all === 0 ? 100 : (100 * run) / all;
  };
  const byWorkspace = [...workspaces].map(([folder, list]) => [folder, percent(list)] as const);
  return { totalPercent: percent(files), byWorkspace: new Map(byWorkspace.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function count(reasons: Map<string, number>, skip: string | boolean): void {
  const reason = typeof skip === "string" && skip !== "" ? skip : "no reason given";
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}

function append(output: Map<string, string>, file: string | undefined, message: string): void {
  if (file !== undefined) output.set(file, (output.get(file) ?? "") + message);
}
