/**
 * Which lines the tests ran, from what V8 wrote of every process.
 *
 * node:test can report coverage itself, but takes minutes to merge hundreds of processes, most of whose scripts are other people's. Here
 * each process's report is read once, only our own sources count, and a line is run when any process ran it: a set of lines a file.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export interface LineCoverage {
  readonly path: string;
  readonly lineCount: number;
  readonly runCount: number;
}

/**
 * @param folder what NODE_V8_COVERAGE named; a process that was killed left no report
 * @param isCounted by path from the root
 */
export function readLineCoverage(folder: string, root: string, isCounted: (path: string) => boolean): LineCoverage[] {
  const files = new Map<string, LineSpans>();
  for (const name of readdirSync(folder)) {
    for (const { url, functions } of reportsOf(join(folder, name))) {
      if (!url.startsWith("file:")) continue;
      const path = relative(root, fileURLToPath(url)).replaceAll("\\", "/");
      if (!isCounted(path)) continue;
      const lines = files.get(path) ?? spansOf(readFileSync(join(root, path), "utf8"));
      files.set(path, lines);
      addRun(lines, functions);
    }
  }
  return [...files].map(([path, { starts, run }]) => ({
    path,
    lineCount: starts.length,
    runCount: run.reduce((sum, one) => sum + one, 0),
  }));
}

/** Lines with code, by where their first and last characters stand, and 1 for each that was run. */
interface LineSpans {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly run: Uint8Array;
}

interface ScriptReport {
  readonly url: string;
  readonly functions: readonly FunctionReport[];
}

interface FunctionReport {
  /** Outer before inner: the last range that holds a line is the one that counts. */
  readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
}

function reportsOf(path: string): readonly ScriptReport[] {
  try {
    return JSON.parse(readFileSync(path, "utf8")).result ?? [];
  } catch (error) {
    if (error instanceof SyntaxError) return []; // the process was killed while it wrote
    throw error;
  }
}

function spansOf(text: string): LineSpans {
  const starts: number[] = [];
  const ends: number[] = [];
  let offset = 0;
  for (const line of text.split("\n")) {
    const code = line.trim();
    if (code !== "" && !/^(\/\/|\/\*|\*)/.test(code)) {
      const start = offset + line.indexOf(code);
      starts.push(start);
      ends.push(start + code.length);
    }
    offset += line.length + 1;
  }
  return { starts, ends, run: new Uint8Array(starts.length) };
}

function addRun({ starts, ends, run }: LineSpans, functions: readonly FunctionReport[]): void {
  const here = new Uint8Array(starts.length);
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      for (let i = firstAtLeast(starts, startOffset); i < starts.length && (ends[i] ?? 0) <= endOffset; i++) here[i] = count > 0 ? 1 : 0;
    }
  }
  for (let i = 0; i < run.length; i++) if (here[i] === 1) run[i] = 1;
}

/** Index of the first element that is at least `value`; `sorted` ascends. */
function firstAtLeast(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
