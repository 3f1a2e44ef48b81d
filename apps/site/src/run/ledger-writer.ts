/**
 * Appends to the hospital's ledger, inside the transaction that accounts for what is about to leave.
 *
 * The agent and the steward's command line append to one ledger from two processes. Each append therefore begins by reading what the
 * other one added; SQLite lets one writer in at a time, so the chain cannot fork.
 */

import type { LedgerNote } from "@dure/federation/protocol";
import {
  appendEntry,
  emptyLedger,
  type LedgerEntry,
  type LedgerFacts,
  type LedgerHead,
  ledgerOrigin,
  readEntry,
  resumeLedger,
} from "@dure/identity";
import { type Clock, type JsonValue, parseSha256, type SecureRandom, type Sha256, sha256 } from "@dure/kernel";
import type { SiteStore } from "../store/site-store.ts";

export interface LedgerWriterOptions {
  readonly store: SiteStore;
  readonly alliance: string;
  readonly siteId: string;
  readonly clock: Clock;
  readonly random: SecureRandom;
}

export interface FrozenTableFacts {
  readonly run: string;
  readonly study: string;
  readonly tableHash: string;
  readonly snapshot: number;
  readonly snapshotHash: string;
}

export class LedgerWriter {
  readonly #options: LedgerWriterOptions;
  readonly #origin: string;
  #head: LedgerHead;

  constructor(options: LedgerWriterOptions) {
    this.#options = options;
    this.#origin = ledgerOrigin(options.alliance, options.siteId);
    this.#head = emptyLedger(this.#origin);
  }

  /** What a message of a run took out of the hospital. */
  appendNote(note: LedgerNote): void {
    const hash = sha256(note.bytes);
    const isMasked = note.kind === "masked-vector";
    this.append({
      kind: isMasked ? "contribution" : "release",
      ...(note.study === "" ? {} : { study: note.study }),
      run: note.run,
      round: note.round,
      attempt: note.attempt,
      vectors: note.vectors,
      bytes: note.bytes.byteLength,
      ...(isMasked ? { maskedSha256: hash } : { objectSha256: hash }),
      rules: note.rules.map(codeOf),
    });
  }

  appendRefusal(run: string, code: string): void {
    this.append({ kind: "refusal", run, details: [codeOf(code)] });
  }

  appendFrozenTable(facts: FrozenTableFacts): void {
    const objectSha256 = parseSha256(facts.tableHash);
    this.append({
      kind: "frozen-table",
      run: facts.run,
      study: parseSha256(facts.study),
      objectSha256,
      details: [`snapshot-${facts.snapshot}`],
    });
  }

  /** Must be called inside a transaction of the site's store. */
  append(facts: LedgerFacts): void {
    this.#catchUp();
    const { store, clock, random } = this.#options;
    const { entry, head } = appendEntry(this.#head, facts, { atMs: clock.nowMs(), random });
    store.appendLedger(entry.seq, JSON.stringify(entry));
    this.#head = head;
  }

  head(): LedgerHead {
    this.#catchUp();
    return this.#head;
  }

  /** Another process's entries are read; after a rollback the head in memory is none of the store's, and the chain is read again. */
  #catchUp(): void {
    const { size, lastHash } = this.#head;
    const hashes = this.#hashes(Math.max(0, size - 1));
    const isBehind = size === 0 || hashes.next().value === lastHash;
    this.#head = isBehind ? resumeLedger(this.#origin, hashes, this.#head) : resumeLedger(this.#origin, this.#hashes(0));
  }

  *#hashes(from: number): Generator<Sha256> {
    for (const entry of this.#options.store.ledger(from)) yield storedEntry(entry).hash;
  }
}

export function storedEntry(text: string): LedgerEntry {
  const entry = readEntry(JSON.parse(text) as JsonValue); // JSON.parse gives JSON values only
  if (entry === undefined) throw new Error("broken invariant: the ledger holds something that is no entry");
  return entry;
}

/** Ledger details are codes: what a rule says in words becomes one. */
const codeOf = (rule: string): string => rule.toLowerCase().replaceAll(/[^a-z0-9/.-]+/g, "-");
