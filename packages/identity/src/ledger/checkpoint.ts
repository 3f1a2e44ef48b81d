/**
 * Checkpoints: the size and root of a ledger, signed by its hospital and cosigned by the others.
 *
 * The form is the public one, so that any transparency-log tool reads it: a signed note whose text is origin, size and root, with an
 * Ed25519 signature of the log and timestamped cosignatures of witnesses.
 *
 * Source: C2SP signed-note, tlog-checkpoint and tlog-cosignature (cosignature/v1), https://c2sp.org.
 */

import { bytesEqual, concatBytes, fromBase64, fromHex, type Sha256, sha256Bytes, toBase64, toHex, utf8 } from "@dure/kernel";
import { type SigningPrivateKey, signingKeyPair, signMessage, verifySignature } from "../keys/signing.ts";
import { isSha256 } from "../signed-terms.ts";

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Sha256;
}

/** A key by the name under which it signs notes: the ledger's origin, or a witness's site id. */
export interface NoteKey {
  readonly name: string;
  /** Raw Ed25519 public key, base64url. */
  readonly publicKey: string;
}

export interface NoteSigner {
  readonly name: string;
  readonly privateKey: SigningPrivateKey;
}

export interface Note {
  readonly checkpoint: Checkpoint;
  /** What is signed: three lines, each with its line feed. */
  readonly body: string;
  readonly signatures: readonly { readonly name: string; readonly keyId: Uint8Array; readonly signature: Uint8Array }[];
}

/** Kinds of signature in a note. */
export const ED25519 = 1;
const COSIGNATURE_V1 = 4;
const NOTE_CHARACTERS_MAX = 64 * 1024;
const KEY_ID_BYTES = 4;
const TIMESTAMP_BYTES = 8;

/** The note, signed by the ledger's own key under the ledger's origin as the key's name. */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: SigningPrivateKey): string {
  const body = checkpointBody(checkpoint);
  const key = { name: checkpoint.origin, publicKey: signingKeyPair(privateKey).publicKey };
  return `${body}\n${signatureLine(key.name, noteKeyId(key, ED25519), signMessage(privateKey, utf8(body)))}`;
}

/** The line with which a witness says that it saw this checkpoint at that time, and none before that contradicts it. */
export function cosignatureLine(note: Note, signer: NoteSigner, nowMs: number): string {
  const key = { name: signer.name, publicKey: signingKeyPair(signer.privateKey).publicKey };
  const seconds = Math.floor(nowMs / 1000);
  const timestamp = new Uint8Array(TIMESTAMP_BYTES);
  new DataView(timestamp.buffer).setBigUint64(0, BigInt(seconds));
  const signature = signMessage(signer.privateKey, cosignedMessage(note.body, seconds));
  return signatureLine(key.name, noteKeyId(key, COSIGNATURE_V1), concatBytes(timestamp, signature));
}

/** A note with further signature lines; a line that it has already is not added again. */
export function addSignatureLines(note: string, lines: readonly string[]): string {
  return note + lines.filter((line) => !note.includes(line)).join("");
}

/** Undefined where the text is no checkpoint. Checks no signature. */
export function parseNote(text: string): Note | undefined {
  const end = text.indexOf("\n\n");
  if (text.length > NOTE_CHARACTERS_MAX || end < 0 || !text.endsWith("\n")) return undefined;
  const body = text.slice(0, end + 1);
  const [origin, size, root, ...more] = body.split("\n");
  const hash = toHex(Buffer.from(root ?? "", "base64"));
  if (origin === undefined || !/^(?:0|[1-9][0-9]{0,15})$/.test(size ?? "") || !isSha256(hash)) return undefined;
  const checkpoint = { origin, size: Number(size), root: hash };
  // Only the canonical text is a checkpoint: three lines, one base64 form of the root.
  if (more.join("\n") !== "" || !Number.isSafeInteger(checkpoint.size) || checkpointBody(checkpoint) !== body) return undefined;
  const signatures = text
    .slice(end + 2, -1)
    .split("\n")
    .map(parseSignatureLine);
  return signatures.every((signature) => signature !== undefined) ? { checkpoint, body, signatures } : undefined;
}

/** Whether the ledger's own key signed the note under the ledger's origin. */
export function isSignedByLog(note: Note, publicKey: string): boolean {
  const key = { name: note.checkpoint.origin, publicKey };
  return signaturesOf(note, key, ED25519).some((signature) => verifySignature({ publicKey, message: utf8(note.body), signature }));
}

/** When this witness cosigned the note; undefined where it did not. */
export function cosignedAtMs(note: Note, witness: NoteKey): number | undefined {
  for (const bytes of signaturesOf(note, witness, COSIGNATURE_V1)) {
    if (bytes.byteLength <= TIMESTAMP_BYTES) continue;
    const seconds = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
    const message = cosignedMessage(note.body, seconds);
    if (verifySignature({ publicKey: witness.publicKey, message, signature: bytes.subarray(TIMESTAMP_BYTES) })) return seconds * 1000;
  }
  return undefined;
}

const checkpointBody = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${Buffer.from(fromHex(root)).toString("base64")}\n`;

const cosignedMessage = (body: string, seconds: number): Uint8Array => utf8(`cosignature/v1\ntime ${seconds}\n${body}`);

function signatureLine(name: string, id: Uint8Array, signature: Uint8Array): string {
  return `— ${name} ${Buffer.from(concatBytes(id, signature)).toString("base64")}\n`;
}

function parseSignatureLine(line: string): Note["signatures"][number] | undefined {
  const [, name, encoded] = /^— ([^\s+]{1,255}) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
  if (name === undefined || encoded === undefined) return undefined;
  const bytes = new Uint8Array(Buffer.from(encoded, "base64"));
  if (bytes.byteLength <= KEY_ID_BYTES) return undefined;
  return { name, keyId: bytes.slice(0, KEY_ID_BYTES), signature: bytes.slice(KEY_ID_BYTES) };
}

/** The first four bytes of SHA-256 of the name, a line feed, the kind of signature and the key. */
export function noteKeyId({ name, publicKey }: NoteKey, kind: number): Uint8Array {
  return sha256Bytes(utf8(`${name}\n`), Uint8Array.of(kind), fromBase64(publicKey)).slice(0, KEY_ID_BYTES);
}

function signaturesOf(note: Note, key: NoteKey, kind: number): readonly Uint8Array[] {
  const id = noteKeyId(key, kind);
  return note.signatures
    .filter((signature) => signature.name === key.name && bytesEqual(signature.keyId, id))
    .map(({ signature }) => signature);
}

/** Merkle hashes of a proof as text, and back. */
export const proofToText = (proof: readonly Uint8Array[]): readonly string[] => proof.map(toBase64);
export const proofFromText = (proof: readonly string[]): readonly Uint8Array[] => proof.map(fromBase64);
