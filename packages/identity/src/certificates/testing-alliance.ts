/** For tests only: an alliance, its lists and members at a fixed moment. */

import { systemRandom as random } from "../testing-random.ts";
import { createAlliance, createCertificateRequest, type Issuance, issueCertificate } from "./authority.ts";
import { createRevocationList } from "./revocation.ts";
import { createTlsKey } from "./x509.ts";

export const nowMs = 1_790_000_000_000;
export const allianceName = "breast-alliance";
export const alliance = await createAlliance({ name: allianceName, nowMs, random });
export const emptyList = await createRevocationList(alliance.issuing, { revoked: [], number: 1, nowMs });

export async function enrolled(changes: Partial<Issuance> = {}, authority = alliance.issuing) {
  const privateKey = createTlsKey(random);
  const csr = await createCertificateRequest(privateKey, changes.id ?? "hospital-1");
  const issuance: Issuance = { role: "site", id: "hospital-1", alliance: allianceName, nowMs, random, ...changes };
  return { privateKey, ...(await issueCertificate(authority, csr, issuance)) };
}
