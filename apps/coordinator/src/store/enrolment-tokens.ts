/** One-time invitations. The store knows the hash of the secret only: who reads the store cannot enrol. */

import type { Sha256 } from "@dure/kernel";
import { parseSha256 } from "@dure/kernel";
import { listRowsMax } from "./limits.ts";
import { type MemberRole, memberRoles } from "./members.ts";
import { insertOnce, oneOf, optionalWholeNumber, type WriteOutcome, wholeNumber } from "./rows.ts";
import type { StoreTransaction } from "./tables.ts";

export interface EnrolmentToken {
  readonly secretSha256: Sha256;
  readonly siteId: string;
  readonly organisation: string;
  readonly role: MemberRole;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly usedAtMs?: number;
}

export type Redemption =
  /** Redeemed now, or earlier by the very same signing request. */
  | { readonly kind: "redeemed"; readonly isRepeated: boolean; readonly token: EnrolmentToken }
  | { readonly kind: "refused"; readonly reason: "unknown" | "expired" | "used" };

export interface EnrolmentTokenStore {
  issue(tx: StoreTransaction, token: Omit<EnrolmentToken, "usedAtMs">): Promise<WriteOutcome>;
  /** `requestSha256` identifies the signing request: the same one may come again after an answer was lost, another may not. */
  redeem(
    tx: StoreTransaction,
    redemption: { readonly secretSha256: Sha256; readonly requestSha256: Sha256; readonly nowMs: number },
  ): Promise<Redemption>;
  list(tx: StoreTransaction): Promise<readonly EnrolmentToken[]>;
}

export const sqlEnrolmentTokenStore: EnrolmentTokenStore = {
  issue: (tx, token) => insertOnce(tx, { table: "enrolmentToken", row: { ...token }, key: ["secretSha256"] }),

  async redeem(tx, { secretSha256, requestSha256, nowMs }) {
    const row = await tx.selectFrom("enrolmentToken").selectAll().where("secretSha256", "=", secretSha256).executeTakeFirst();
    if (row === undefined) return { kind: "refused", reason: "unknown" };
    const isRepeated = row.usedByRequestSha256 === requestSha256;
    if (row.usedByRequestSha256 !== null && !isRepeated) return { kind: "refused", reason: "used" };
    if (!isRepeated && nowMs >= wholeNumber(row.expiresAtMs)) return { kind: "refused", reason: "expired" };
    if (!isRepeated) {
      const use = { usedAtMs: nowMs, usedByRequestSha256: requestSha256 };
      await tx.updateTable("enrolmentToken").set(use).where("secretSha256", "=", secretSha256).execute();
    }
    return { kind: "redeemed", isRepeated, token: { ...tokenOf(row), usedAtMs: optionalWholeNumber(row.usedAtMs) ?? nowMs } };
  },

  async list(tx) {
    const rows = await tx
      .selectFrom("enrolmentToken")
      .selectAll()
      .orderBy("issuedAtMs")
      .orderBy("secretSha256")
      .limit(listRowsMax)
      .execute();
    return rows.map(tokenOf);
  },
};

interface TokenRow {
  readonly secretSha256: string;
  readonly siteId: string;
  readonly organisation: string;
  readonly role: string;
  readonly issuedAtMs: string;
  readonly expiresAtMs: string;
  readonly usedAtMs: string | null;
}

function tokenOf(row: TokenRow): EnrolmentToken {
  const { siteId, organisation } = row;
  const usedAtMs = optionalWholeNumber(row.usedAtMs);
  return {
    secretSha256: parseSha256(row.secretSha256),
    siteId,
    organisation,
    role: oneOf(row.role, memberRoles),
    issuedAtMs: wholeNumber(row.issuedAtMs),
    expiresAtMs: wholeNumber(row.expiresAtMs),
    ...(usedAtMs === undefined ? {} : { usedAtMs }),
  };
}
