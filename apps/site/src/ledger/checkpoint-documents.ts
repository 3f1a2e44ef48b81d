/**
 * The two JSON documents with which hospitals vouch for each other's ledgers, passed on by the coordinator (`PostCheckpoint`,
 * `ListCheckpoints`). The coordinator needs no key to pass them on, and can forge neither.
 *
 *   { "kind": "checkpoint",  "site": whose ledger, "size": entries, "root": SHA-256, "note": signed note,
 *     "proofs": [ { "from": an earlier size, "hashes": [base64url, …] }, … ] }
 *   { "kind": "cosignature", "site": whose ledger, "size": entries, "root": SHA-256, "witness": who signed, "line": cosignature line }
 *
 * A checkpoint is posted by the hospital whose ledger it is, a cosignature by its witness; `ListCheckpoints(site)` gives both kinds for
 * that site. A site posts one document for a size, always the same bytes. Both are in canonical form (RFC 8785).
 */

import { type Checkpoint, proofFromText, proofToText } from "@dure/identity";
import { canonicalJson, type JsonValue, parseSha256, type Sha256 } from "@dure/kernel";
import { parseJson } from "@dure/wire";

export interface ConsistencyProof {
  readonly from: number;
  readonly hashes: readonly Uint8Array[];
}

export interface CheckpointDocument {
  readonly kind: "checkpoint";
  readonly site: string;
  readonly size: number;
  readonly root: Sha256;
  readonly note: string;
  /** That the ledger begins with what was published, or cosigned by a witness, before. */
  readonly proofs: readonly ConsistencyProof[];
}

export interface CosignatureDocument {
  readonly kind: "cosignature";
  readonly site: string;
  readonly size: number;
  readonly root: Sha256;
  readonly witness: string;
  readonly line: string;
}

export type LedgerDocument = CheckpointDocument | CosignatureDocument;

/** A longer one is not read. A proof has as many hashes as the size has binary digits at most; 60 proofs over a million entries fit. */
const DOCUMENT_CHARACTERS_MAX = 64 * 1024;
export const PROOF_COUNT_MAX = 60;

export function writeLedgerDocument(document: LedgerDocument): string {
  if (document.kind === "cosignature") return canonicalJson({ ...document });
  const proofs = document.proofs.map(({ from, hashes }) => ({ from, hashes: proofToText(hashes) }));
  return canonicalJson({ ...document, proofs });
}

/** Undefined where the text is neither. Signatures and proofs are not checked. */
export function readLedgerDocument(json: string): LedgerDocument | undefined {
  if (json.length > DOCUMENT_CHARACTERS_MAX) return undefined;
  try {
    const { kind, site, size, root, note, proofs, witness, line } = fieldsOf(parseJson(json));
    if (typeof site !== "string" || !isSize(size) || typeof root !== "string") return undefined;
    const about = { site, size, root: parseSha256(root) };
    if (kind === "cosignature" && typeof witness === "string" && typeof line === "string") return { kind, ...about, witness, line };
    if (kind === "checkpoint" && typeof note === "string") return { kind, ...about, note, proofs: readProofs(proofs) };
    return undefined;
  } catch {
    return undefined; // no JSON, no hash, or no proof: what another hospital sent is its own matter
  }
}

export const checkpointOf = (origin: string, { size, root }: Pick<LedgerDocument, "size" | "root">): Checkpoint => ({ origin, size, root });

function readProofs(value: JsonValue | undefined): readonly ConsistencyProof[] {
  if (!Array.isArray(value) || value.length > PROOF_COUNT_MAX) throw new RangeError("not a list of proofs");
  return value.map((item: JsonValue) => {
    const { from, hashes } = fieldsOf(item);
    if (!isSize(from) || !Array.isArray(hashes) || !hashes.every((hash) => typeof hash === "string")) throw new RangeError("not a proof");
    return { from, hashes: proofFromText(hashes) };
  });
}

function fieldsOf(value: JsonValue | undefined): { readonly [field: string]: JsonValue | undefined } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new RangeError("not an object");
  return value as { readonly [field: string]: JsonValue | undefined }; // neither null nor an array, as checked just above
}

const isSize = (value: JsonValue | undefined): value is number => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
