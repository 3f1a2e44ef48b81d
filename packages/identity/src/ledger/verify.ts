/**
 * The ledger's verifier: an exported file, the checkpoints and the public keys are all it needs, and no running system.
 *
 * It is a reducer over lines, so that a file of any length is read once, in constant memory. A line must be the canonical form of its
 * entry, byte for byte; its hash must be the hash of its content; its number and its link must follow from the line before; and where
 * a checkpoint was signed, the root must be the one that was signed. Without a checkpoint an end that was cut off cannot be seen.
 */

import { canonicalJson, fromHex, fromUtf8, type JsonValue, type Problem, parseSha256, type Sha256, toHex } from "@dure/kernel";
import { type Checkpoint, cosignedAtMs, isSignedByLog, type NoteKey, parseNote } from "./checkpoint.ts";
import { emptyLedger, entryLine, hashContent, type LedgerEntry, readEntry } from "./entry.ts";
import { appendLeaf, type Frontier, frontierRoot } from "./merkle.ts";
import { type LedgerFlaw, ledgerProblem } from "./problems.ts";

export interface LedgerCheck {
  readonly origin: string;
  /** Signed notes of this ledger, oldest or newest first. */
  readonly checkpoints?: readonly string[];
  /** The identity key of the ledger's hospital; needed where there are checkpoints. */
  readonly logKey?: string;
  /** The other hospitals' identity keys, each by the name under which it cosigns: its site id. */
  readonly witnesses?: readonly NoteKey[];
  /** The file's name, for messages. */
  readonly file?: string;
}

export interface CheckpointReport extends Checkpoint {
  readonly cosignedBy: readonly { readonly name: string; readonly atMs: number }[];
}

export interface LedgerReport {
  /** Empty where nothing is wrong. */
  readonly problems: readonly Problem[];
  /** More problems were found than are listed. */
  readonly isCut: boolean;
  readonly entryCount: number;
  readonly root: Sha256;
  /** Those whose signature and root hold. */
  readonly checkpoints: readonly CheckpointReport[];
  /** Entries behind the last checkpoint that holds: only the chain vouches for them. */
  readonly uncoveredCount: number;
}

/** The verifier between two lines. */
export interface LedgerVerification {
  readonly check: LedgerCheck;
  readonly lineCount: number;
  /** Of the last line, as it says itself; undefined behind a line that could not be read. */
  readonly previousHash: Sha256 | undefined;
  readonly nextSeq: number;
  readonly lastAtMs: number;
  readonly frontier: Frontier;
  /** The sizes that checkpoints name, and the roots found there. */
  readonly askedSizes: ReadonlySet<number>;
  readonly roots: ReadonlyMap<number, Sha256>;
  readonly problems: readonly Problem[];
}

const LEDGER_LINE_BYTES_MAX = 256 * 1024;
export const LEDGER_PROBLEM_COUNT_MAX = 100;
const LINE_FEED = 10;

/** An exported file, as `fs.createReadStream` or a fetch gives it. Never throws on content. */
export async function verifyLedgerFile(chunks: AsyncIterable<Uint8Array>, check: LedgerCheck): Promise<LedgerReport> {
  let state = beginVerification(check);
  let rest = new Uint8Array();
  for await (const chunk of chunks) {
    const bytes = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      state = verifyLine(state, bytes.subarray(start, end));
      start = end + 1;
    }
    rest = bytes.slice(start);
    if (rest.byteLength > LEDGER_LINE_BYTES_MAX) break; // no entry is that long: what follows is no ledger
  }
  if (rest.byteLength > 0)
    state = withProblem(state, rest.byteLength > LEDGER_LINE_BYTES_MAX ? "bad-line" : "cut-line", state.lineCount + 1);
  return endVerification(state);
}

/** The same over entries in memory. */
export function verifyLedger(entries: Iterable<LedgerEntry>, check: LedgerCheck): LedgerReport {
  let state = beginVerification(check);
  for (const entry of entries) state = verifyLine(state, new TextEncoder().encode(entryLine(entry).slice(0, -1)));
  return endVerification(state);
}

export function beginVerification(check: LedgerCheck): LedgerVerification {
  const { lastHash } = emptyLedger(check.origin);
  const askedSizes = new Set((check.checkpoints ?? []).flatMap((text) => parseNote(text)?.checkpoint.size ?? []));
  const start = { check, lineCount: 0, previousHash: lastHash, nextSeq: 0, lastAtMs: 0, frontier: [], problems: [], askedSizes };
  return { ...start, roots: rememberRoot(new Map(), start) };
}

/** One line without its line feed. */
export function verifyLine(state: LedgerVerification, line: Uint8Array): LedgerVerification {
  const lineNumber = state.lineCount + 1;
  const entry = parseLine(line);
  if (entry === undefined) return withProblem(advance(state, undefined), "bad-line", lineNumber);
  let next = advance(state, entry);
  if (hashContent(withoutHash(entry)) !== entry.hash) next = withProblem(next, "bad-hash", lineNumber);
  if (entry.seq !== state.nextSeq) next = withProblem(next, "bad-sequence", lineNumber);
  if (state.previousHash !== undefined && entry.previousHash !== state.previousHash) next = withProblem(next, "broken-chain", lineNumber);
  return entry.atMs < state.lastAtMs ? withProblem(next, "clock-back", lineNumber) : next;
}

export function endVerification(state: LedgerVerification): LedgerReport {
  const checkpoints: CheckpointReport[] = [];
  let { problems } = state;
  for (const text of state.check.checkpoints ?? []) {
    const result = checkCheckpoint(state, text);
    if (typeof result === "string") problems = [...problems, ledgerProblem(result, placeOf(state))];
    else checkpoints.push(result);
  }
  const covered = checkpoints.reduce((largest, { size }) => Math.max(largest, size), 0);
  return {
    problems: problems.slice(0, LEDGER_PROBLEM_COUNT_MAX),
    isCut: problems.length > LEDGER_PROBLEM_COUNT_MAX,
    entryCount: state.lineCount,
    root: rootOf(state.frontier),
    checkpoints,
    uncoveredCount: state.lineCount - covered,
  };
}

function checkCheckpoint({ check, lineCount, roots }: LedgerVerification, text: string): CheckpointReport | LedgerFlaw {
  const note = parseNote(text);
  if (note === undefined) return "bad-checkpoint";
  if (note.checkpoint.origin !== check.origin) return "other-origin";
  if (check.logKey === undefined || !isSignedByLog(note, check.logKey)) return "bad-signature";
  if (note.checkpoint.size > lineCount) return "cut-off";
  if (roots.get(note.checkpoint.size) !== note.checkpoint.root) return "rewritten";
  const cosignedBy = (check.witnesses ?? []).flatMap((witness) => {
    const atMs = cosignedAtMs(note, witness);
    return atMs === undefined ? [] : [{ name: witness.name, atMs }];
  });
  return { ...note.checkpoint, cosignedBy };
}

function advance(state: LedgerVerification, entry: LedgerEntry | undefined): LedgerVerification {
  const leaf = entry === undefined ? new Uint8Array(32) : fromHex(entry.hash);
  const next = {
    ...state,
    lineCount: state.lineCount + 1,
    previousHash: entry?.hash,
    // After a wrong number the file's own counting is followed, so that one gap is one problem.
    nextSeq: (entry?.seq ?? state.nextSeq) + 1,
    lastAtMs: entry?.atMs ?? state.lastAtMs,
    frontier: appendLeaf(state.frontier, state.lineCount, leaf),
  };
  return { ...next, roots: rememberRoot(state.roots, next) };
}

/** Bytes that are the canonical form of an entry, and nothing else. */
function parseLine(line: Uint8Array): LedgerEntry | undefined {
  if (line.byteLength > LEDGER_LINE_BYTES_MAX) return undefined;
  try {
    const text = fromUtf8(line);
    const value: JsonValue = JSON.parse(text);
    // Decoding drops a byte order mark, so the length is compared as well as the text.
    const isCanonical = canonicalJson(value) === text && Buffer.byteLength(text) === line.byteLength;
    return isCanonical ? readEntry(value) : undefined;
  } catch {
    return undefined;
  }
}

function withoutHash({ hash: _, ...content }: LedgerEntry): Omit<LedgerEntry, "hash"> {
  return content;
}

type Grown = Pick<LedgerVerification, "askedSizes" | "lineCount" | "frontier">;

/** Keeps the root where a checkpoint will ask for it. */
function rememberRoot(roots: ReadonlyMap<number, Sha256>, { askedSizes, lineCount, frontier }: Grown): ReadonlyMap<number, Sha256> {
  return askedSizes.has(lineCount) ? new Map([...roots, [lineCount, rootOf(frontier)]]) : roots;
}

const rootOf = (frontier: Frontier): Sha256 => parseSha256(toHex(frontierRoot(frontier)));

const placeOf = ({ check }: LedgerVerification, line?: number): Problem["place"] => ({
  ...(check.file !== undefined && { file: check.file }),
  ...(line !== undefined && { line }),
});

/** One more than is listed is kept, to know that the list is cut. */
function withProblem(state: LedgerVerification, flaw: LedgerFlaw, line: number): LedgerVerification {
  if (state.problems.length > LEDGER_PROBLEM_COUNT_MAX) return state;
  return { ...state, problems: [...state.problems, ledgerProblem(flaw, placeOf(state, line))] };
}
