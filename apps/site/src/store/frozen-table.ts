/**
 * The analysis table of a run, frozen in a file of the site: every round and every restart reads the same rows in the same order,
 * whatever is loaded meanwhile. The file never leaves the hospital and is removed when the run has ended.
 */

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DureError, fromUtf8, hmacSha256, type Sha256, text, utf8 } from "@dure/kernel";
import { writePrivateFile } from "@dure/machine";
import { type AnalysisTable, hashTable } from "@dure/records";

interface Header {
  readonly rowKeys: readonly string[];
  readonly columns: readonly string[];
  readonly excluded: AnalysisTable["excluded"];
  readonly hash: Sha256;
}

export class FrozenTables {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The whole file or none. @throws DureError `store/disk-full`. */
  write(run: string, table: AnalysisTable): void {
    writePrivateFile(this.#path(run), encode(table));
  }

  /** @throws DureError `site/frozen-table-altered` when the file is gone, or not what was frozen: no other rows may take their place. */
  read(run: string, expected: string): AnalysisTable {
    const path = this.#path(run);
    if (!existsSync(path)) throw altered(run);
    const table = findTable(readFileSync(path));
    if (table?.hash !== expected || hashTable(table) !== expected) throw altered(run);
    return table;
  }

  remove(run: string): void {
    rmSync(this.#path(run), { force: true });
  }

  #path(run: string): string {
    if (!/^[0-9a-z-]{1,64}$/.test(run)) throw new RangeError("a run id has 1 to 64 of 0-9, a-z and -");
    return join(this.#directory, `${run}.table`);
  }
}

/**
 * Sorted keyed hashes of the row keys, 16 bytes each: two tables can be compared, and nothing can be looked up.
 *
 * @param personKeys where a person may have several rows: a text for each that is the same where the person has the same rows. Behind the
 * rows' hashes and 16 bytes of zeros
 */
export function hashRowKeys(siteSecret: Uint8Array, rowKeys: readonly string[], personKeys?: readonly string[]): Uint8Array {
  const sorted = (kind: string, keys: readonly string[]): Buffer =>
    Buffer.concat(
      keys.map((key) => Buffer.from(hmacSha256(siteSecret, utf8(`${kind} ${key}`)).subarray(0, HASH_BYTES))).sort(Buffer.compare),
    );
  const rows = sorted("row", rowKeys);
  return new Uint8Array(personKeys === undefined ? rows : Buffer.concat([rows, Buffer.alloc(HASH_BYTES), sorted("person", personKeys)]));
}

const HASH_BYTES = 16;

/** Two tables' hashes in one: all rows, and behind 32 bytes of zeros the rows that a study's sums are made of. */
export const joinHashes = (all: Uint8Array, summed: Uint8Array): Uint8Array =>
  new Uint8Array(Buffer.concat([all, Buffer.alloc(2 * HASH_BYTES), summed]));

/** All rows' hashes first, then those of the rows that sums are made of; the same twice where a study holds none out. */
export function splitHashes(hashes: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const found = Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength).indexOf(Buffer.alloc(2 * HASH_BYTES));
  if (found < 0) return [hashes, hashes];
  // The last hash before the mark may itself end in zeros.
  const mark = Math.ceil(found / HASH_BYTES) * HASH_BYTES;
  return [hashes.subarray(0, mark), hashes.subarray(mark + 2 * HASH_BYTES)];
}

/** The rows' hashes as sorted texts, for the gate's comparison. */
export const rowKeyTexts = (hashes: Uint8Array): readonly string[] => partsOf(hashes).rows;

/** The persons'; undefined where every row was a person's. */
export const personKeyTexts = (hashes: Uint8Array): readonly string[] | undefined => partsOf(hashes).persons;

function partsOf(hashes: Uint8Array): { readonly rows: readonly string[]; readonly persons: readonly string[] | undefined } {
  const whole = Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength);
  const texts = Array.from({ length: hashes.byteLength / HASH_BYTES }, (_, i) =>
    whole.toString("hex", i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
  const mark = texts.indexOf("00".repeat(HASH_BYTES));
  return mark < 0 ? { rows: texts, persons: undefined } : { rows: texts.slice(0, mark), persons: texts.slice(mark + 1) };
}

/** 4 bytes header length, header as JSON padded to 8 bytes, then the columns as little-endian doubles, then the split. */
function encode(table: AnalysisTable): readonly Uint8Array[] {
  const header: Header = { rowKeys: table.rowKeys, columns: [...table.columns.keys()], excluded: table.excluded, hash: table.hash };
  const bytes = utf8(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil((bytes.byteLength + 4) / 8) * 8 - 4).fill(0x20);
  padded.set(bytes);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, padded.byteLength, true);
  const columns = [...table.columns.values()].map((values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return [length, padded, ...columns, table.heldOut];
}

/** Undefined for a file that was cut, or is none of ours. */
function findTable(file: Buffer): AnalysisTable | undefined {
  try {
    return decode(file);
  } catch {
    return undefined;
  }
}

function decode(file: Buffer): AnalysisTable {
  const headerBytes = file.readUInt32LE(0);
  const header = JSON.parse(fromUtf8(file.subarray(4, 4 + headerBytes))) as Header; // written by encode, and its hash is checked
  const rowCount = header.rowKeys.length;
  let offset = 4 + headerBytes;
  const columns = new Map<string, Float64Array>();
  for (const name of header.columns) {
    const values = new Float64Array(rowCount);
    new Uint8Array(values.buffer).set(file.subarray(offset, offset + rowCount * 8));
    columns.set(name, values);
    offset += rowCount * 8;
  }
  const heldOut = new Uint8Array(file.subarray(offset, offset + rowCount));
  return { rowKeys: header.rowKeys, rowCount, columns, heldOut, excluded: header.excluded, hash: header.hash };
}

function altered(run: string): DureError {
  return new DureError({
    code: "site/frozen-table-altered",
    severity: "error",
    place: { run },
    what: text(
      "The frozen table of this run is gone, or not the one whose hash the ledger holds.",
      "이 실행의 고정된 표가 없거나 원장에 기록된 해시와 다릅니다.",
    ),
    remedy: text("Decline the run and begin a new one.", "이 실행을 중단하고 새로 시작해 주십시오."),
  });
}
