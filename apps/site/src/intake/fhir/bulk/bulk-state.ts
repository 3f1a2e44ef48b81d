/** Where a bulk export of one source stands, on the disk after each step, so that a killed client goes on. It holds no token. */

import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fromUtf8 } from "@dure/kernel";
import { findPrivateFile, writePrivateFile } from "@dure/machine";
import type { Manifest } from "./manifest.ts";

export interface BulkState {
  readonly version: 1;
  /** Of the last export that was taken in to its end: `--since last` asks for what came after. */
  readonly lastTransactionTime?: string;
  readonly pending?: PendingExport;
}

export interface PendingExport {
  /** With all parameters: the same command goes on with it. */
  readonly kickOffUrl: string;
  readonly statusUrl: string;
  readonly manifest?: Manifest;
  /** By name: files that are in the store; their downloads are gone. */
  readonly takenIn: readonly string[];
}

export interface BulkFolder {
  /** Downloads lie here until they are taken in: mode 0700, since they hold names. */
  readonly path: string;
  readonly read: () => BulkState;
  readonly write: (state: BulkState) => void;
  readonly discardDownloads: () => void;
}

/** @param root of all bulk exports of a site; each source has a folder of its own there. */
export function bulkFolder(root: string, source: string): BulkFolder {
  // A source's name is a person's choice, a folder's name is not.
  const path = join(root, createHash("sha256").update(source).digest("hex").slice(0, 16));
  const statePath = join(path, "state.json");
  const downloads = join(path, "downloads");
  mkdirSync(downloads, { recursive: true, mode: 0o700 });
  return {
    path: downloads,
    read: () => {
      const bytes = findPrivateFile(statePath);
      return bytes === undefined ? { version: 1 } : (JSON.parse(fromUtf8(bytes)) as BulkState); // written by `write` below
    },
    write: (state) => writePrivateFile(statePath, JSON.stringify(state)),
    discardDownloads: () => {
      rmSync(downloads, { recursive: true, force: true });
      mkdirSync(downloads, { recursive: true, mode: 0o700 });
    },
  };
}
