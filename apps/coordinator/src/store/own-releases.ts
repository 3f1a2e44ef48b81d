/** What hospitals gave in their own name. A release is answered once for each frozen model: another answer under the same key is refused. */

import { type OwnRelease as OwnReleaseKind, ownReleases } from "@dure/identity";
import { canonicalJson, type JsonValue } from "@dure/kernel";
import { assertSize, listRowsMax, ownReleaseJsonBytesMax, sizeNames } from "./limits.ts";
import { insertOnce, oneOf, parseStoredJson, type WriteOutcome, wholeNumber } from "./rows.ts";
import type { StoreTransaction } from "./tables.ts";

export interface OwnRelease {
  readonly runId: string;
  readonly siteId: string;
  readonly kind: OwnReleaseKind;
  /** Which one, where a hospital gives several of a kind: the site whose model it scored, or to whom its model is sealed. Else empty. */
  readonly subject: string;
  readonly release: JsonValue;
  readonly receivedAtMs: number;
}

export interface OwnReleaseStore {
  put(tx: StoreTransaction, release: OwnRelease): Promise<WriteOutcome>;
  /** All releases of a run, by site, kind and subject. */
  list(tx: StoreTransaction, runId: string): Promise<readonly OwnRelease[]>;
}

export const sqlOwnReleaseStore: OwnReleaseStore = {
  async put(tx, { release, ...rest }) {
    const releaseJson = canonicalJson(release);
    assertSize(sizeNames.ownRelease, releaseJson, ownReleaseJsonBytesMax);
    const key = ["runId", "siteId", "kind", "subject"] as const;
    return insertOnce(tx, { table: "ownRelease", row: { ...rest, releaseJson }, key, mayDiffer: ["receivedAtMs"] });
  },

  async list(tx, runId) {
    const rows = await tx
      .selectFrom("ownRelease")
      .selectAll()
      .where("runId", "=", runId)
      .orderBy("siteId")
      .orderBy("kind")
      .orderBy("subject")
      .limit(listRowsMax)
      .execute();
    return rows.map(({ siteId, kind, subject, releaseJson, receivedAtMs }) => ({
      runId,
      siteId,
      kind: oneOf(kind, ownReleases),
      subject,
      release: parseStoredJson(releaseJson),
      receivedAtMs: wholeNumber(receivedAtMs),
    }));
  },
};
