/**
 * The hash of an analysis table: a site that reads its table again for the next round proves that it is the same one.
 *
 * SHA-256 over: a version line; the number of rows; each key behind its length; each column's name behind its length and its values as
 * little-endian doubles; the split, a byte a row.
 */

import { createHash, type Hash } from "node:crypto";
import { parseSha256, type Sha256 } from "@dure/kernel";
import type { AnalysisTable } from "./analysis-table.ts";

const VERSION = "dure-analysis-table-1\n";

/** O(size of the table) time, O(1) memory. Values are hashed as the machine holds them: little-endian on every platform Node 24 runs on. */
export function hashTable(table: Omit<AnalysisTable, "hash" | "excluded">): Sha256 {
  const hash = createHash("sha256").update(`${VERSION}${table.rowCount}\n`);
  updateKeys(hash, table.rowKeys);
  for (const [name, values] of table.columns) {
    hash.update(framed(name));
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  hash.update(table.heldOut);
  return parseSha256(hash.digest("hex"));
}

/** One update for many keys: a call for each would take longer than the hashing. */
const KEYS_PER_UPDATE = 4096;

function updateKeys(hash: Hash, keys: readonly string[]): void {
  for (let from = 0; from < keys.length; from += KEYS_PER_UPDATE) {
    hash.update(
      keys
        .slice(from, from + KEYS_PER_UPDATE)
        .map(framed)
        .join(""),
    );
  }
}

/** Behind its length, so that no two lists of texts give the same bytes. */
const framed = (value: string): string => `${value.length}:${value}`;
