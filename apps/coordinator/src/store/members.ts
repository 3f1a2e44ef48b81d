/** The members of the alliance, every certificate they were given, and the certificates that are no longer accepted. */

import { parseSha256, type Sha256 } from "@dure/kernel";
import type { Selectable } from "kysely";
import { listRowsMax } from "./limits.ts";
import { insertOnce, oneOf, type WriteOutcome, wholeNumber } from "./rows.ts";
import type { CoordinatorTables, StoreTransaction } from "./tables.ts";

export type MemberRole = "site" | "researcher" | "coordinator";
export type MemberStatus = "active" | "revoked";
export const memberRoles: readonly MemberRole[] = ["site", "researcher", "coordinator"];

export interface Certificate {
  /** Hexadecimal. */
  readonly serial: string;
  readonly siteId: string;
  /** SHA-256 of the DER form. */
  readonly fingerprint: Sha256;
  readonly pem: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export interface NewMember {
  readonly siteId: string;
  readonly organisation: string;
  readonly role: MemberRole;
  /** Raw public keys, base64url. */
  readonly identityKey: string;
  readonly sealKey?: string;
  readonly stewardKey?: string;
  readonly enrolledAtMs: number;
}

export interface Member extends NewMember {
  readonly certificateSerial: string;
  readonly certificateFingerprint: Sha256;
  readonly status: MemberStatus;
}

export interface Revocation {
  readonly serial: string;
  /** Number of the first revocation list that names it (RFC 5280). */
  readonly crlNumber: number;
  /** A reason code of RFC 5280, such as `keyCompromise`. */
  readonly reason: string;
  readonly revokedAtMs: number;
}

export interface MemberStore {
  /** A member with its first certificate. Keys are fixed for good: approvals pin them. */
  enrol(tx: StoreTransaction, member: NewMember, certificate: Certificate): Promise<WriteOutcome>;
  find(tx: StoreTransaction, siteId: string): Promise<Member | undefined>;
  /** Who presents this certificate, be it in force, replaced or revoked. */
  findByFingerprint(
    tx: StoreTransaction,
    fingerprint: Sha256,
  ): Promise<{ readonly member: Member; readonly certificate: Certificate } | undefined>;
  list(tx: StoreTransaction): Promise<readonly Member[]>;
  /** A renewed certificate takes the place of the one with serial `replaces`. */
  renew(tx: StoreTransaction, renewal: { readonly replaces: string; readonly certificate: Certificate }): Promise<WriteOutcome>;
  certificatesOf(tx: StoreTransaction, siteId: string): Promise<readonly Certificate[]>;
  /** Puts every certificate of the member that is not yet revoked on the next list, and the member out of the alliance. */
  revokeMember(
    tx: StoreTransaction,
    revocation: { readonly siteId: string; readonly reason: string; readonly atMs: number },
  ): Promise<WriteOutcome>;
  /** Puts one certificate on the next list; the member stays. */
  revokeCertificate(
    tx: StoreTransaction,
    revocation: { readonly serial: string; readonly reason: string; readonly atMs: number },
  ): Promise<WriteOutcome>;
  /** All revocations, oldest first; the greatest `crlNumber` is the number of the list in force, 0 where nothing was ever revoked. */
  revocations(tx: StoreTransaction): Promise<{ readonly crlNumber: number; readonly revoked: readonly Revocation[] }>;
}

export const sqlMemberStore: MemberStore = {
  async enrol(tx, member, certificate) {
    const inForce = { certificateSerial: certificate.serial, certificateFingerprint: certificate.fingerprint, status: "active" };
    const row = { ...member, sealKey: member.sealKey ?? null, stewardKey: member.stewardKey ?? null, ...inForce };
    const enrolled = await insertOnce(tx, { table: "member", row, key: ["siteId"], mayDiffer: ["enrolledAtMs"] });
    return enrolled.kind === "conflict" ? enrolled : insertCertificate(tx, certificate);
  },

  async find(tx, siteId) {
    const row = await tx.selectFrom("member").selectAll().where("siteId", "=", siteId).executeTakeFirst();
    return row === undefined ? undefined : memberOf(row);
  },

  async findByFingerprint(tx, fingerprint) {
    const certificate = await tx.selectFrom("certificate").selectAll().where("fingerprint", "=", fingerprint).executeTakeFirst();
    if (certificate === undefined) return undefined;
    const row = await tx.selectFrom("member").selectAll().where("siteId", "=", certificate.siteId).executeTakeFirstOrThrow();
    return { member: memberOf(row), certificate: certificateOf(certificate) };
  },

  async list(tx) {
    const rows = await tx.selectFrom("member").selectAll().orderBy("siteId").limit(listRowsMax).execute();
    return rows.map(memberOf);
  },

  async renew(tx, { replaces, certificate }) {
    const written = await tx
      .updateTable("member")
      .set((eb) => ({
        certificateSerial: certificate.serial,
        certificateFingerprint: certificate.fingerprint,
        version: eb("version", "+", 1),
      }))
      .where("siteId", "=", certificate.siteId)
      .where("certificateSerial", "=", replaces)
      .where("status", "=", "active")
      .executeTakeFirst();
    if (written.numUpdatedRows === 1n) return insertCertificate(tx, certificate);
    const found = await tx.selectFrom("certificate").select("fingerprint").where("serial", "=", certificate.serial).executeTakeFirst();
    return found?.fingerprint === certificate.fingerprint ? { kind: "repeated" } : { kind: "conflict", columns: ["certificateSerial"] };
  },

  async certificatesOf(tx, siteId) {
    const rows = await tx
      .selectFrom("certificate")
      .selectAll()
      .where("siteId", "=", siteId)
      .orderBy("issuedAtMs")
      .limit(listRowsMax)
      .execute();
    return rows.map(certificateOf);
  },

  async revokeMember(tx, { siteId, reason, atMs }) {
    const written = await tx
      .updateTable("member")
      .set((eb) => ({ status: "revoked", version: eb("version", "+", 1) }))
      .where("siteId", "=", siteId)
      .where("status", "=", "active")
      .executeTakeFirst();
    if (written.numUpdatedRows === 0n) {
      const found = await tx.selectFrom("member").select("status").where("siteId", "=", siteId).executeTakeFirst();
      return found === undefined ? { kind: "conflict", columns: ["siteId"] } : { kind: "repeated" };
    }
    const certificates = await tx.selectFrom("certificate").select("serial").where("siteId", "=", siteId).orderBy("serial").execute();
    await insertRevocations(
      tx,
      certificates.map((row) => row.serial),
      { reason, atMs },
    );
    return { kind: "stored" };
  },

  async revokeCertificate(tx, { serial, reason, atMs }) {
    const known = await tx.selectFrom("certificate").select("serial").where("serial", "=", serial).executeTakeFirst();
    if (known === undefined) return { kind: "conflict", columns: ["serial"] };
    return (await insertRevocations(tx, [serial], { reason, atMs })) === 0 ? { kind: "repeated" } : { kind: "stored" };
  },

  async revocations(tx) {
    const rows = await tx.selectFrom("certificateRevocation").selectAll().orderBy("crlNumber").orderBy("serial").execute();
    const revoked = rows.map((row) => ({ ...row, revokedAtMs: wholeNumber(row.revokedAtMs) }));
    return { crlNumber: revoked.at(-1)?.crlNumber ?? 0, revoked };
  },
};

const insertCertificate = (tx: StoreTransaction, certificate: Certificate): Promise<WriteOutcome> =>
  insertOnce(tx, { table: "certificate", row: { ...certificate }, key: ["serial"] });

/** All new ones get the same next list number. Returns how many were new. */
async function insertRevocations(
  tx: StoreTransaction,
  serials: readonly string[],
  why: { readonly reason: string; readonly atMs: number },
): Promise<number> {
  const last = await tx
    .selectFrom("certificateRevocation")
    .select((eb) => eb.fn.max("crlNumber").as("number"))
    .executeTakeFirst();
  const crlNumber = (last?.number ?? 0) + 1;
  const rows = serials.map((serial) => ({ serial, crlNumber, reason: why.reason, revokedAtMs: why.atMs }));
  if (rows.length === 0) return 0;
  const written = await tx
    .insertInto("certificateRevocation")
    .values(rows)
    .onConflict((conflict) => conflict.column("serial").doNothing())
    .executeTakeFirst();
  return Number(written.numInsertedOrUpdatedRows ?? 0n);
}

function memberOf(row: Selectable<CoordinatorTables["member"]>): Member {
  const { sealKey, stewardKey, version: _, ...rest } = row;
  return {
    ...rest,
    role: oneOf(row.role, memberRoles),
    status: oneOf<MemberStatus>(row.status, ["active", "revoked"]),
    certificateFingerprint: parseSha256(row.certificateFingerprint),
    enrolledAtMs: wholeNumber(row.enrolledAtMs),
    ...(sealKey === null ? {} : { sealKey }),
    ...(stewardKey === null ? {} : { stewardKey }),
  };
}

const certificateOf = (row: Selectable<CoordinatorTables["certificate"]>): Certificate => ({
  ...row,
  fingerprint: parseSha256(row.fingerprint),
  issuedAtMs: wholeNumber(row.issuedAtMs),
  expiresAtMs: wholeNumber(row.expiresAtMs),
});
