/**
 * Heads of the hospitals' ledgers, handed to the others for witnessing. The coordinator checks who signed, keeps the first of two that
 * contradict each other, and can neither make nor change one.
 *
 * What is posted and listed is canonical JSON, one of
 *   { kind: "checkpoint", site, size, root, note, proofs }             by the hospital whose ledger it is: a signed note, and proofs that
 *                                                                      the ledger begins with what witnesses may have seen last
 *   { kind: "cosignature", site, size, root, witness, line }           by a witness: its signature line under another's note
 */

import { Code } from "@connectrpc/connect";
import { addSignatureLines, cosignedAtMs, isSignedByLog, ledgerOrigin, type Peer, parseNote } from "@dure/identity";
import { canonicalJson, type JsonValue } from "@dure/kernel";
import type { Coordination } from "../coordination.ts";
import { checkpointsMax } from "../limits.ts";
import { refuse } from "../server/refusals.ts";
import type { LedgerCheckpoint, LedgerCosignature, Member } from "../store/index.ts";
import { readDocument } from "./documents.ts";
import { refuseAndRecord } from "./participants.ts";

type Fields = { readonly [key: string]: JsonValue | undefined };

export async function postCheckpoint(c: Coordination, json: string, peer: Peer): Promise<void> {
  const document = readDocument("checkpoint_json", json, asFields);
  const member = await findMember(c, peer.id);
  if (document["kind"] === "cosignature") return cosign(c, document, member);
  if (document["kind"] !== "checkpoint") throw malformed();
  return publish(c, document, { peer, member });
}

async function publish(
  c: Coordination,
  document: Fields,
  { peer, member }: { readonly peer: Peer; readonly member: Member },
): Promise<void> {
  const { site, size, root, note: noteText } = document;
  const note = typeof noteText === "string" ? parseNote(noteText) : undefined;
  if (note === undefined || site !== peer.id || note.checkpoint.size !== size || note.checkpoint.root !== root) throw malformed();
  const isOwn = note.checkpoint.origin === ledgerOrigin(c.alliance, peer.id) && isSignedByLog(note, member.identityKey);
  if (!isOwn) throw malformed();
  const { size: treeSize, root: rootHash } = note.checkpoint;
  const { ledgerCheckpoints } = c.store.repositories;
  const isFork = await c.store.transaction("put checkpoint", async (tx) => {
    const known = (await ledgerCheckpoints.list(tx, peer.id)).find((checkpoint) => checkpoint.treeSize === treeSize);
    if (known !== undefined) return known.root !== rootHash;
    await ledgerCheckpoints.put(tx, { siteId: peer.id, treeSize, root: rootHash, signed: document, receivedAtMs: c.clock.nowMs() });
    return false;
  });
  if (isFork) throw await refuseAndRecord(c, { peer, askedFor: "checkpoint", subject: String(treeSize), flaw: "ledger-fork" });
}

async function cosign(c: Coordination, { site, size, line }: Fields, witness: Member): Promise<void> {
  if (typeof site !== "string" || typeof line !== "string") throw malformed();
  const { ledgerCheckpoints } = c.store.repositories;
  await c.store.transaction("put cosignature", async (tx) => {
    const checkpoint = (await ledgerCheckpoints.list(tx, site)).find(({ treeSize }) => treeSize === size);
    if (checkpoint === undefined || site === witness.siteId) throw refuse(Code.NotFound, "unknown-checkpoint");
    const note = parseNote(addSignatureLines(noteOf(checkpoint), [line]));
    const key = { name: witness.siteId, publicKey: witness.identityKey };
    if (note === undefined || cosignedAtMs(note, key) === undefined) throw malformed();
    const { treeSize } = checkpoint;
    const receivedAtMs = c.clock.nowMs();
    await ledgerCheckpoints.cosign(tx, { siteId: site, treeSize, cosignerId: witness.siteId, signature: line, receivedAtMs });
  });
}

/** Both kinds of document about one hospital's ledger, by size, or about the newest checkpoint of every other one where none is named. */
export async function listCheckpoints(c: Coordination, site: string, peer: Peer): Promise<readonly string[]> {
  const { ledgerCheckpoints } = c.store.repositories;
  return c.store.transaction("list checkpoints", async (tx) => {
    const found =
      site === ""
        ? (await ledgerCheckpoints.latest(tx)).filter(({ siteId }) => siteId !== peer.id)
        : (await ledgerCheckpoints.list(tx, site)).slice(-checkpointsMax);
    const cosignatures: LedgerCosignature[] = [];
    for (const siteId of new Set(found.map((checkpoint) => checkpoint.siteId)))
      cosignatures.push(...(await ledgerCheckpoints.cosignatures(tx, siteId)));
    return found.flatMap((checkpoint) => documentsOf(checkpoint, cosignatures));
  });
}

function documentsOf(checkpoint: LedgerCheckpoint, cosignatures: readonly LedgerCosignature[]): readonly string[] {
  const { siteId: site, treeSize: size, root, signed } = checkpoint;
  const own = cosignatures.filter((cosignature) => cosignature.siteId === site && cosignature.treeSize === size);
  const lines = own.map(({ cosignerId: witness, signature: line }) =>
    canonicalJson({ kind: "cosignature", site, size, root, witness, line }),
  );
  return [canonicalJson(signed), ...lines];
}

async function findMember({ store }: Coordination, id: string): Promise<Member> {
  const member = await store.transaction("find member", (tx) => store.repositories.members.find(tx, id));
  if (member?.status !== "active") throw refuse(Code.PermissionDenied, "member-not-active", { site: id });
  return member;
}

function noteOf({ signed }: LedgerCheckpoint): string {
  const note = asFields(signed)?.["note"];
  return typeof note === "string" ? note : "";
}

const malformed = () => refuse(Code.InvalidArgument, "malformed", { path: "checkpoint_json" });

const asFields = (value: JsonValue): Fields | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined; // an object that is neither null nor a list
