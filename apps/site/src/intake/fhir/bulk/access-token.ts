/** The token of a bulk server: given, or had from its authorisation server by SMART Backend Services. It is in no state, log or error. */

import { createPrivateKey, type KeyObject, randomUUID, sign } from "node:crypto";
import { type BulkHttp, safeUrl } from "./http.ts";
import { bulkFault } from "./problems.ts";

export interface AccessToken {
  readonly current: (http: BulkHttp) => Promise<string | undefined>;
  /** After a refusal: whether a new one will be asked for. Once for each token. */
  readonly renew: () => boolean;
}

export interface BackendService {
  readonly tokenUrl: string;
  readonly clientId: string;
  /** PEM: EC P-384 (ES384) or RSA (RS384). */
  readonly privateKeyPem: string;
  /** Of the registered public key, where the server has several. */
  readonly keyId?: string;
  readonly scope?: string;
}

/** Five minutes is the longest that the profile allows. */
const ASSERTION_SECONDS = 300;
/** A token is renewed this long before it ends. */
const SPARE_MS = 30_000;
const SCOPE = "system/*.read";

export const givenToken = (token: string): AccessToken => ({ current: async () => token, renew: () => false });

/** Source: HL7 SMART App Launch 2, "Backend Services" and "Asymmetric Authentication"; RFC 7523. */
export function backendServiceToken(service: BackendService): AccessToken {
  const key = privateKey(service.privateKeyPem);
  let token: { readonly text: string; readonly untilMs: number } | undefined;
  return {
    current: async (http) => {
      if (token === undefined || http.clock.nowMs() >= token.untilMs) token = await askForToken(service, key, http);
      return token.text;
    },
    renew: () => {
      const hadOne = token !== undefined;
      token = undefined;
      return hadOne;
    },
  };
}

function privateKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
    const isFit = key.asymmetricKeyType === "rsa" ? modulusLength >= 2048 : namedCurve === "secp384r1";
    if (isFit) return key;
  } catch (cause) {
    throw bulkFault("bad-key", { cause });
  }
  throw bulkFault("bad-key");
}

async function askForToken({ tokenUrl, clientId, keyId, scope = SCOPE }: BackendService, key: KeyObject, { clock, signal }: BulkHttp) {
  const nowMs = clock.nowMs();
  const algorithm = key.asymmetricKeyType === "rsa" ? "RS384" : "ES384";
  const header = { alg: algorithm, typ: "JWT", ...(keyId === undefined ? {} : { kid: keyId }) };
  const claims = { iss: clientId, sub: clientId, aud: tokenUrl, exp: Math.floor(nowMs / 1000) + ASSERTION_SECONDS, jti: randomUUID() };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const signature = sign("sha384", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    scope,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: `${signed}.${signature}`,
  });
  const answer = await fetch(safeUrl(tokenUrl), { method: "POST", body, redirect: "error", ...(signal === undefined ? {} : { signal }) });
  if (!answer.ok) {
    await answer.body?.cancel();
    throw bulkFault("bad-token-answer", { status: answer.status });
  }
  const value: unknown = await answer.json().catch(() => undefined);
  const { access_token, expires_in } = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>; // checked next
  if (typeof access_token !== "string") throw bulkFault("bad-token-answer", { status: answer.status });
  const seconds = typeof expires_in === "number" ? expires_in : ASSERTION_SECONDS;
  return { text: access_token, untilMs: nowMs + 1000 * seconds - SPARE_MS };
}
