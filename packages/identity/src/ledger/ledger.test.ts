import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, type JsonValue, utf8 } from "@dure/kernel";
import { createSigningKey } from "../keys/signing.ts";
import { systemRandom as random } from "../testing-random.ts";
import { addSignatureLines, signCheckpoint } from "./checkpoint.ts";
import {
  appendEntry,
  emptyLedger,
  entryLine,
  hashContent,
  type LedgerEntry,
  type LedgerFacts,
  ledgerOrigin,
  ledgerRoot,
  readEntry,
  resumeLedger,
} from "./entry.ts";
import { merkleRoot } from "./merkle.ts";
import { grow, newLedger, origin } from "./testing-ledger.ts";
import {
  beginVerification,
  endVerification,
  LEDGER_PROBLEM_COUNT_MAX,
  type LedgerCheck,
  type LedgerVerification,
  verifyLedger,
  verifyLedgerFile,
  verifyLine,
} from "./verify.ts";

const { entries, head } = newLedger(1000);
const lines = entries.map(entryLine);
const key = createSigningKey(random);
const checkpoint = signCheckpoint({ origin, size: head.size, root: ledgerRoot(head) }, key.privateKey);
const signed: LedgerCheck = { origin, checkpoints: [checkpoint], logKey: key.publicKey, file: "ledger.jsonl" };

async function* chunksOf(bytes: Uint8Array, size = 65_536) {
  for (let start = 0; start < bytes.byteLength; start += size) yield bytes.slice(start, start + size);
}
const verifyText = (text: string, check: LedgerCheck = signed) => verifyLedgerFile(chunksOf(utf8(text)), check);
const codesOf = (report: { problems: readonly { code: string }[] }) =>
  report.problems.map(({ code }) => code.replace("identity/ledger-", ""));

test("an untouched ledger holds, from memory and from a file in chunks of any size", async () => {
  const report = verifyLedger(entries, signed);
  assert.deepEqual(report.problems, []);
  assert.deepEqual([report.entryCount, report.uncoveredCount, report.root], [1000, 0, ledgerRoot(head)]);
  for (const size of [1, 7, 1000, 1e6]) {
    const fromFile = await verifyLedgerFile(chunksOf(utf8(lines.slice(0, 50).join("")), size), { origin });
    assert.deepEqual([fromFile.problems, fromFile.entryCount], [[], 50]);
  }
  assert.deepEqual(await verifyText(lines.join("")), report);
});

test("the head rebuilt from stored hashes is the head that grew, and its root the Merkle root of the hashes", () => {
  const rebuilt = resumeLedger(
    origin,
    entries.map(({ hash }) => hash),
  );
  assert.deepEqual(rebuilt, head);
  assert.equal(Buffer.from(merkleRoot(entries.map(({ hash }) => fromHex(hash)))).toString("hex"), ledgerRoot(head));
});

test("any flipped byte is detected, at every entry of a thousand and every place in a line", () => {
  // The state before each line is kept, so that a flip costs two lines instead of a thousand; every 29th byte of every line, the
  // offset moving on with the line, reaches each column of the format and each entry.
  let state: LedgerVerification = beginVerification({ origin });
  let flipCount = 0;
  lines.forEach((line, i) => {
    const bytes = utf8(line.slice(0, -1));
    for (let at = i % 29; at < bytes.byteLength; at += 29) {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] ?? 0) ^ (1 << ((i + at) % 8));
      assert.notEqual(verifyLine(state, flipped).problems.length, 0, `line ${i + 1}, byte ${at}`);
      flipCount += 1;
    }
    state = verifyLine(state, bytes);
  });
  assert.ok(flipCount > 10_000);
  assert.deepEqual(endVerification(state).problems, []);
});

test("every byte of whole lines, line feeds too, is detected in the file with its line number", async () => {
  const few = lines.slice(0, 3).join("");
  const bytes = utf8(few);
  for (let at = 0; at < bytes.byteLength; at++) {
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    const report = await verifyLedgerFile(chunksOf(flipped), { origin, file: "ledger.jsonl" });
    const line = few.slice(0, Buffer.from(bytes.subarray(0, at)).toString("utf8").length).split("\n").length;
    assert.ok(
      report.problems.some(({ place }) => place.line === line && place.file === "ledger.jsonl"),
      `byte ${at}`,
    );
  }
});

test("an entry rewritten with a fresh hash breaks the chain behind it and the signed root", async () => {
  const forged = { ...(entries[400] as LedgerEntry), bytes: 1 };
  const { hash: _, ...content } = forged;
  const rewritten = lines.with(400, entryLine({ ...forged, hash: hashContent(content) }));
  assert.deepEqual(codesOf(await verifyText(rewritten.join(""))), ["broken-chain", "rewritten"]);
  const last = { ...(entries[999] as LedgerEntry), bytes: 1 };
  const { hash: __, ...lastContent } = last;
  const lastRewritten = lines.with(999, entryLine({ ...last, hash: hashContent(lastContent) }));
  assert.deepEqual(codesOf(await verifyText(lastRewritten.join(""))), ["rewritten"]);
});

test("a ledger rewritten from some entry to its end is found by the signed checkpoint", () => {
  const kept = resumeLedger(
    origin,
    entries.slice(0, 700).map(({ hash }) => hash),
  );
  const other = grow(kept, 300);
  assert.deepEqual(codesOf(verifyLedger([...entries.slice(0, 700), ...other.entries], signed)), ["rewritten"]);
});

test("removed, repeated and reordered entries are detected", async () => {
  const without = lines.toSpliced(500, 1);
  assert.deepEqual(codesOf(await verifyText(without.join(""))), ["bad-sequence", "broken-chain", "cut-off"]);
  const doubled = lines.toSpliced(500, 0, lines[500] as string);
  assert.deepEqual(codesOf(await verifyText(doubled.join(""))), ["bad-sequence", "broken-chain", "rewritten"]);
  const swapped = lines.with(500, lines[501] as string).with(501, lines[500] as string);
  assert.ok(codesOf(await verifyText(swapped.join(""))).includes("broken-chain"));
  const withoutFirst = lines.slice(1);
  assert.deepEqual(codesOf(await verifyText(withoutFirst.join(""), { origin })), ["bad-sequence", "broken-chain"]);
});

test("an end that was cut off is found: inside a line by the file, between lines by the checkpoint", async () => {
  const text = lines.join("");
  assert.deepEqual(codesOf(await verifyText(text.slice(0, -1))), ["cut-line", "cut-off"]);
  assert.deepEqual(codesOf(await verifyText(text.slice(0, -40))), ["cut-line", "cut-off"]);
  assert.deepEqual(codesOf(await verifyText(lines.slice(0, 999).join(""))), ["cut-off"]);
  assert.deepEqual(codesOf(await verifyText("")), ["cut-off"]);
});

test("another hospital's ledger, key or checkpoint is refused by name", () => {
  const other = ledgerOrigin("breast-alliance", "hospital-2");
  assert.deepEqual(codesOf(verifyLedger(entries, { ...signed, origin: other })), ["broken-chain", "other-origin"]);
  assert.deepEqual(codesOf(verifyLedger(entries, { ...signed, logKey: createSigningKey(random).publicKey })), ["bad-signature"]);
  assert.deepEqual(codesOf(verifyLedger(entries, { origin, checkpoints: [checkpoint] })), ["bad-signature"]);
  assert.deepEqual(codesOf(verifyLedger(entries, { ...signed, checkpoints: [checkpoint.replace("1000", "1001"), "x"] })), [
    "bad-signature",
    "bad-checkpoint",
  ]);
});

test("entries behind the last checkpoint are counted as uncovered", () => {
  const more = grow(head, 5);
  const report = verifyLedger([...entries, ...more.entries], signed);
  assert.deepEqual([report.problems, report.uncoveredCount], [[], 5]);
});

test("a clock set back is a warning", () => {
  const later = grow(emptyLedger(origin), 1);
  const earlier = appendEntry(later.head, { kind: "load", details: ["snapshot-3"] }, { atMs: 5, random });
  const report = verifyLedger([...later.entries, earlier.entry], { origin });
  assert.deepEqual(
    report.problems.map(({ code, severity }) => [code, severity]),
    [["identity/ledger-clock-back", "warning"]],
  );
});

test("a file that is no ledger gives a bounded list of problems", async () => {
  const report = await verifyText("x\n".repeat(5000), { origin });
  assert.deepEqual([report.problems.length, report.isCut, report.entryCount], [LEDGER_PROBLEM_COUNT_MAX, true, 5000]);
  assert.deepEqual(codesOf(await verifyText("y".repeat(2_000_000), { origin })), ["bad-line"]);
});

test("two entries of the same facts have different hashes: a guess at the facts cannot be checked against a proof", () => {
  const facts: LedgerFacts = { kind: "refusal", details: ["one-class"] };
  const [a, b] = [appendEntry(head, facts, { atMs: 1, random }), appendEntry(head, facts, { atMs: 1, random })];
  assert.notEqual(a.entry.hash, b.entry.hash);
});

test("free text, unknown fields and numbers that are no counts do not enter a ledger", () => {
  const facts: LedgerFacts = { kind: "refusal", details: ["no-rows"] };
  const wrongs: readonly object[] = [
    { details: ["Mrs Kim was left out"] },
    { details: ["환자"] },
    { rules: [""] },
    { note: "x" },
    { bytes: -1 },
    { round: 0.5 },
    { kind: "other" },
    { study: "x" },
    { vectors: [{ name: "x", length: 1 }] },
    { vectors: [{ name: "x", length: 1, encoding: "wide", values: [1] }] },
  ];
  for (const wrong of wrongs) {
    assert.throws(() => appendEntry(head, { ...facts, ...wrong } as LedgerFacts, { atMs: 1, random }), RangeError, JSON.stringify(wrong));
    const json = { ...JSON.parse(lines[0] as string), ...wrong } as JsonValue;
    assert.equal(readEntry(json), undefined);
  }
  assert.throws(() => appendEntry(head, facts, { atMs: Number.NaN, random }), RangeError);
  assert.deepEqual(readEntry(JSON.parse(lines[0] as string)), entries[0]);
});

test("a byte order mark, a space and a carriage return are changes like any other", async () => {
  for (const changed of [`\uFEFF${lines[0]}`, ` ${lines[0]}`, (lines[0] as string).replace("\n", "\r\n")]) {
    assert.deepEqual(codesOf(await verifyText(changed, { origin })), ["bad-line"]);
  }
});

test("signature lines are added once", () => {
  assert.equal(addSignatureLines(checkpoint, ["— a b\n", "— a b\n"]).split("— a b").length, 3);
  assert.equal(addSignatureLines(addSignatureLines(checkpoint, ["— a b\n"]), ["— a b\n"]), `${checkpoint}— a b\n`);
});
