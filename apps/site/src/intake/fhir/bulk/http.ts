/** Requests to a bulk server: with its token, again after what passes, never in clear over a network. */

import type { Clock } from "@dure/kernel";
import type { AccessToken } from "./access-token.ts";
import { bulkFault } from "./problems.ts";

export interface BulkHttp {
  readonly clock: Clock;
  readonly token?: AccessToken;
  readonly signal?: AbortSignal;
}

export interface Order {
  readonly method: "GET" | "POST" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Kick-off, status, token, and files whose manifest says so. */
  readonly withToken: boolean;
}

/** With pauses doubling from 1 s to 60 s: about four minutes of a server that is away. */
const ATTEMPTS_MAX = 8;
const PAUSE_MS_MIN = 1000;
const PAUSE_MS_MAX = 60_000;
/** A server that asks for a longer pause is asked again after this one. */
const RETRY_AFTER_MS_MAX = 600_000;
/** A server answers a request, not yet its body, in this time. */
const ANSWER_MS_MAX = 120_000;
const REDIRECTS_MAX = 5;

/**
 * The answer, of any status but 429, 5xx and a first 401. The caller reads or cancels its body.
 * @throws DureError `intake/unreachable` (transient), `intake/not-https`
 */
export async function request(url: string, order: Order, http: BulkHttp): Promise<Response> {
  let cause: unknown;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    http.signal?.throwIfAborted();
    const answer = await requestOnce(url, order, http).catch((thrown: unknown) => {
      if (http.signal?.aborted === true || !isNetworkFault(thrown)) throw thrown;
      cause = thrown;
    });
    if (answer?.status === 401 && order.withToken && http.token?.renew() === true) await answer.body?.cancel();
    else if (answer !== undefined && answer.status !== 429 && answer.status < 500) return answer;
    else {
      await answer?.body?.cancel();
      await http.clock.sleep((answer === undefined ? undefined : retryAfterMs(answer, http.clock)) ?? pauseMs(attempt), http.signal);
    }
  }
  throw bulkFault("unreachable", { cause });
}

export const pauseMs = (attempt: number): number => Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** attempt);

/** Seconds or a date; undefined where there is none. Source: RFC 9110, "Retry-After". */
export function retryAfterMs(answer: Response, clock: Clock): number | undefined {
  const value = answer.headers.get("retry-after");
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? 1000 * Number(value) : Date.parse(value) - clock.nowMs();
  return Number.isNaN(ms) ? undefined : Math.min(RETRY_AFTER_MS_MAX, Math.max(PAUSE_MS_MIN, ms));
}

/** Redirections are followed here, so that the token stays with the server it was made for. */
async function requestOnce(url: string, { method, headers, body, withToken }: Order, http: BulkHttp): Promise<Response> {
  let at = safeUrl(url);
  const origin = at.origin;
  for (let i = 0; i <= REDIRECTS_MAX; i++) {
    const token = withToken && at.origin === origin ? await http.token?.current(http) : undefined;
    const answer = await send(
      at,
      { method, ...(body === undefined ? {} : { body }) },
      {
        headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
        ...(http.signal === undefined ? {} : { signal: http.signal }),
      },
    );
    const location = answer.headers.get("location");
    const isRedirected = method === "GET" && [301, 302, 303, 307, 308].includes(answer.status) && location !== null;
    if (!isRedirected) return answer;
    await answer.body?.cancel();
    at = safeUrl(new URL(location, at).href);
  }
  throw bulkFault("refused");
}

/** The time to answer is bounded, the body's is not: a file may take hours. */
async function send(
  url: URL,
  order: { readonly method: string; readonly body?: string },
  { headers, signal }: { readonly headers: Record<string, string>; readonly signal?: AbortSignal },
): Promise<Response> {
  const givenUp = new AbortController();
  const timer = setTimeout(() => givenUp.abort(new TypeError("no answer in time")), ANSWER_MS_MAX);
  try {
    const signals = signal === undefined ? [givenUp.signal] : [givenUp.signal, signal];
    return await fetch(url, { ...order, headers, redirect: "manual", signal: AbortSignal.any(signals) });
  } finally {
    clearTimeout(timer);
  }
}

const isNetworkFault = (cause: unknown): boolean => cause instanceof TypeError;

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** @throws DureError `intake/not-https` */
export function safeUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw bulkFault("not-https");
  if (url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname))) return url;
  throw bulkFault("not-https");
}
