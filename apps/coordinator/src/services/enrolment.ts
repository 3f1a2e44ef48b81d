/** Joining the alliance, staying in it, and the list of those who left. */

import { Code, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import {
  checkRoster,
  type EnrolmentRequest,
  type IssuedCertificate,
  issueCertificate,
  type MemberRole,
  makeRoster,
  type PendingEnrolment,
  parseEnrolmentRequest,
  type RenewalRequest,
  type RosterMember,
  readCertificate,
  verifyEnrolmentRequest,
  verifyRenewal,
} from "@dure/identity";
import { fromHex, hashJson, type JsonValue, type Problem, toBase64 } from "@dure/kernel";
import type { alliance as wire } from "@dure/wire";
import { anyOrganisation } from "../admin/commands.ts";
import type { Coordination } from "../coordination.ts";
import { enrolmentsMax, enrolmentsPerAddressMax, enrolmentWindowMs } from "../limits.ts";
import { callerKey } from "../server/callers.ts";
import { peerOf } from "../server/guard.ts";
import { RateLimit } from "../server/rate-limit.ts";
import { refuse, refused } from "../server/refusals.ts";
import type { Certificate, EnrolmentToken, Member, NewMember, StoreTransaction } from "../store/index.ts";
import { readDocument } from "./documents.ts";

export function enrolmentService(c: Coordination): ServiceImpl<typeof wire.EnrolmentService> {
  const limit = new RateLimit({ windowMs: enrolmentWindowMs, perAddressMax: enrolmentsPerAddressMax, totalMax: enrolmentsMax });
  return {
    enrol: async ({ requestJson }, context) => {
      if (!limit.allows(context.values.get(callerKey).address, c.clock.nowMs()))
        throw refuse(Code.ResourceExhausted, "too-many-enrolments");
      const request = readDocument("request_json", requestJson, parseEnrolmentRequest);
      const { chain } = await enrol(c, request);
      c.log.info({ code: "coordinator/enrolled", member: request.terms.id, role: request.terms.role });
      return {
        certificateChainPem: chain,
        rootPem: c.root,
        alliance: c.alliance,
        coordinatorIdentityKey: c.identity.publicKey,
        revocationListPem: await c.revocations.current(),
      };
    },
    renewCertificate: async ({ requestJson }, context) => ({ certificateChainPem: (await renew(c, requestJson, context)).chain }),
    getRevocationList: async () => ({ revocationListPem: await c.revocations.current() }),
  };
}

/**
 * The token is used up by whoever first shows it with his own keys. The same keys may come again, because an answer can be lost: they get
 * another certificate, which takes the first one's place.
 */
async function enrol(c: Coordination, request: EnrolmentRequest): Promise<IssuedCertificate> {
  const { store, clock, alliance, random } = c;
  const { terms } = request;
  const nowMs = clock.nowMs();
  const token = await findToken(c, request, nowMs);
  const organisation = token.organisation === anyOrganisation(token.siteId) ? terms.organisation.trim() : token.organisation;
  if (!isSameName(organisation, terms.organisation))
    throw refuse(Code.InvalidArgument, "enrolment-other-organisation", { site: token.siteId });
  const role = memberRole(token);
  const issuance = { role, id: token.siteId, alliance, identityKey: terms.identityKey, nowMs, random };
  const issued = await issueCertificate(c.issuing, terms.csr, issuance);
  const certificate = certificateRow(issued, token.siteId, nowMs);
  await store.transaction("enrol member", async (tx) => {
    const redeemed = await store.repositories.enrolmentTokens.redeem(tx, {
      secretSha256: token.secretSha256,
      requestSha256: keysHash(request),
      nowMs,
    });
    if (redeemed.kind === "refused") throw refuse(Code.PermissionDenied, "token-used", { site: token.siteId });
    if (redeemed.isRepeated) return replaceCertificate(c, tx, certificate);
    return admit(c, tx, { member: { ...memberRow(request, nowMs), role, organisation }, certificate });
  });
  return issued;
}

/** A request names its token by id alone; which one it is, its proof shows. Without it a caller learns nothing about tokens. */
async function findToken({ store, alliance }: Coordination, request: EnrolmentRequest, nowMs: number): Promise<EnrolmentToken> {
  const tokens = await store.transaction("list tokens", (tx) => store.repositories.enrolmentTokens.list(tx));
  let refusal: readonly Problem[] | undefined;
  for (const token of tokens.filter(({ siteId }) => siteId === request.terms.id)) {
    const pending: PendingEnrolment = {
      tokenId: request.terms.tokenId, // the proof covers it
      alliance,
      role: token.role,
      id: token.siteId,
      proofKey: toBase64(fromHex(token.secretSha256)),
      expiresAtMs: token.expiresAtMs,
    };
    // A lost answer may be asked for again after the token's end, by the keys that used it in time.
    const problems = await verifyEnrolmentRequest(request, pending, token.usedAtMs ?? nowMs);
    if (problems.length === 0) return token;
    if (problems[0]?.code !== NOT_ASKED) refusal = problems;
  }
  if (refusal !== undefined) throw refused(Code.InvalidArgument, refusal);
  const unknown: PendingEnrolment = { tokenId: "", alliance, role: "site", id: "", proofKey: toBase64(new Uint8Array(32)), expiresAtMs: 0 };
  throw refused(Code.PermissionDenied, await verifyEnrolmentRequest(request, unknown, nowMs));
}

const NOT_ASKED = "identity/enrolment-not-asked";

/** Neither an id nor a key nor an organisation twice: two members that are one would outnumber the honest ones. */
async function admit(
  { store }: Coordination,
  tx: StoreTransaction,
  { member, certificate }: { readonly member: NewMember; readonly certificate: Certificate },
): Promise<void> {
  const { members } = store.repositories;
  const known = await members.list(tx);
  if (known.some(({ siteId }) => siteId === member.siteId)) throw refuse(Code.AlreadyExists, "member-exists", { site: member.siteId });
  const problems = twins(member, known);
  if (problems.length > 0) throw refused(Code.AlreadyExists, problems);
  const outcome = await members.enrol(tx, member, certificate);
  if (outcome.kind === "conflict") throw refuse(Code.AlreadyExists, "member-exists", { site: member.siteId });
}

/** What every roster refuses must not become a member: revoked ones count, their keys are never used again. */
function twins(member: NewMember, known: readonly Member[]): readonly Problem[] {
  const hospitals = known.filter(({ role }) => role === "site").map(asRosterMember);
  if (member.role === "site") return checkRoster(makeRoster([...hospitals, asRosterMember(member)]));
  const problems = checkRoster(makeRoster([...hospitals, asRosterMember(member)]));
  // A researcher may belong to a member hospital, and has no steward; the keys are nobody else's.
  return problems.filter(({ code }) => /duplicate-(identity|seal)-key$|weak-(identity|seal)-key$|bad-site-id$/.test(code));
}

export const asRosterMember = ({ siteId, organisation, identityKey, sealKey, stewardKey }: NewMember): RosterMember => ({
  siteId,
  organisation,
  role: "training",
  identityKey,
  sealKey: sealKey ?? "",
  stewardKey: stewardKey ?? "",
});

async function replaceCertificate({ store }: Coordination, tx: StoreTransaction, certificate: Certificate): Promise<void> {
  const member = await store.repositories.members.find(tx, certificate.siteId);
  if (member?.status !== "active") throw refuse(Code.PermissionDenied, "member-not-active", { site: certificate.siteId });
  await store.repositories.members.renew(tx, { replaces: member.certificateSerial, certificate });
}

async function renew(c: Coordination, requestJson: string, context: HandlerContext): Promise<IssuedCertificate> {
  const { store, clock, random, alliance, root, issuing } = c;
  const peer = peerOf(context);
  const request = readDocument("request_json", requestJson, parseRenewal);
  const nowMs = clock.nowMs();
  const roles: readonly MemberRole[] = [peer.role];
  const trust = { root, issuing: issuing.certificate, crl: await c.revocations.current(), roles, alliance, nowMs };
  const verdict = await verifyRenewal(request, trust);
  if (verdict.kind === "refused") throw refused(Code.PermissionDenied, verdict.problem);
  if (verdict.peer.id !== peer.id) throw refuse(Code.PermissionDenied, "renewal-not-own");
  const member = await store.transaction("find member", (tx) => store.repositories.members.find(tx, peer.id));
  if (member?.status !== "active") throw refuse(Code.PermissionDenied, "member-not-active", { site: peer.id });
  const issuance = { role: peer.role, id: peer.id, alliance, identityKey: member.identityKey, nowMs, random };
  const issued = await issueCertificate(issuing, request.csr, issuance);
  const certificate = certificateRow(issued, peer.id, nowMs);
  await store.transaction("renew certificate", (tx) => replaceCertificate(c, tx, certificate));
  c.log.info({ code: "coordinator/certificate-renewed", member: peer.id });
  return issued;
}

function parseRenewal(value: JsonValue): RenewalRequest | undefined {
  if (typeof value !== "object" || value === null || !("csr" in value) || !("chain" in value) || !("signature" in value)) return undefined;
  const { csr, chain, signature } = value;
  return typeof csr === "string" && typeof chain === "string" && typeof signature === "string" ? { csr, chain, signature } : undefined;
}

/** Who used a token: the keys, not the bytes of the request, whose CSR is signed anew each time. */
const keysHash = ({ terms }: EnrolmentRequest) =>
  hashJson({ id: terms.id, role: terms.role, identityKey: terms.identityKey, sealKey: terms.sealKey, stewardKey: terms.stewardKey });

function memberRow({ terms }: EnrolmentRequest, nowMs: number): Omit<NewMember, "role" | "organisation"> {
  return {
    siteId: terms.id,
    identityKey: terms.identityKey,
    sealKey: terms.sealKey,
    ...(terms.stewardKey === "" ? {} : { stewardKey: terms.stewardKey }),
    enrolledAtMs: nowMs,
  };
}

function certificateRow(issued: IssuedCertificate, siteId: string, nowMs: number): Certificate {
  const read = readCertificate(issued.certificate);
  if (read === undefined) throw new Error("broken invariant: a certificate just issued names its holder");
  const { certificate: pem, serialNumber: serial, notAfterMs: expiresAtMs } = issued;
  return { serial, siteId, fingerprint: read.fingerprint, pem, issuedAtMs: nowMs, expiresAtMs };
}

/** Nobody is invited to be the coordinator. */
function memberRole({ role }: EnrolmentToken): "site" | "researcher" {
  if (role === "coordinator") throw new Error("broken invariant: no token invites a coordinator");
  return role;
}

const isSameName = (a: string, b: string): boolean => comparable(a) === comparable(b);
const comparable = (name: string): string => name.normalize("NFKC").toLowerCase().replaceAll(/\s+/g, "");
