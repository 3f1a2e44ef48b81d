/** Copies of what the hospitals' stewards decided on a study, exactly as they signed it. The last decision of a hospital counts. */

import { canonicalJson, type JsonValue, parseSha256, type Sha256, sha256 } from "@dure/kernel";
import type { Selectable } from "kysely";
import { assertSize, listRowsMax, signedJsonBytesMax, sizeNames } from "./limits.ts";
import { oneOf, parseStoredJson, wholeNumber } from "./rows.ts";
import type { CoordinatorTables, StoreTransaction } from "./tables.ts";

export type DecisionKind = "approved" | "declined" | "withdrawn";

export interface Decision {
  readonly study: Sha256;
  readonly siteId: string;
  readonly kind: DecisionKind;
  /** As signed. */
  readonly signed: JsonValue;
  readonly receivedAtMs: number;
}

export interface StoredDecision extends Decision {
  /** From 1, counted for each hospital and study. */
  readonly sequence: number;
  /** SHA-256 of the canonical form of `signed`. */
  readonly hash: Sha256;
}

export interface DecisionStore {
  /** The same signed decision again is `repeated`; a different one is the hospital's next. */
  record(tx: StoreTransaction, decision: Decision): Promise<{ readonly kind: "stored" | "repeated"; readonly hash: Sha256 }>;
  /** The decision that counts, of each hospital that decided, by site id. */
  current(tx: StoreTransaction, study: Sha256): Promise<readonly StoredDecision[]>;
  /** All decisions of a hospital on a study, in order. */
  history(tx: StoreTransaction, study: Sha256, siteId: string): Promise<readonly StoredDecision[]>;
}

export const sqlDecisionStore: DecisionStore = {
  async record(tx, { study, siteId, kind, signed, receivedAtMs }) {
    const decisionJson = canonicalJson(signed);
    assertSize(sizeNames.decision, decisionJson, signedJsonBytesMax);
    const hash = sha256(decisionJson);
    const earlier = await sqlDecisionStore.history(tx, study, siteId);
    if (earlier.some((decision) => decision.hash === hash)) return { kind: "repeated", hash };
    const sequence = earlier.length + 1;
    const row = { studySha256: study, siteId, sequence, kind, decisionJson, decisionSha256: hash, receivedAtMs };
    await tx.insertInto("decision").values(row).execute();
    return { kind: "stored", hash };
  },

  async current(tx, study) {
    const rows = await tx
      .selectFrom("decision")
      .selectAll()
      .distinctOn("siteId")
      .where("studySha256", "=", study)
      .orderBy("siteId")
      .orderBy("sequence", "desc")
      .limit(listRowsMax)
      .execute();
    return rows.map(decisionOf);
  },

  async history(tx, study, siteId) {
    const rows = await tx
      .selectFrom("decision")
      .selectAll()
      .where("studySha256", "=", study)
      .where("siteId", "=", siteId)
      .orderBy("sequence")
      .limit(listRowsMax)
      .execute();
    return rows.map(decisionOf);
  },
};

const decisionOf = (row: Selectable<CoordinatorTables["decision"]>): StoredDecision => ({
  study: parseSha256(row.studySha256),
  siteId: row.siteId,
  sequence: row.sequence,
  kind: oneOf<DecisionKind>(row.kind, ["approved", "declined", "withdrawn"]),
  signed: parseStoredJson(row.decisionJson),
  hash: parseSha256(row.decisionSha256),
  receivedAtMs: wholeNumber(row.receivedAtMs),
});
