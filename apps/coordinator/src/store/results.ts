/** Sealed results, who may fetch them, and who was refused what. */

import { parseSha256, type Sha256, sha256 } from "@dure/kernel";
import { assertSize, listRowsMax, sealedResultBytesMax, sizeNames } from "./limits.ts";
import { insertOnce, type WriteOutcome, wholeNumber } from "./rows.ts";
import type { StoreTransaction } from "./tables.ts";

export interface SealedResult {
  readonly runId: string;
  /** Members whose keys open it. */
  readonly recipients: readonly string[];
  readonly sealed: Uint8Array;
  readonly sealedAtMs: number;
}

export type ResultFetch =
  | { readonly kind: "found"; readonly sealed: Uint8Array; readonly hash: Sha256; readonly sealedAtMs: number }
  | { readonly kind: "no-result" | "not-a-recipient" };

export interface ResultStore {
  /** Once a run. Other bytes or other recipients are a conflict. */
  put(tx: StoreTransaction, result: SealedResult): Promise<WriteOutcome>;
  /** The result, for a recipient only. A refusal is not recorded here: `RefusalStore` does, so that its code is the one answered. */
  fetch(tx: StoreTransaction, runId: string, askerId: string): Promise<ResultFetch>;
  /** Recipients by id; empty where there is no result. */
  recipients(tx: StoreTransaction, runId: string): Promise<readonly string[]>;
}

export interface Refusal {
  /** Identifier of the refused request. */
  readonly refusalId: string;
  /** As the certificate says; empty where there was none. */
  readonly askerId: string;
  /** What was asked for, as a code such as `result`. */
  readonly askedFor: string;
  /** Which one: a run id or a study hash. */
  readonly subject: string;
  /** Code of the problem that was answered. */
  readonly code: string;
  readonly atMs: number;
}

export interface RefusalStore {
  record(tx: StoreTransaction, refusal: Refusal): Promise<WriteOutcome>;
  /** Oldest first, those about one subject or all. */
  list(tx: StoreTransaction, filter?: { readonly subject?: string }): Promise<readonly Refusal[]>;
}

export const sqlResultStore: ResultStore = {
  async put(tx, { runId, recipients, sealed, sealedAtMs }) {
    assertSize(sizeNames.sealedResult, sealed, sealedResultBytesMax);
    const row = { runId, sealed, sealedSha256: sha256(sealed), sealedAtMs };
    const outcome = await insertOnce(tx, { table: "sealedResult", row, key: ["runId"], mayDiffer: ["sealedAtMs"] });
    const wanted = [...new Set(recipients)].sort();
    if (outcome.kind === "stored" && wanted.length > 0) {
      const rows = wanted.map((recipientId) => ({ runId, recipientId }));
      await tx.insertInto("sealedResultRecipient").values(rows).execute();
    }
    const found = await sqlResultStore.recipients(tx, runId);
    const isSame = [...found].sort().join("\n") === wanted.join("\n");
    return outcome.kind === "repeated" && !isSame ? { kind: "conflict", columns: ["recipientId"] } : outcome;
  },

  async fetch(tx, runId, askerId) {
    const row = await tx.selectFrom("sealedResult").select(["sealedSha256"]).where("runId", "=", runId).executeTakeFirst();
    if (row === undefined) return { kind: "no-result" };
    if (!(await sqlResultStore.recipients(tx, runId)).includes(askerId)) return { kind: "not-a-recipient" };
    const { sealed, sealedAtMs } = await tx
      .selectFrom("sealedResult")
      .select(["sealed", "sealedAtMs"])
      .where("runId", "=", runId)
      .executeTakeFirstOrThrow();
    return { kind: "found", sealed: new Uint8Array(sealed), hash: parseSha256(row.sealedSha256), sealedAtMs: wholeNumber(sealedAtMs) };
  },

  async recipients(tx, runId) {
    const rows = await tx
      .selectFrom("sealedResultRecipient")
      .select("recipientId")
      .where("runId", "=", runId)
      .orderBy("recipientId")
      .execute();
    return rows.map((row) => row.recipientId);
  },
};

export const sqlRefusalStore: RefusalStore = {
  record: (tx, refusal) => insertOnce(tx, { table: "refusal", row: { ...refusal }, key: ["refusalId"], mayDiffer: ["atMs"] }),

  async list(tx, filter) {
    let query = tx.selectFrom("refusal").selectAll().orderBy("atMs").orderBy("refusalId").limit(listRowsMax);
    if (filter?.subject !== undefined) query = query.where("subject", "=", filter.subject);
    return (await query.execute()).map((row) => ({ ...row, atMs: wholeNumber(row.atMs) }));
  },
};
