import assert from "node:assert/strict";
import { test } from "node:test";
import { readRepositoryFile } from "./source-files.ts";
import { declaredDependencies } from "./workspaces.ts";

/** Name to version, from the first two columns of the tables. */
function documentedVersions(): Map<string, string> {
  const rows = readRepositoryFile("docs/dependencies.md").matchAll(/^\| `([^`]+)` \| ([^|]+?) \|/gm);
  return new Map([...rows].map(([, name = "", version = ""]) => [name, version]));
}

test("every dependency has one exact version in the whole repository", () => {
  const inexact = declaredDependencies().filter(({ version }) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
  assert.deepEqual(inexact, []);
  const versions = Map.groupBy(declaredDependencies(), ({ name }) => name);
  const split = [...versions.values()].filter((uses) => new Set(uses.map(({ version }) => version)).size > 1);
  assert.deepEqual(split, []);
});

test("docs/dependencies.md has a line for every dependency, with its version, and for no other", () => {
  const declared = new Map(declaredDependencies().map(({ name, version }) => [name, version]));
  const sorted = (map: ReadonlyMap<string, string>): [string, string][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual(sorted(documentedVersions()), sorted(declared));
});

test("every line of docs/dependencies.md says what for, why this one, its licence and the way out", () => {
  const rows = readRepositoryFile("docs/dependencies.md").match(/^\| `.*$/gm) ?? [];
  assert.ok(rows.length > 0);
  for (const row of rows) assert.equal(row.split(/(?<!\\)\|/).filter((cell) => cell.trim() !== "").length, 6, row);
});
