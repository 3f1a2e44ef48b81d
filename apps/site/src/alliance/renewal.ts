/** Certificates renew themselves, signed by the key that is about to retire; the revocation list is kept fresh. */

import { rmSync } from "node:fs";
import { createTlsKey, renewalDueAtMs, requestRenewal } from "@dure/identity";
import { type Clock, canonicalJson, type JsonValue, type SecureRandom } from "@dure/kernel";
import { findPrivateFile, writePrivateFile } from "@dure/machine";
import { readKeyText, type SitePaths } from "../home/site-home.ts";
import type { Connection } from "./connection.ts";

export interface RenewalOptions {
  readonly paths: SitePaths;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly random: SecureRandom;
}

/** @returns true when there is a new certificate: the line must then be opened again with it */
export async function renewWhenDue({ paths, connection, clock, random }: RenewalOptions): Promise<boolean> {
  const chain = readKeyText(paths.tlsChain);
  const dueAtMs = renewalDueAtMs(chain);
  if (dueAtMs === undefined || clock.nowMs() < dueAtMs) return false;
  const newPrivateKey = createTlsKey(random);
  const request = await requestRenewal({ chain, privateKey: readKeyText(paths.tlsKey), newPrivateKey });
  const requestJson = canonicalJson(request as unknown as JsonValue); // JSON by its type's own promise
  const { certificateChainPem } = await connection.enrolment.renewCertificate({ requestJson });
  // Both are on the disk before either takes the old one's place: a kill in between is finished at the next start.
  writePrivateFile(next(paths.tlsKey), newPrivateKey);
  writePrivateFile(next(paths.tlsChain), certificateChainPem);
  installRenewed(paths);
  return true;
}

/** Finishes a renewal that was killed between its files; called before every connection. */
export function installRenewed(paths: SitePaths): void {
  const key = findNext(paths.tlsKey);
  const chain = findNext(paths.tlsChain);
  if (key === undefined || chain === undefined) return;
  writePrivateFile(paths.tlsChain, chain);
  writePrivateFile(paths.tlsKey, key);
  rmSync(next(paths.tlsChain));
  rmSync(next(paths.tlsKey));
}

const next = (path: string): string => `${path}.next`;

const findNext = (path: string): Uint8Array | undefined => findPrivateFile(next(path));

export async function refreshRevocationList({ paths, connection }: Pick<RenewalOptions, "paths" | "connection">): Promise<void> {
  const { revocationListPem } = await connection.enrolment.getRevocationList({});
  writePrivateFile(paths.revocationList, revocationListPem);
}
