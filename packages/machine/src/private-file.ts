/** Files that hold keys or promises: readable by their owner alone, on the disk whole or not at all. */

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { namingFullDisk } from "./disk-full.ts";

/**
 * Mode 0600 in folders of mode 0700. Written beside, synchronised, then renamed.
 *
 * @param content one text, or bytes in one or several parts
 * @throws DureError `store/disk-full` (transient), after which the earlier file stands and nothing lies beside it
 */
export function writePrivateFile(path: string, content: string | Uint8Array | Iterable<Uint8Array>): void {
  const unfinished = `${path}.unfinished`;
  namingFullDisk(() => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    try {
      writeSynchronised(unfinished, partsOf(content));
      renameSync(unfinished, path);
    } catch (cause) {
      rmSync(unfinished, { force: true });
      throw cause;
    }
    syncFolder(dirname(path));
  });
}

export function findPrivateFile(path: string): Uint8Array | undefined {
  return existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined;
}

function partsOf(content: string | Uint8Array | Iterable<Uint8Array>): Iterable<Uint8Array> {
  if (typeof content === "string") return [new TextEncoder().encode(content)];
  return content instanceof Uint8Array ? [content] : content;
}

/** A disk that is almost full takes a part of what it is given and says how much: only the next call fails. */
function writeSynchronised(path: string, parts: Iterable<Uint8Array>): void {
  const file = openSync(path, "w", 0o600);
  try {
    for (const part of parts) {
      for (let written = 0; written < part.byteLength; ) written += writeSync(file, part, written);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Without it the rename itself may be lost with the power. */
function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
