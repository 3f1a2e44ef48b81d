/** Proving a hospital's ledger of 100,000 entries from its exported bytes, against hashing the same bytes once. */

import { createHash, randomBytes } from "node:crypto";
import { appendEntry, emptyLedger, entryLine, ledgerOrigin, verifyLedgerFile } from "@dure/identity";
import { type SecureRandom, sha256 } from "@dure/kernel";

export interface LedgerBench {
  readonly entryCount: number;
  readonly bytes: number;
  readonly appendUsPerEntry: number;
  readonly verifyUsPerEntry: number;
  readonly hashMs: number;
  /** Verification by the time of one plain SHA-256 over the file. */
  readonly ratio: number;
}

const random: SecureRandom = { kind: "secure", bytes: (length) => new Uint8Array(randomBytes(length)) };
const origin = ledgerOrigin("bench", "hospital-1");
const CHUNK_BYTES = 65_536;

export async function benchLedger({ entryCount = 100_000 } = {}): Promise<LedgerBench> {
  const startMs = performance.now();
  const file = makeFile(entryCount);
  const appendMs = performance.now() - startMs;
  const verifyStartMs = performance.now();
  const report = await verifyLedgerFile(chunks(file), { origin });
  const verifyMs = performance.now() - verifyStartMs;
  if (report.problems.length > 0 || report.entryCount !== entryCount) throw new Error("the ledger of the benchmark does not hold");
  const hashStartMs = performance.now();
  createHash("sha256").update(file).digest();
  const hashMs = performance.now() - hashStartMs;
  const perEntry = (ms: number): number => (ms * 1000) / entryCount;
  return {
    entryCount,
    bytes: file.byteLength,
    appendUsPerEntry: perEntry(appendMs),
    verifyUsPerEntry: perEntry(verifyMs),
    hashMs,
    ratio: verifyMs / hashMs,
  };
}

function makeFile(entryCount: number): Uint8Array {
  const study = sha256("bench");
  const lines: string[] = [];
  let head = emptyLedger(origin);
  for (let round = 0; round < entryCount; round++) {
    const vectors = [{ name: "gradient", length: 8, encoding: "wide" }];
    const facts = {
      kind: "contribution",
      study,
      run: "run-1",
      round,
      attempt: 1,
      vectors,
      bytes: 128,
      maskedSha256: study,
      rules: ["support"],
    } as const;
    const appended = appendEntry(head, facts, { atMs: 1_790_000_000_000 + round, random });
    lines.push(entryLine(appended.entry));
    head = appended.head;
  }
  return Buffer.from(lines.join(""));
}

async function* chunks(file: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < file.byteLength; start += CHUNK_BYTES) yield file.subarray(start, start + CHUNK_BYTES);
}
