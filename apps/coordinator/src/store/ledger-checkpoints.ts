/**
 * Signed heads of the hospitals' disclosure ledgers, and the other hospitals' signatures under them.
 *
 * A hospital that shows two roots for one size has rewritten its ledger: the second is a conflict, and the first stays as evidence.
 */

import { canonicalJson, type JsonValue, parseSha256, type Sha256 } from "@dure/kernel";
import type { Selectable } from "kysely";
import { assertSize, listRowsMax, signedJsonBytesMax, sizeNames } from "./limits.ts";
import { insertOnce, parseStoredJson, type WriteOutcome, wholeNumber } from "./rows.ts";
import type { CoordinatorTables, StoreTransaction } from "./tables.ts";

export interface LedgerCheckpoint {
  readonly siteId: string;
  /** Entries in the ledger. */
  readonly treeSize: number;
  readonly root: Sha256;
  /** As the hospital signed it. */
  readonly signed: JsonValue;
  readonly receivedAtMs: number;
}

export interface LedgerCosignature {
  readonly siteId: string;
  readonly treeSize: number;
  readonly cosignerId: string;
  /** Ed25519, base64url. */
  readonly signature: string;
  readonly receivedAtMs: number;
}

export interface LedgerCheckpointStore {
  put(tx: StoreTransaction, checkpoint: LedgerCheckpoint): Promise<WriteOutcome>;
  /** The checkpoint must be there. */
  cosign(tx: StoreTransaction, cosignature: LedgerCosignature): Promise<WriteOutcome>;
  /** The largest checkpoint of each hospital, by site id. */
  latest(tx: StoreTransaction): Promise<readonly LedgerCheckpoint[]>;
  /** All checkpoints of a hospital, by size. */
  list(tx: StoreTransaction, siteId: string): Promise<readonly LedgerCheckpoint[]>;
  /** Signatures under a hospital's checkpoints, by size and cosigner. */
  cosignatures(tx: StoreTransaction, siteId: string): Promise<readonly LedgerCosignature[]>;
  /** The latest checkpoints of others that this hospital has not signed yet. */
  uncosigned(tx: StoreTransaction, cosignerId: string): Promise<readonly LedgerCheckpoint[]>;
}

export const sqlLedgerCheckpointStore: LedgerCheckpointStore = {
  async put(tx, { siteId, treeSize, root, signed, receivedAtMs }) {
    const checkpointJson = canonicalJson(signed);
    assertSize(sizeNames.checkpoint, checkpointJson, signedJsonBytesMax);
    const row = { siteId, treeSize, rootSha256: root, checkpointJson, receivedAtMs };
    return insertOnce(tx, { table: "ledgerCheckpoint", row, key: ["siteId", "treeSize"], mayDiffer: ["receivedAtMs"] });
  },

  cosign: (tx, cosignature) =>
    insertOnce(tx, {
      table: "ledgerCosignature",
      row: { ...cosignature },
      key: ["siteId", "treeSize", "cosignerId"],
      mayDiffer: ["receivedAtMs"],
    }),

  async latest(tx) {
    const query = tx.selectFrom("ledgerCheckpoint").selectAll().distinctOn("siteId").orderBy("siteId").orderBy("treeSize", "desc");
    return (await query.limit(listRowsMax).execute()).map(checkpointOf);
  },

  async list(tx, siteId) {
    const query = tx.selectFrom("ledgerCheckpoint").selectAll().where("siteId", "=", siteId).orderBy("treeSize");
    return (await query.limit(listRowsMax).execute()).map(checkpointOf);
  },

  async cosignatures(tx, siteId) {
    const query = tx.selectFrom("ledgerCosignature").selectAll().where("siteId", "=", siteId).orderBy("treeSize").orderBy("cosignerId");
    const rows = await query.limit(listRowsMax).execute();
    return rows.map((row) => ({ ...row, treeSize: wholeNumber(row.treeSize), receivedAtMs: wholeNumber(row.receivedAtMs) }));
  },

  async uncosigned(tx, cosignerId) {
    const signed = await tx.selectFrom("ledgerCosignature").select(["siteId", "treeSize"]).where("cosignerId", "=", cosignerId).execute();
    const known = new Set(signed.map((row) => `${row.treeSize} ${row.siteId}`));
    const latest = await sqlLedgerCheckpointStore.latest(tx);
    return latest.filter((checkpoint) => checkpoint.siteId !== cosignerId && !known.has(`${checkpoint.treeSize} ${checkpoint.siteId}`));
  },
};

const checkpointOf = (row: Selectable<CoordinatorTables["ledgerCheckpoint"]>): LedgerCheckpoint => ({
  siteId: row.siteId,
  treeSize: wholeNumber(row.treeSize),
  root: parseSha256(row.rootSha256),
  signed: parseStoredJson(row.checkpointJson),
  receivedAtMs: wholeNumber(row.receivedAtMs),
});
