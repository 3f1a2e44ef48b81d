/** The repository as its checks see it: every file that git tracks or would track, and the syntax tree of the code among them. */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Comment, type Program, parseSync } from "oxc-parser";

const repositoryRoot: string = fileURLToPath(new URL("../..", import.meta.url));

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** A finding of a check, as its test prints it. */
export interface Finding {
  readonly path: string;
  readonly line?: number;
  /** What was found, what the rule is, and what to do instead. */
  readonly what: string;
}

/** Tests, benchmarks, and what only they use (`x.contract.ts`, `x.testing.ts`, `testing-x.ts`, the programs that make known answers). */
export const isTest = (path: string): boolean =>
  /\.(test|bench|contract|testing)\.ts$|(^|\/)testing[\w-]*\.ts$|(^|\/)known-answers\/|^bench\//.test(path);

/** Made by a program from another file: nobody reads or edits it. */
const isGenerated = (path: string): boolean => /(^|\/)gen\//.test(path) || /_pb\.ts$/.test(path);

/** AssemblyScript looks like TypeScript, but is compiled by another compiler for another machine. */
const isAssemblyScript = (path: string): boolean => /(^|\/)assembly\//.test(path);

/** Tracked files, and new ones that no ignore rule names; those deleted but not yet committed are left out. */
export function repositoryFiles(): string[] {
  const output = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: repositoryRoot,
    encoding: "utf8",
  });
  const paths = [...new Set(output.split("\0"))].filter((path) => path !== "" && existsSync(join(repositoryRoot, path)));
  return paths.sort();
}

export const readRepositoryFile = (path: string): string => readFileSync(join(repositoryRoot, path), "utf8");

/** Our own TypeScript and JavaScript, generated code and AssemblyScript aside. */
export function codeFiles(): SourceFile[] {
  return repositoryFiles()
    .filter((path) => /\.(ts|tsx|mjs)$/.test(path) && !isGenerated(path) && !isAssemblyScript(path))
    .map((path) => ({ path, text: readRepositoryFile(path) }));
}

export interface ParsedFile extends SourceFile {
  readonly program: Program;
  readonly comments: readonly Comment[];
  /** Counts from 1. */
  lineAt(offset: number): number;
}

/** @throws Error on a file that does not parse: the checks would be blind to it. */
export function parseFile({ path, text }: SourceFile): ParsedFile {
  const { program, comments, errors } = parseSync(path, text);
  const fatal = errors.find((error) => error.severity === "Error");
  if (fatal !== undefined) throw new Error(`${path} does not parse: ${fatal.message}`);
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const lineAt = (offset: number): number => lastAtMost(starts, offset) + 1;
  return { path, text, program, comments, lineAt };
}

/** As much of an ESTree node as the checks look at. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly id?: { readonly name?: string } | null;
  readonly key?: { readonly name?: string };
  readonly object?: { readonly name?: string };
  readonly property?: { readonly name?: string; readonly value?: string };
  readonly callee?: { readonly name?: string };
  readonly arguments?: readonly unknown[];
  readonly source?: { readonly value?: unknown } | null;
  readonly typeAnnotation?: { readonly typeName?: { readonly name?: string } };
}

/** Visits every node from the outside in, with the name of the nearest declaration or property that it is, or lies in. */
export function walk(tree: unknown, visit: (node: SyntaxNode, name: string) => void, holder = "(module)"): void {
  if (Array.isArray(tree)) {
    for (const item of tree) walk(item, visit, holder);
  } else if (typeof tree === "object" && tree !== null) {
    const node = tree as Partial<SyntaxNode>; // the parser's own tree: whatever has a type is a node
    const name = node.id?.name ?? node.key?.name ?? holder;
    if (node.type !== undefined) visit(node as SyntaxNode, name); // every node has a span too
    for (const child of Object.values(tree)) walk(child, visit, name);
  }
}

export function describeFindings(findings: readonly Finding[]): string {
  return findings.map(({ path, line, what }) => `${path}${line === undefined ? "" : `:${line}`}: ${what}`).join("\n");
}

/** Index of the last element that is at most `value`; `sorted` ascends and starts with one that is. */
function lastAtMost(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] ?? Number.POSITIVE_INFINITY) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
