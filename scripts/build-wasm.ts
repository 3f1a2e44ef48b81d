/**
 * Compiles the WASM kernels of packages/numerics from their AssemblyScript source.
 *
 *   node scripts/build-wasm.ts           writes NAME.wasm, its SHA-256 and the module that carries it as base64
 *   node scripts/build-wasm.ts --check   compiles again and compares; exit status 1 when a committed file is not what the source gives
 *
 * The results are committed, so that nobody needs the compiler to run Dure; its exact version stands in package.json.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const assembly = join(root, "packages/numerics/assembly");
const generated = join(root, "packages/numerics/src/kernels/gen");
const compiler = join(root, "node_modules/assemblyscript/bin/asc.js");

/** Plain simd128, never relaxed: every machine gives the same bytes. */
const flags = ["-O3", "--runtime", "stub", "--noAssert", "--enable", "simd"];

/** Pages of 64 KiB that a kernel starts with and may grow to. mask: two blocks of a page and a margin; gram: by the number of columns. */
const memoryPages: Readonly<Record<string, readonly [number, number]>> = { mask: [3, 3], gram: [2, 2048] };

const check = process.argv.includes("--check");
const stale = kernelNames().flatMap((name) => build(name));
if (stale.length > 0) {
  console.error(
    `These files are not what packages/numerics/assembly compiles to:\n${stale.join("\n")}\nRun node scripts/build-wasm.ts and commit them.`,
  );
  process.exitCode = 1;
}

function kernelNames(): string[] {
  return readdirSync(assembly)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -".ts".length))
    .sort();
}

/** Writes the files of one kernel, or with `--check` returns those that differ. */
function build(name: string): string[] {
  const wasm = compile(name);
  const sha256 = createHash("sha256").update(wasm).digest("hex");
  const files: [string, Uint8Array][] = [
    [join(assembly, `${name}.wasm`), wasm],
    [join(assembly, `${name}.wasm.sha256`), Buffer.from(`${sha256}  ${name}.wasm\n`)],
    [join(generated, `${name}.ts`), Buffer.from(carrier(name, wasm))],
  ];
  if (check) return files.filter(([path, bytes]) => !existsSync(path) || !readFileSync(path).equals(bytes)).map(([path]) => path);
  mkdirSync(generated, { recursive: true });
  for (const [path, bytes] of files) writeFileSync(path, bytes);
  console.log(`${name}.wasm: ${wasm.byteLength} bytes, SHA-256 ${sha256}`);
  return [];
}

function compile(name: string): Buffer {
  const pages = memoryPages[name];
  if (pages === undefined) throw new Error(`${name}.ts has no entry in memoryPages`);
  const directory = mkdtempSync(join(tmpdir(), "dure-wasm-"));
  try {
    const out = join(directory, `${name}.wasm`);
    const memory = ["--initialMemory", String(pages[0]), "--maximumMemory", String(pages[1])];
    execFileSync(process.execPath, [compiler, join("packages/numerics/assembly", `${name}.ts`), ...flags, ...memory, "--outFile", out], {
      cwd: root,
      stdio: "inherit",
    });
    return readFileSync(out);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function carrier(name: string, wasm: Buffer): string {
  return `// Made by scripts/build-wasm.ts from packages/numerics/assembly/${name}.ts. Do not edit.\nexport const wasmBase64 =\n  "${wasm.toString("base64")}";\n`;
}
