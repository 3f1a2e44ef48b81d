/**
 * `npm run generate`: writes what is made from something else, and is committed so that nobody needs the tools to read or run it.
 * `--check` writes nothing, and ends with status 1 when a committed file is not what its source gives; `npm test` runs it so.
 *
 * The kernels of packages/numerics have a script of their own, `build-wasm.ts`, which this one runs.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { studyJsonSchemaText } from "@dure/study";
import { COMMANDS } from "../apps/cli/src/commands/index.ts";
import { fillReferencePage } from "../apps/cli/src/reference-page.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const check = process.argv.includes("--check");
const readText = (path: string): string => readFileSync(join(root, path), "utf8");

const outputs = new Map<string, string>([
  ["docs/cli.md", fillReferencePage(readText("docs/cli.md"), COMMANDS)],
  ["packages/study/study.schema.json", studyJsonSchemaText()],
  ...protobufCode("packages/wire"),
]);
const stale = [...outputs].filter(([path, content]) => readText(path) !== content);
for (const [path, content] of stale) {
  if (!check) writeFileSync(join(root, path), content);
  console.log(check ? `${path} is not what its source gives: run npm run generate and commit it` : `wrote ${path}`);
}
execFileSync(process.execPath, [join(root, "scripts/build-wasm.ts"), ...(check ? ["--check"] : [])], { stdio: "inherit" });
if (check && stale.length > 0) process.exitCode = 1;

/** Path to content of the TypeScript of the messages, after buf has found nothing against the schema. */
function protobufCode(folder: string): [string, string][] {
  const out = mkdtempSync(join(tmpdir(), "dure-generate-"));
  const buf = (...args: readonly string[]): void => {
    const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"]}` };
    execFileSync(join(root, "node_modules/.bin/buf"), args, { cwd: join(root, folder), env, stdio: "inherit" });
  };
  try {
    buf("lint");
    buf("generate", "-o", out);
    const files = readdirSync(out, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
    return files.map((path) => [`${folder}/${path.replaceAll("\\", "/")}`, readFileSync(join(out, path), "utf8")]);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
