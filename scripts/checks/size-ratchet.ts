/**
 * Files and functions that a reader can hold in mind: at most 500 lines a file, 70 a function.
 *
 * What is over the limit today stands in size-exceptions.json with its length. An exception may shrink, never grow, and goes when it is
 * under the limit: the list is a ratchet.
 */

import { type Finding, isTest, parseFile, type SourceFile, walk } from "./source-files.ts";

const FILE_LINES_MAX = 500;
const FUNCTION_LINES_MAX = 70;

export interface SizeExceptions {
  /** Pure definitions of data, read as a table: path to the reason. They have no limit. */
  readonly data: Readonly<Record<string, string>>;
  /** Path to its lines. */
  readonly files: Readonly<Record<string, number>>;
  /** `path#function` to its lines. */
  readonly functions: Readonly<Record<string, number>>;
}

export function checkSizes(files: readonly SourceFile[], exceptions: SizeExceptions): Finding[] {
  const measured = files.filter(({ path }) => exceptions.data[path] === undefined);
  const fileLines = new Map(measured.map(({ path, text }) => [path, countLines(text)]));
  const functionLines = new Map(measured.filter(({ path }) => !isTest(path)).flatMap(functionsOf)); // a test's callback may be a whole story
  const known = new Set(files.map(({ path }) => path));
  return [
    ...compare(fileLines, exceptions.files, FILE_LINES_MAX),
    ...compare(functionLines, exceptions.functions, FUNCTION_LINES_MAX),
    ...Object.keys(exceptions.data)
      .filter((path) => !known.has(path))
      .map((path) => ({ path, what: "is listed in size-exceptions.json but does not exist; remove the line" })),
  ];
}

function compare(lines: ReadonlyMap<string, number>, exceptions: Readonly<Record<string, number>>, max: number): Finding[] {
  const findings: Finding[] = [];
  for (const [path, count] of lines) {
    const listed = exceptions[path];
    if (listed === undefined && count > max)
      findings.push({ path, what: `${count} lines; at most ${max} are allowed. Split it by concept` });
    if (listed !== undefined && count > listed)
      findings.push({ path, what: `grew from ${listed} to ${count} lines; an exception may only shrink` });
  }
  for (const [path, listed] of Object.entries(exceptions)) {
    const count = lines.get(path) ?? 0;
    if (count <= max) findings.push({ path, what: "no longer needs its exception; remove the line from size-exceptions.json" });
    else if (count < listed)
      findings.push({ path, what: `shrank from ${listed} to ${count} lines; write ${count} in size-exceptions.json` });
  }
  return findings;
}

const countLines = (text: string): number => text.split("\n").length - (text.endsWith("\n") ? 1 : 0);

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

/** `path#name` and lines of every function; an unnamed one is called after what holds it. */
function functionsOf(file: SourceFile): [string, number][] {
  const { program, lineAt } = parseFile(file);
  const found: [string, number][] = [];
  walk(program, ({ type, start, end }, name) => {
    if (FUNCTIONS.has(type)) found.push([`${file.path}#${name}`, lineAt(end) - lineAt(start) + 1]);
  });
  return found.sort((a, b) => a[1] - b[1]); // of two with one name the longer counts
}
