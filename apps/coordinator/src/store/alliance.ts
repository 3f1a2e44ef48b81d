/** The alliance itself: its name, its root, and the certificate of the key that issues certificates now. */

import type { Sha256 } from "@dure/kernel";
import { parseSha256 } from "@dure/kernel";
import { insertOnce, type WriteOutcome, wholeNumber } from "./rows.ts";
import type { StoreTransaction } from "./tables.ts";

export interface Alliance {
  readonly name: string;
  /** SHA-256 of the DER form of the offline root certificate. */
  readonly rootFingerprint: Sha256;
  readonly rootCertificate: string;
  readonly issuingCertificate: string;
  readonly establishedAtMs: number;
}

export interface AllianceStore {
  /** The coordinator serves one alliance for good: another name or root is a conflict. */
  establish(tx: StoreTransaction, alliance: Alliance): Promise<WriteOutcome>;
  find(tx: StoreTransaction): Promise<Alliance | undefined>;
  /** The offline root signed a new issuing key. A conflict where `from` is neither the one in force nor already replaced by `to`. */
  replaceIssuingCertificate(tx: StoreTransaction, change: { readonly from: string; readonly to: string }): Promise<WriteOutcome>;
}

export const sqlAllianceStore: AllianceStore = {
  establish: (tx, alliance) =>
    insertOnce(tx, { table: "alliance", row: { singleton: true, ...alliance }, key: ["singleton"], mayDiffer: ["establishedAtMs"] }),

  async find(tx) {
    const row = await tx.selectFrom("alliance").selectAll().executeTakeFirst();
    if (row === undefined) return undefined;
    const { singleton: _, ...rest } = row;
    return { ...rest, rootFingerprint: parseSha256(row.rootFingerprint), establishedAtMs: wholeNumber(row.establishedAtMs) };
  },

  async replaceIssuingCertificate(tx, { from, to }) {
    const written = await tx
      .updateTable("alliance")
      .set({ issuingCertificate: to })
      .where("issuingCertificate", "=", from)
      .executeTakeFirst();
    if (written.numUpdatedRows === 1n) return { kind: "stored" };
    const found = await tx.selectFrom("alliance").select("issuingCertificate").executeTakeFirst();
    return found?.issuingCertificate === to ? { kind: "repeated" } : { kind: "conflict", columns: ["issuingCertificate"] };
  },
};
