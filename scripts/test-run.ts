/**
 * Runs test files with node:test, one line a file, failures in full, and node:test's own summary.
 *
 * A hospital's data and a PostgreSQL are not on every machine. Tests that need them skip with a reason, and the reasons are counted at the
 * end: a suite that is green because it skipped says so.
 */

import { availableParallelism } from "node:os";
import { relative } from "node:path";
import { Readable } from "node:stream";
import { run } from "node:test";
import type { TestEvent } from "node:test/reporters";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

export interface TestRun {
  readonly passed: boolean;
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
}

const root = fileURLToPath(new URL("..", import.meta.url));
/** A file that hangs must not hang the build. */
const FILE_MS_MAX = 5 * 60_000;

/** @param files from the repository's root */
export async function runTests(files: readonly string[], { withCoverage }: TestRunOptions): Promise<TestRun> {
  const skipped = new Map<string, number>();
  const output = new Map<string, string>();
  let passed = true;
  let coverage: Coverage | undefined;
  const stream = run({
    cwd: root,
    files: [...files],
    concurrency: Math.max(2, availableParallelism()), // tests that drive processes wait more than they compute
    timeout: FILE_MS_MAX,
    coverage: withCoverage,
    coverageIncludeGlobs: ["packages/*/src/**", "apps/*/src/**", "simulator/src/**"],
    coverageExcludeGlobs: ["**/*.test.ts", "**/*.{contract,testing}.ts", "**/testing*.ts", "**/gen/**"],
  });

  /** Passes on what the spec reporter shall print; the rest is counted or printed here. */
  async function* select(): AsyncGenerator<TestEvent> {
    // node:test documents its stream as one of these events.
    for await (const event of stream as AsyncIterable<TestEvent>) {
      if (event.type === "test:fail") yield event;
      if (event.type === "test:diagnostic" && event.data.nesting === 0 && event.data.file === undefined) yield event;
      if (event.type === "test:pass" && event.data.skip !== undefined) count(skipped, event.data.skip);
      if (event.type === "test:stdout" || event.type === "test:stderr") append(output, event.data.file, event.data.message);
      if (event.type === "test:coverage") coverage = summarise(event.data.summary.files);
      if (event.type === "test:summary" && event.data.file !== undefined) printFile(event.data, output);
      if (event.type === "test:summary" && event.data.file === undefined) passed = event.data.success;
    }
  }

  for await (const text of Readable.from(select()).compose(new spec())) process.stdout.write(text);
  return { passed, skipped, coverage };
}

type SummaryData = Extract<TestEvent, { type: "test:summary" }>["data"];
type CoveredFile = Extract<TestEvent, { type: "test:coverage" }>["data"]["summary"]["files"][number];

function printFile({ file = "", success, counts, duration_ms: durationMs }: SummaryData, output: Map<string, string>): void {
  const skips = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  const seconds = (durationMs / 1000).toFixed(1);
  console.log(`${success ? "✔" : "✖"} ${relative(root, file)} (${counts.tests} tests${skips}, ${seconds} s)`);
  const printed = (output.get(file) ?? "").trimEnd();
  if (!success && printed !== "") console.log(printed.replace(/^/gm, "    "));
  output.delete(file);
}

function summarise(files: readonly CoveredFile[]): Coverage {
  const workspaces = Map.groupBy(files, ({ path }) => {
    const [group = "", name = ""] = relative(root, path).split("/");
    return group === "simulator" ? group : `${group}/${name}`;
  });
  const percent = (list: readonly CoveredFile[]): number => {
    const covered = list.reduce((sum, file) => sum + file.coveredLineCount, 0);
    const total = list.reduce((sum, file) => sum + file.totalLineCount, 0);
    return total === 0 ? 100 : (100 * covered) / total;
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
