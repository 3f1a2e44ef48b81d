/**
 * The coordinator's own TLS certificate. It holds the issuing key, so it renews itself; the key stays the same.
 *
 * The chain that it shows ends in the root, so that a hospital that enrols can compare the root with the fingerprint in its token.
 */

import { createCertificateRequest, issueCertificate, renewalDueAtMs } from "@dure/identity";
import type { SecureRandom } from "@dure/kernel";
import { writePrivateFile } from "@dure/machine";
import { type CoordinatorPaths, type CoordinatorSettings, readKeyText } from "./coordinator-home.ts";

/** How the coordinator is named in its own certificate, and in the record of what the machine did. */
export const COORDINATOR_ID = "coordinator";

export interface ServerCertificateOptions {
  readonly paths: CoordinatorPaths;
  readonly settings: Pick<CoordinatorSettings, "alliance" | "dnsNames">;
  readonly nowMs: number;
  readonly random: SecureRandom;
}

/** Issues and writes the chain: leaf, issuing, root. */
export async function issueServerChain({ paths, settings, nowMs, random }: ServerCertificateOptions): Promise<void> {
  const issuing = { certificate: readKeyText(paths.issuingCertificate), privateKey: readKeyText(paths.issuingKey) };
  const request = await createCertificateRequest(readKeyText(paths.tlsKey), COORDINATOR_ID);
  const { alliance, dnsNames } = settings;
  const issued = await issueCertificate(issuing, request, { role: "coordinator", id: COORDINATOR_ID, alliance, dnsNames, nowMs, random });
  writePrivateFile(paths.tlsChain, `${issued.chain}${readKeyText(paths.rootCertificate)}\n`);
}

/** @returns true when there is a new chain: the server must then take it up */
export async function renewServerChain(options: ServerCertificateOptions): Promise<boolean> {
  const dueAtMs = renewalDueAtMs(readKeyText(options.paths.tlsChain));
  if (dueAtMs !== undefined && options.nowMs < dueAtMs) return false;
  await issueServerChain(options);
  return true;
}
