/** For tests and benchmarks: a ledger of a run's rounds. */

import { type Sha256, sha256 } from "@dure/kernel";
import { systemRandom as random } from "../testing-random.ts";
import { appendEntry, emptyLedger, type LedgerEntry, type LedgerFacts, type LedgerHead, ledgerOrigin } from "./entry.ts";

export const origin = ledgerOrigin("breast-alliance", "hospital-1");
const study: Sha256 = sha256("study");

function factsOf(seq: number): LedgerFacts {
  if (seq % 10 === 0) return { kind: "decision", study, objectSha256: sha256(`decision ${seq}`), details: ["approved"] };
  if (seq % 10 === 1) return { kind: "refusal", study, run: `run-${seq}`, details: ["too-few-rows"] };
  return {
    kind: "contribution",
    study,
    run: "run-1",
    round: seq,
    attempt: 1,
    vectors: [
      { name: "나이:gradient", length: 8, encoding: "wide" },
      { name: "counts", length: 20, encoding: "histogram" },
    ],
    bytes: 288,
    maskedSha256: sha256(`masked ${seq}`),
    rules: ["support", "influence"],
  };
}

/** Entries with the head behind each; `facts` may differ, to make a fork. */
export function grow(
  head: LedgerHead,
  count: number,
  facts: (seq: number) => LedgerFacts = factsOf,
): { entries: LedgerEntry[]; head: LedgerHead } {
  const entries: LedgerEntry[] = [];
  let current = head;
  for (let i = 0; i < count; i++) {
    const appended = appendEntry(current, facts(current.size), { atMs: 1_790_000_000_000 + current.size * 1000, random });
    entries.push(appended.entry);
    current = appended.head;
  }
  return { entries, head: current };
}

export const newLedger = (count: number) => grow(emptyLedger(origin), count);
