/**
 * The ledger of a hospital: what left it, what it decided, what it refused; every entry bound to all before it.
 *
 * An entry's hash is its Merkle leaf hash over the canonical form of all its other fields, among them the hash of the entry before. One
 * change anywhere is therefore a change of everything behind it and of the root, which other hospitals have signed (witness.ts).
 *
 * Proofs show hashes to those other hospitals, and an entry's content could be guessed: there are few refusal codes. Each entry
 * therefore carries a random salt, and a hash tells nothing.
 *
 * Entries hold codes, counts and hashes, never a patient's value, a name or free text.
 */

import {
  canonicalJson,
  fromHex,
  type JsonValue,
  parseSha256,
  type SecureRandom,
  type Sha256,
  sha256,
  toBase64,
  toHex,
  utf8,
} from "@dure/kernel";
import { isSha256 } from "../signed-terms.ts";
import { appendLeaf, type Frontier, frontierRoot, hashLeaf } from "./merkle.ts";

/**
 * contribution: masked vectors of a round. message: anything else that went to the coordinator. release: figures in the hospital's own
 * name. decision: a steward's approval, declination or withdrawal. frozen-table: a run's analysis table. load: a snapshot of the store.
 * refusal: something asked for and not given. lookup: a patient found again by two people.
 */
export type LedgerKind = "contribution" | "message" | "release" | "decision" | "frozen-table" | "load" | "refusal" | "lookup";

export interface LedgerVector {
  readonly name: string;
  readonly length: number;
  readonly encoding: string;
}

export interface LedgerFacts {
  readonly kind: LedgerKind;
  readonly study?: Sha256;
  readonly run?: string;
  readonly round?: number;
  readonly attempt?: number;
  readonly vectors?: readonly LedgerVector[];
  /** Bytes that left. */
  readonly bytes?: number;
  /** Of the bytes as they left, masked. */
  readonly maskedSha256?: Sha256;
  /** Of what the entry is about: a frozen table, a signed decision, a released document, a snapshot. */
  readonly objectSha256?: Sha256;
  /** Rules of the gate that were applied. */
  readonly rules?: readonly string[];
  /** Codes that say more: why refused, what was decided, which release, which snapshot. */
  readonly details?: readonly string[];
}

export interface LedgerEntry extends LedgerFacts {
  /** 0, 1, 2, … */
  readonly seq: number;
  readonly atMs: number;
  readonly previousHash: Sha256;
  /** 16 random bytes, base64url. */
  readonly salt: string;
  readonly hash: Sha256;
}

/** All that is needed to append: kept in memory, rebuilt from the stored hashes at start. */
export interface LedgerHead {
  readonly origin: string;
  readonly size: number;
  readonly lastHash: Sha256;
  readonly frontier: Frontier;
}

export const ledgerKinds: readonly LedgerKind[] = [
  "contribution",
  "message",
  "release",
  "decision",
  "frozen-table",
  "load",
  "refusal",
  "lookup",
];

/** Names the ledger in checkpoints and in its first entry: entries of one hospital are none of another. */
export const ledgerOrigin = (alliance: string, siteId: string): string => `dure/${alliance}/${siteId}/ledger`;

export function emptyLedger(origin: string): LedgerHead {
  return { origin, size: 0, lastHash: sha256(utf8(`dure ledger 1\n${origin}`)), frontier: [] };
}

/** The head of a stored ledger, from its entries' hashes in order; with `from`, of the entries behind that head only. O(n). */
export function resumeLedger(origin: string, hashes: Iterable<Sha256>, from: LedgerHead = emptyLedger(origin)): LedgerHead {
  let { size, lastHash, frontier } = from;
  for (const hash of hashes) {
    frontier = appendLeaf(frontier, size, fromHex(hash));
    lastHash = hash;
    size += 1;
  }
  return { origin, size, lastHash, frontier };
}

export interface Appended {
  readonly entry: LedgerEntry;
  readonly head: LedgerHead;
}

/**
 * The next entry and the head behind it. The shell stores the entry before the message that it is about leaves.
 *
 * Fails: RangeError on a code, id or number that no entry may hold; nothing is appended.
 */
export function appendEntry(
  head: LedgerHead,
  facts: LedgerFacts,
  { atMs, random }: { readonly atMs: number; readonly random: SecureRandom },
): Appended {
  const salt = toBase64(random.bytes(16));
  const content = { ...facts, seq: head.size, atMs, previousHash: head.lastHash, salt };
  const flaw = contentFlaw(content);
  if (flaw !== undefined) throw new RangeError(`a ledger entry's ${flaw} is not of the form that a ledger holds`);
  const hash = hashContent(content);
  const frontier = appendLeaf(head.frontier, head.size, fromHex(hash));
  return { entry: { ...content, hash }, head: { origin: head.origin, size: head.size + 1, lastHash: hash, frontier } };
}

export const ledgerRoot = (head: LedgerHead): Sha256 => parseSha256(toHex(frontierRoot(head.frontier)));

/** The hash that an entry with this content has. */
export function hashContent(content: Omit<LedgerEntry, "hash">): Sha256 {
  return parseSha256(toHex(hashLeaf(utf8(canonicalJson(jsonOf(content))))));
}

/** One line of an exported ledger, line feed included: the canonical form, so that every byte counts. */
export const entryLine = (entry: LedgerEntry): string => `${canonicalJson(jsonOf(entry))}\n`;

/** An entry as read from a line or a store; undefined where a field is missing, unknown or not of its form. The hash is not checked. */
export function readEntry(value: JsonValue): LedgerEntry | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const fields = value as { readonly [key: string]: JsonValue | undefined }; // an object that is neither null nor an array
  const { hash, ...content } = fields;
  if (typeof hash !== "string" || !isSha256(hash) || contentFlaw(content) !== undefined) return undefined;
  return fields as unknown as LedgerEntry; // every field was checked just above
}

type Check = (value: unknown) => boolean;

const isCount: Check = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isHash: Check = (value) => typeof value === "string" && isSha256(value);
/** Codes cannot hold a sentence, so no free text gets in by mistake. */
const isCode: Check = (value) => typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9:._/=-]{0,99}$/.test(value);
const isCodes: Check = (value) => Array.isArray(value) && value.length <= 100 && value.every(isCode);
const isVector: Check = (value) => {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 3) return false;
  const { name, length, encoding }: { name?: unknown; length?: unknown; encoding?: unknown } = value;
  // Vectors are named after a study's variables, which may be written in Korean.
  return typeof name === "string" && name.isWellFormed() && name.length <= 200 && isCount(length) && isCode(encoding);
};

const required: Readonly<Record<string, Check>> = {
  kind: (value) => ledgerKinds.some((kind) => kind === value),
  seq: isCount,
  atMs: isCount,
  previousHash: isHash,
  salt: (value) => typeof value === "string" && /^[A-Za-z0-9_-]{22}$/.test(value),
};

const optional: Readonly<Record<string, Check>> = {
  study: isHash,
  run: isCode,
  round: isCount,
  attempt: isCount,
  vectors: (value) => Array.isArray(value) && value.length <= 1000 && value.every(isVector),
  bytes: isCount,
  maskedSha256: isHash,
  objectSha256: isHash,
  rules: isCodes,
  details: isCodes,
};

/** The name of the first field that is missing, unknown or not of its form. */
function contentFlaw(content: { readonly [field: string]: unknown }): string | undefined {
  for (const [field, check] of Object.entries(required)) if (!check(content[field])) return field;
  for (const [field, value] of Object.entries(content)) {
    if (Object.hasOwn(required, field)) continue;
    if (!Object.hasOwn(optional, field)) return "unknown field";
    if (value !== undefined && optional[field]?.(value) !== true) return field;
  }
  return undefined;
}

const jsonOf = (content: Omit<LedgerEntry, "hash">): JsonValue => content as unknown as JsonValue; // its fields are JSON values, by its type
