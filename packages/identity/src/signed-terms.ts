/** Terms that somebody signed: an Ed25519 signature over the transcript of the document's version and its terms in canonical form. */

import { canonicalJson, fromBase64, type JsonValue, type Sha256, toBase64, transcript } from "@dure/kernel";
import { type SigningPrivateKey, signingKeyPair, signMessage, verifySignature } from "./keys/signing.ts";
import { readShape, type Shape, type ShapeOf } from "./shape.ts";

/** `version` names the kind of document, so that a signature on one kind never holds for another. */
export function signTerms(
  version: string,
  terms: JsonValue,
  privateKey: SigningPrivateKey,
): { readonly publicKey: string; readonly signature: string } {
  const signature = signMessage(privateKey, transcript(version, canonicalJson(terms)));
  return { publicKey: signingKeyPair(privateKey).publicKey, signature: toBase64(signature) };
}

export interface SignedTerms {
  readonly version: string;
  readonly terms: JsonValue;
  readonly publicKey: string;
  /** 64 bytes, base64url. */
  readonly signature: string;
}

/** False on a malformed signature too; never throws. */
export function termsAreSigned({ version, terms, publicKey, signature }: SignedTerms): boolean {
  if (!/^[A-Za-z0-9_-]{86}$/.test(signature)) return false;
  return verifySignature({ publicKey, message: transcript(version, canonicalJson(terms)), signature: fromBase64(signature) });
}

/** What arrived as JSON, split into its terms and what stands around them; undefined where a field is missing, unknown or of another type. */
export function readSigned<Terms extends Shape, Envelope extends Shape>(
  value: JsonValue,
  shapes: { readonly terms: Terms; readonly envelope: Envelope },
): { readonly terms: ShapeOf<Terms>; readonly envelope: ShapeOf<Envelope> } | undefined {
  if (typeof value !== "object" || value === null || !("terms" in value)) return undefined;
  const { terms: given, ...rest } = value;
  const terms = readShape(given, shapes.terms);
  const envelope = readShape(rest, shapes.envelope);
  return terms === undefined || envelope === undefined ? undefined : { terms, envelope };
}

export const isSha256 = (value: string): value is Sha256 => /^[0-9a-f]{64}$/.test(value);
