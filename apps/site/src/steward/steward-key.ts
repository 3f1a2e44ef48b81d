/** The steward signs: the passphrase opens the key for one decision, and only if it is the key that the alliance knows. */

import { openStewardKey, parseStewardKeyFile, type SigningPrivateKey } from "@dure/identity";
import { DureError, fromUtf8, type Problem } from "@dure/kernel";
import { findPrivateFile } from "@dure/machine";
import { parseJson } from "@dure/wire";
import type { SitePaths } from "../home/site-home.ts";
import { stewardProblem } from "./problems.ts";

export interface StewardKeyRequest {
  readonly paths: Pick<SitePaths, "steward">;
  readonly passphrase: string;
  /** The steward's public key as it was enrolled, base64url. */
  readonly publicKey: string;
}

export type StewardKeyAnswer =
  | { readonly kind: "opened"; readonly key: SigningPrivateKey }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

export async function openStewardKeyOf({ paths, passphrase, publicKey }: StewardKeyRequest): Promise<StewardKeyAnswer> {
  const bytes = findPrivateFile(paths.steward);
  if (bytes === undefined) return { kind: "refused", problems: [stewardProblem("steward-key-absent", { file: paths.steward })] };
  try {
    const file = parseStewardKeyFile(parseJson(fromUtf8(bytes)));
    if (file.publicKey !== publicKey) return { kind: "refused", problems: [stewardProblem("other-steward-key", { file: paths.steward })] };
    return { kind: "opened", key: await openStewardKey(file, passphrase) };
  } catch (error) {
    if (error instanceof DureError) return { kind: "refused", problems: error.problems };
    throw error;
  }
}
