import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toBase64, toHex, utf8 } from "@dure/kernel";
import { createSigningKey } from "../keys/signing.ts";
import { systemRandom as random } from "../testing-random.ts";
import {
  addSignatureLines,
  cosignedAtMs,
  ED25519,
  isSignedByLog,
  noteKeyId,
  parseNote,
  proofFromText,
  proofToText,
  signCheckpoint,
} from "./checkpoint.ts";
import { emptyLedger, type LedgerEntry, type LedgerHead, ledgerRoot, resumeLedger } from "./entry.ts";
import { consistencyProof } from "./merkle.ts";
import { grow, newLedger, origin } from "./testing-ledger.ts";
import { verifyLedger } from "./verify.ts";
import { cosignCheckpoint, type WitnessState } from "./witness.ts";

const nowMs = 1_790_000_000_000;
const log = createSigningKey(random);
const witnessKey = createSigningKey(random);
const witness = { name: "hospital-2", privateKey: witnessKey.privateKey };
const noteOf = (head: LedgerHead) => signCheckpoint({ origin: head.origin, size: head.size, root: ledgerRoot(head) }, log.privateKey);
const leavesOf = (entries: readonly LedgerEntry[]) => entries.map(({ hash }) => fromHex(hash));
const ask = (seen: WitnessState, note: string, proof: readonly Uint8Array[] = []) =>
  cosignCheckpoint(seen, { note, proof, origin, logKey: log.publicKey, witness, nowMs });

const short = newLedger(40);
const long = grow(short.head, 60);
const all = [...short.entries, ...long.entries];
const first = ask(undefined, noteOf(short.head));
assert.ok(first.kind === "cosigned");
const seen = first.state;

test("a witness cosigns what it sees first, the same again, and what begins with it", () => {
  assert.equal(seen.size, 40);
  assert.equal(ask(seen, noteOf(short.head)).kind, "cosigned");
  const proof = consistencyProof(leavesOf(all), 40);
  const next = ask(seen, noteOf(long.head), proofFromText(proofToText(proof)));
  assert.ok(next.kind === "cosigned" && next.state.size === 100);
});

test("the verifier reports who cosigned and when", () => {
  const next = ask(seen, noteOf(long.head), consistencyProof(leavesOf(all), 40));
  assert.ok(next.kind === "cosigned");
  const note = addSignatureLines(noteOf(long.head), [next.line]);
  const witnesses = [
    { name: "hospital-2", publicKey: witnessKey.publicKey },
    { name: "hospital-3", publicKey: log.publicKey },
  ];
  const report = verifyLedger(all, { origin, checkpoints: [note], logKey: log.publicKey, witnesses });
  assert.deepEqual(report.problems, []);
  assert.deepEqual(report.checkpoints[0]?.cosignedBy, [{ name: "hospital-2", atMs: nowMs }]);
});

test("a rollback is refused by name", () => {
  const rolledBack = resumeLedger(
    origin,
    short.entries.slice(0, 39).map(({ hash }) => hash),
  );
  assert.deepEqual(ask(seen, noteOf(rolledBack)), { kind: "refused", code: "rollback", seenSize: 40 });
  assert.deepEqual(ask(seen, noteOf(emptyLedger(origin))), { kind: "refused", code: "rollback", seenSize: 40 });
});

test("a fork of the same length is refused by name", () => {
  const forked = grow(
    resumeLedger(
      origin,
      short.entries.slice(0, 20).map(({ hash }) => hash),
    ),
    20,
  );
  assert.deepEqual(ask(seen, noteOf(forked.head)), { kind: "refused", code: "fork", seenSize: 40 });
});

test("a longer fork has no proof, its own or another's", () => {
  const kept = short.entries.slice(0, 20);
  const forked = grow(
    resumeLedger(
      origin,
      kept.map(({ hash }) => hash),
    ),
    80,
  );
  const forkedAll = [...kept, ...forked.entries];
  for (const proof of [[], consistencyProof(leavesOf(forkedAll), 40), consistencyProof(leavesOf(all), 40)]) {
    assert.deepEqual(ask(seen, noteOf(forked.head), proof), { kind: "refused", code: "inconsistent", seenSize: 40 });
  }
});

test("a longer ledger without its proof is refused", () => {
  assert.deepEqual(ask(seen, noteOf(long.head)), { kind: "refused", code: "inconsistent", seenSize: 40 });
  assert.deepEqual(ask(seen, noteOf(long.head), [new Uint8Array(31)]), { kind: "refused", code: "malformed", seenSize: 40 });
});

test("another key, another ledger and a text that is no checkpoint are refused by name", () => {
  const note = noteOf(short.head);
  const foreign = signCheckpoint({ origin, size: 40, root: ledgerRoot(short.head) }, witnessKey.privateKey);
  const elsewhere = signCheckpoint(
    { origin: "dure/breast-alliance/hospital-9/ledger", size: 40, root: ledgerRoot(short.head) },
    log.privateKey,
  );
  const rows: readonly (readonly [string, string])[] = [
    [foreign, "bad-signature"],
    [note.replace("\n40\n", "\n41\n"), "bad-signature"],
    [elsewhere, "other-origin"],
    [note.replace("\n40\n", "\n040\n"), "malformed"],
    [note.replace("\n40\n", "\n40.0\n"), "malformed"],
    [note.replace("=\n\n", "=\nmore\n\n"), "malformed"],
    [note.slice(0, -1), "malformed"],
    ["", "malformed"],
  ];
  for (const [wrong, code] of rows) assert.deepEqual(ask(undefined, wrong), { kind: "refused", code, seenSize: 0 });
});

test("a cosignature holds for its checkpoint, witness name and time only", () => {
  assert.ok(first.kind === "cosigned");
  const cosigned = addSignatureLines(noteOf(short.head), [first.line]);
  const moved = addSignatureLines(noteOf(long.head), [first.line]);
  const key = { name: "hospital-2", publicKey: witnessKey.publicKey };
  const read = (text: string, by = key) => {
    const note = parseNote(text);
    assert.ok(note !== undefined);
    return cosignedAtMs(note, by);
  };
  assert.equal(read(cosigned), nowMs);
  assert.equal(read(moved), undefined);
  assert.equal(read(cosigned, { ...key, name: "hospital-3" }), undefined);
  assert.equal(read(cosigned, { ...key, publicKey: log.publicKey }), undefined);
});

test("a note is the public format: origin, size, base64 root, an empty line, signatures with four bytes of key id", () => {
  const note = parseNote(noteOf(short.head));
  assert.ok(note !== undefined && isSignedByLog(note, log.publicKey));
  const [name, size, root, empty, line] = noteOf(short.head).split("\n");
  assert.deepEqual([name, size, empty], [origin, "40", ""]);
  assert.equal(Buffer.from(root ?? "", "base64").toString("hex"), ledgerRoot(short.head));
  assert.match(line ?? "", /^— dure\/breast-alliance\/hospital-1\/ledger [A-Za-z0-9+/]{91}=$/);
  assert.equal(Buffer.from(utf8(note.body)).toString(), `${origin}\n40\n${root}\n`);
});

test("a key's id matches the example of golang.org/x/mod/sumdb/note", () => {
  const [name, id, key] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".split("+");
  const publicKey = toBase64(new Uint8Array(Buffer.from(key ?? "", "base64")).subarray(1));
  assert.equal(toHex(noteKeyId({ name: name ?? "", publicKey }, ED25519)), id);
});
