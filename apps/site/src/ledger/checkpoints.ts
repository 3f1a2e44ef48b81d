/**
 * The hospital publishes signed checkpoints of its ledger, and witnesses the other hospitals' ones.
 *
 * Publishing: a new checkpoint is stored before it is posted, so that for one size there is one document. It carries proofs that the
 * ledger begins with the last published checkpoint and with every one that a witness has cosigned, so that each witness can follow
 * from where it stood.
 *
 * Witnessing: what was seen last of each ledger is stored, with the cosignature, before the cosignature leaves. A ledger that was
 * rewritten, cut or forked finds a witness that remembers; that is written down here and not cosigned. Whose key signs which ledger,
 * this site knows from rosters of studies that its own steward approved, after comparing fingerprints.
 */

import {
  addSignatureLines,
  type CosignRefusal,
  consistencyProof,
  cosignCheckpoint,
  ledgerOrigin,
  ledgerRoot,
  resumeLedger,
  type SigningPrivateKey,
  signCheckpoint,
  type WitnessState,
} from "@dure/identity";
import { type Clock, fromHex, type Sha256 } from "@dure/kernel";
import type { Connection } from "../alliance/connection.ts";
import { type LedgerWriter, storedEntry } from "../run/ledger-writer.ts";
import { knownStudyOf } from "../steward/known-study.ts";
import { refusalCode } from "../steward/refusal-code.ts";
import type { SiteStore } from "../store/site-store.ts";
import {
  type CheckpointDocument,
  type ConsistencyProof,
  type CosignatureDocument,
  checkpointOf,
  type LedgerDocument,
  PROOF_COUNT_MAX,
  readLedgerDocument,
  writeLedgerDocument,
} from "./checkpoint-documents.ts";

export interface PublishOptions {
  readonly connection: Pick<Connection, "sites">;
  readonly store: SiteStore;
  readonly ledger: LedgerWriter;
  readonly identity: SigningPrivateKey;
}

export type Published =
  | { readonly kind: "published"; readonly size: number }
  | { readonly kind: "unchanged" }
  /** The coordinator understood and did not take it; the next one covers its entries too. */
  | { readonly kind: "refused"; readonly size: number; readonly code: string };

/** Fails: ConnectError where the line is down; the stored checkpoint is posted at the next call. */
export async function publishCheckpoint(options: PublishOptions): Promise<Published> {
  const { connection, store, ledger } = options;
  const { origin, size } = ledger.head();
  const site = siteOfOrigin(origin);
  const last = lastDocument(store, site);
  if (last !== undefined && store.findSetting(POSTED) !== last.size) return publish(options, last);
  if (size === 0 || last?.size === size) return { kind: "unchanged" };
  const cosignedSizes = rememberWitnesses(store, await listDocuments(connection, site));
  const earlierSizes = [...(last === undefined ? [] : [last.size]), ...cosignedSizes];
  const document = store.transaction(() => {
    const made = makeCheckpoint(store, { origin, site, identity: options.identity, earlierSizes });
    store.putCheckpoint(site, made.size, writeLedgerDocument(made));
    return made;
  });
  return publish(options, document);
}

export interface WitnessOptions {
  readonly connection: Pick<Connection, "sites">;
  readonly store: SiteStore;
  readonly siteId: string;
  readonly alliance: string;
  readonly identity: SigningPrivateKey;
  readonly clock: Clock;
}

export type Witnessed =
  | { readonly site: string; readonly kind: "cosigned"; readonly size: number }
  | { readonly site: string; readonly kind: "unchanged" }
  /** `unknown-proof`: no proof from where this witness stood. The others are evidence against that ledger. */
  | { readonly site: string; readonly kind: "refused"; readonly code: CosignRefusal | "unknown-proof"; readonly size: number };

/** Looks at the newest checkpoint of each hospital with which a study is approved. Fails: ConnectError where the line is down. */
export async function witnessOthers(options: WitnessOptions): Promise<readonly Witnessed[]> {
  const answers: Witnessed[] = [];
  for (const [site, keys] of knownLogKeys(options.store)) {
    if (site !== options.siteId) answers.push(await witness(options, site, keys));
  }
  return answers;
}

/** Identity keys by site, newest approved study first: a hospital that enrolled again has more than one. */
export function knownLogKeys(store: SiteStore): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  const approved = store.listStudies().filter(({ hash }) => store.findDecision(hash)?.kind === "approved");
  for (const record of [...approved].reverse()) {
    for (const { siteId, identityKey } of knownStudyOf(record).invitedRoster.members) {
      const known = keys.get(siteId) ?? [];
      if (!known.includes(identityKey)) keys.set(siteId, [...known, identityKey]);
    }
  }
  return keys;
}

/** Setting: size of the last own checkpoint that was handed over. */
const POSTED = "ledger-checkpoint-posted";
/** Setting: by witness, the size that it cosigned last. */
const WITNESSED = "ledger-witnessed-sizes";

/** `dure/<alliance>/<site>/ledger`; neither name holds a slash. */
const siteOfOrigin = (origin: string): string => origin.split("/")[2] ?? "";

function lastDocument(store: SiteStore, site: string): LedgerDocument | undefined {
  const json = store.lastCheckpoint(site);
  return json === undefined ? undefined : readLedgerDocument(json);
}

async function publish({ connection, store }: PublishOptions, document: LedgerDocument): Promise<Published> {
  const refusedCode = await post(connection, document);
  store.putSetting(POSTED, document.size);
  return refusedCode === undefined
    ? { kind: "published", size: document.size }
    : { kind: "refused", size: document.size, code: refusedCode };
}

/** Undefined where it was taken. Fails: ConnectError where the line is down. */
async function post(connection: Pick<Connection, "sites">, document: LedgerDocument): Promise<string | undefined> {
  try {
    await connection.sites.postCheckpoint({ checkpointJson: writeLedgerDocument(document) });
    return undefined;
  } catch (error) {
    const code = refusalCode(error);
    if (code === undefined) throw error;
    return code;
  }
}

/**
 * The size that each witness cosigned last, kept here: the coordinator lists the newest checkpoints only, and a witness that was away
 * for long needs a proof from where it stood.
 */
function rememberWitnesses(store: SiteStore, documents: readonly LedgerDocument[]): readonly number[] {
  const known = store.findSetting(WITNESSED);
  const sizes = new Map(typeof known === "object" && known !== null ? Object.entries(known) : []);
  for (const document of documents) {
    if (document.kind !== "cosignature") continue;
    const before = sizes.get(document.witness);
    sizes.set(document.witness, Math.max(document.size, typeof before === "number" ? before : 0));
  }
  store.putSetting(WITNESSED, Object.fromEntries(sizes));
  return [...sizes.values()].filter((size) => typeof size === "number");
}

async function listDocuments(connection: Pick<Connection, "sites">, site: string): Promise<readonly LedgerDocument[]> {
  const { checkpointJson } = await connection.sites.listCheckpoints({ site });
  return checkpointJson.map(readLedgerDocument).filter((document) => document !== undefined && document.site === site) as LedgerDocument[]; // undefined was filtered out just now
}

interface NewCheckpoint {
  readonly origin: string;
  readonly site: string;
  readonly identity: SigningPrivateKey;
  readonly earlierSizes: readonly number[];
}

/** O(n) over the ledger: whatever another process appended is in it. */
function makeCheckpoint(store: SiteStore, { origin, site, identity, earlierSizes }: NewCheckpoint): CheckpointDocument {
  const hashes: Sha256[] = [];
  for (const entry of store.ledger()) hashes.push(storedEntry(entry).hash);
  const head = resumeLedger(origin, hashes);
  const checkpoint = { origin, size: head.size, root: ledgerRoot(head) };
  const leaves = hashes.map(fromHex);
  const sizes = [...new Set(earlierSizes)].filter((from) => from > 0 && from < head.size).sort((a, b) => b - a);
  const proofs = sizes.slice(0, PROOF_COUNT_MAX).map((from): ConsistencyProof => ({ from, hashes: consistencyProof(leaves, from) }));
  return { kind: "checkpoint", site, size: head.size, root: checkpoint.root, note: signCheckpoint(checkpoint, identity), proofs };
}

async function witness(options: WitnessOptions, site: string, keys: readonly string[]): Promise<Witnessed> {
  const { connection, store, alliance } = options;
  const documents = await listDocuments(connection, site);
  const origin = ledgerOrigin(alliance, site);
  const last = lastDocument(store, site);
  const seen = last?.kind === "cosignature" ? last : undefined;
  if (seen !== undefined && isCosignatureMissing(documents, seen)) await post(connection, seen);
  const newest = documents.filter((one) => one.kind === "checkpoint").sort((a, b) => b.size - a.size)[0];
  if (newest === undefined || (newest.size === seen?.size && newest.root === seen.root)) return { site, kind: "unchanged" };
  const answer = cosign(options, { origin, keys, newest, seen });
  if (answer.kind === "refused") return { site, kind: "refused", code: answer.code, size: newest.size };
  await post(connection, answer.document);
  return { site, kind: "cosigned", size: newest.size };
}

/** The line broke after it was stored: the same line is sent again. */
const isCosignatureMissing = (documents: readonly LedgerDocument[], { size, witness: name }: CosignatureDocument): boolean =>
  documents.some((one) => one.kind === "checkpoint" && one.size === size) &&
  !documents.some((one) => one.kind === "cosignature" && one.size === size && one.witness === name);

interface Sighting {
  readonly origin: string;
  readonly keys: readonly string[];
  readonly newest: CheckpointDocument;
  readonly seen: CosignatureDocument | undefined;
}

type Cosigning =
  | { readonly kind: "cosigned"; readonly document: CosignatureDocument }
  | { readonly kind: "refused"; readonly code: CosignRefusal | "unknown-proof" };

/** The new state is on the disk before the cosignature leaves. */
function cosign({ store, siteId, identity, clock }: WitnessOptions, { origin, keys, newest, seen }: Sighting): Cosigning {
  const state: WitnessState = seen === undefined ? undefined : checkpointOf(origin, seen);
  const proof = seen === undefined ? [] : newest.proofs.find(({ from }) => from === seen.size)?.hashes;
  if (proof === undefined && newest.size > (seen?.size ?? 0)) return { kind: "refused", code: "unknown-proof" };
  const answers = keys.map((logKey) =>
    cosignCheckpoint(state, {
      note: newest.note,
      proof: proof ?? [],
      origin,
      logKey,
      witness: { name: siteId, privateKey: identity },
      nowMs: clock.nowMs(),
    }),
  );
  const answer = answers.find(({ kind }) => kind === "cosigned") ?? answers[0];
  if (answer === undefined || answer.kind === "refused") return { kind: "refused", code: answer?.code ?? "bad-signature" };
  const { size, root } = answer.state;
  const document: CosignatureDocument = { kind: "cosignature", site: newest.site, size, root, witness: siteId, line: answer.line };
  store.putCheckpoint(newest.site, size, writeLedgerDocument(document));
  return { kind: "cosigned", document };
}

/** The own checkpoints' notes with every cosignature that the coordinator passed on, as the verifier takes them. Fails: ConnectError. */
export async function fetchCosignedNotes(connection: Pick<Connection, "sites">, site: string): Promise<readonly string[]> {
  const documents = await listDocuments(connection, site);
  return documents.flatMap((document) => {
    if (document.kind !== "checkpoint") return [];
    const lines = documents.flatMap((one) => (one.kind === "cosignature" && one.size === document.size ? [one.line] : []));
    return [addSignatureLines(document.note, lines)];
  });
}
