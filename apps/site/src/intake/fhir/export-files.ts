/** The files of an export: found, told apart by name, opened as streams of bytes. */

import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { createGunzip } from "node:zlib";
import { isResourceType } from "@dure/clinical/fhir";
import { DureError, parseSha256, type Sha256 } from "@dure/kernel";
import { fileProblem } from "./problems.ts";

export interface ExportFile {
  readonly path: string;
  /** Below the folder that was given, or without any folder: exports name files after patients, and what is above them is this machine's. */
  readonly name: string;
  readonly kind: "lines" | "bundle";
  readonly isPacked: boolean;
  /** Where the name says it, as in `Patient.000.ndjson`. */
  readonly resourceType?: string;
}

export interface ExportFiles {
  readonly files: readonly ExportFile[];
  /** In a folder, but no FHIR by their names: a log, a manifest, a note. */
  readonly ignored: readonly string[];
}

/** Large enough that a block holds hundreds of resources, small enough to forget. */
const BLOCK_BYTES = 2 ** 20;

const FORMAT = /\.(ndjson|jsonl|json)(\.gz)?$/i;
/** Beside the data in bulk exports. */
const NOT_DATA: ReadonlySet<string> = new Set(["log.ndjson", "manifest.json", "package.json"]);

/**
 * Files as they are named, folders with all below them, in the order of their names.
 * @throws DureError with every path that is not there or no FHIR by its name.
 */
export async function findExportFiles(paths: readonly string[]): Promise<ExportFiles> {
  const [files, ignored, problems]: [ExportFile[], string[], ReturnType<typeof fileProblem>[]] = [[], [], []];
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) problems.push(fileProblem("missing", path));
    else if (stat.isDirectory()) {
      for (const below of await filesBelow(path)) {
        const name = relative(path, below).replaceAll(sep, "/");
        const file = exportFile(below, name);
        if (file === undefined) ignored.push(name);
        else files.push(file);
      }
    } else {
      const file = exportFile(path, basename(path));
      if (file === undefined) problems.push(fileProblem("unknown-format", path));
      else files.push(file);
    }
  }
  if (problems.length > 0) throw new DureError(problems);
  return { files, ignored };
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function exportFile(path: string, name: string): ExportFile | undefined {
  const last = basename(path);
  const [, format, packing] = FORMAT.exec(last) ?? [];
  if (format === undefined || NOT_DATA.has(last.toLowerCase())) return undefined;
  const resourceType = last.split(/[.\-_ ]/).find(isResourceType);
  const kind = format.toLowerCase() === "json" ? "bundle" : "lines";
  const isTyped = kind === "lines" && resourceType !== undefined && resourceType !== "Bundle";
  return { path, name, kind, isPacked: packing !== undefined, ...(isTyped ? { resourceType } : {}) };
}

export async function hashFile(file: ExportFile, signal?: AbortSignal): Promise<Sha256> {
  const hash = createHash("sha256");
  for await (const block of blocksOf(file.path, signal)) hash.update(block);
  return parseSha256(hash.digest("hex"));
}

/**
 * The file's bytes, unpacked.
 * @throws DureError `intake/cut-short`, `intake/unreadable`
 */
export async function* readBlocks(file: ExportFile, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const blocks = blocksOf(file.path, signal);
  if (!file.isPacked) return yield* blocks;
  const unpacked = createGunzip({ chunkSize: BLOCK_BYTES });
  blocks.on("error", (cause) => unpacked.destroy(cause));
  try {
    yield* blocks.pipe(unpacked);
  } catch (cause) {
    signal?.throwIfAborted();
    const isCut = cause instanceof Error && "code" in cause && cause.code === "Z_BUF_ERROR";
    throw new DureError(fileProblem(isCut ? "cut-short" : "unreadable", file.name), { cause });
  } finally {
    blocks.destroy();
    unpacked.destroy();
  }
}

const blocksOf = (path: string, signal: AbortSignal | undefined) =>
  createReadStream(path, { highWaterMark: BLOCK_BYTES, ...(signal === undefined ? {} : { signal }) });
