import assert from "node:assert/strict";
import { test } from "node:test";
import { checkImports, type Workspace } from "./import-rules.ts";
import { codeFiles, describeFindings, type SourceFile } from "./source-files.ts";
import { workspaces } from "./workspaces.ts";

test("every import of the repository goes the one way of the house", () => {
  assert.equal(describeFindings(checkImports(codeFiles(), workspaces())), "");
});

const workspace = (
  folder: string,
  dependencies: readonly string[] = [],
  exports: Record<string, string> = { ".": "./src/index.ts" },
): Workspace => ({
  name: folder === "." ? "dure" : `@dure/${folder.split("/").at(-1)}`,
  folder,
  dependencies: new Set(dependencies),
  devDependencies: new Set(folder === "." ? ["fast-check"] : []),
  exports,
});

const halves = { "./coordinator": "./src/coordinator/index.ts", "./site": "./src/site/index.ts" };
const house = [
  workspace("."),
  workspace("packages/kernel", ["@dure/study"]),
  workspace("packages/study", ["@dure/kernel", "zod"]),
  workspace("packages/clinical", ["@dure/study", "@dure/records"]),
  workspace("packages/records"),
  workspace("packages/federation", ["@dure/records"], halves),
  workspace("apps/coordinator", ["@dure/federation"]),
];

/** The code, and an index for each package that it may name. */
function findingsOf(path: string, code: string, others: readonly SourceFile[] = []): string {
  const indexes = ["kernel", "study", "records"].map((name) => ({ path: `packages/${name}/src/index.ts`, text: "export const fact = 1;" }));
  return describeFindings(checkImports([...indexes, ...others, { path, text: code }], house));
}

for (const [what, path, code, expected] of [
  [
    "an import to the right",
    "packages/kernel/src/a.ts",
    'import type { S } from "@dure/study";',
    /packages\/kernel may not import packages\/study/,
  ],
  [
    "an import that no package.json names",
    "packages/study/src/a.ts",
    'import x from "left-pad";',
    /left-pad is not a dependency in packages\/study/,
  ],
  ["an undeclared subpath import", "packages/study/src/a.ts", 'import x from "@scope/name/deep";', /@scope\/name is not a dependency/],
  [
    "a lazy import that no package.json names",
    "packages/study/src/a.ts",
    'const x = await import("left-pad");',
    /left-pad is not a dependency/,
  ],
  ["a re-export to the right", "packages/kernel/src/a.ts", 'export { S } from "@dure/study";', /may not import packages\/study/],
  [
    "a relative path into another package",
    "packages/study/src/a.ts",
    'import "../../kernel/src/index.ts";',
    /reaches into packages\/kernel/,
  ],
  [
    "rows named in clinical code",
    "packages/clinical/src/a.ts",
    'import type { T } from "@dure/records";',
    /patient rows may be named only/,
  ],
  [
    "rows named in the coordinator's half",
    "packages/federation/src/coordinator/a.ts",
    'import type { T } from "@dure/records";',
    /patient rows may be named only/,
  ],
  ["a test's tool outside tests", "packages/study/src/a.ts", 'import { x } from "./a.testing.ts";', /for tests only/],
  ["a test library outside tests", "packages/study/src/a.ts", 'import fc from "fast-check";', /fast-check is not a dependency/],
] as const) {
  test(`${what} is refused`, () => assert.match(findingsOf(path, code), expected));
}

test("a declared import to the left, a builtin, and a test library in a test are allowed", () => {
  assert.equal(
    findingsOf("packages/study/src/a.ts", 'import { z } from "zod";\nimport { t } from "@dure/kernel";\nimport "node:crypto";'),
    "",
  );
  assert.equal(findingsOf("packages/study/src/a.test.ts", 'import fc from "fast-check";'), "");
});

test("rows are allowed in the site's half", () => {
  assert.equal(findingsOf("packages/federation/src/site/a.ts", 'import type { T } from "@dure/records";'), "");
});

test("a way to rows through other files is found and told", () => {
  const others = [
    { path: "packages/federation/src/coordinator/index.ts", text: 'export { x } from "../shared.ts";' },
    { path: "packages/federation/src/shared.ts", text: 'import { x } from "./site/index.ts"; export { x };' },
    { path: "packages/federation/src/site/index.ts", text: "export const x = 1;" },
  ];
  const found = findingsOf("apps/coordinator/src/main.ts", 'import { x } from "@dure/federation/coordinator";', others);
  assert.match(
    found,
    /apps\/coordinator\/src\/main\.ts: reaches patient rows: .*coordinator\/index\.ts -> .*shared\.ts -> .*site\/index\.ts/,
  );
});
