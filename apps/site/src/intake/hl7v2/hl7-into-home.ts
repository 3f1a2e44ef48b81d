/** HL7 v2 into a site's folder: files, or what a listener hears until it is told to stop. */

import { readFileSync } from "node:fs";
import { type Clock, DureError, type Language, text } from "@dure/kernel";
import { readSettings, sitePaths } from "../../home/site-home.ts";
import { openIntakeStore } from "../intake-duckdb.ts";
import { withIntakeStore } from "../intake-into-home.ts";
import { type Listener, type ListenerLimits, startListener } from "./listener.ts";
import { readTerms, type TypedTerms } from "./site-terms.ts";
import { type Hl7FileReport, type Hl7FilesInput, takeInHl7Files } from "./take-files.ts";

/** A sender waits some 30 s for its answer; within that the store is had, or the sender is told to send again. */
const STORE_WAIT_MS_MAX = 20_000;

interface Home {
  readonly home: string;
  readonly source: string;
  readonly typed: TypedTerms;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

export interface HomeHl7Files extends Home, Pick<Hl7FilesInput, "paths" | "messageBytesMax" | "onProgress"> {}

/** @throws DureError as `takeInHl7Files` and `readTerms`; `site/not-enrolled`; `store/in-use` (transient) */
export function takeInHl7IntoHome(intake: HomeHl7Files): Promise<readonly Hl7FileReport[]> {
  const terms = readTerms(intake.typed);
  return withIntakeStore(intake, (store) => takeInHl7Files({ ...intake, ...terms, store }));
}

export interface HomeListener extends Home {
  readonly host: string;
  readonly port: number;
  /** Paths of PEM files. */
  readonly tls?: { readonly key: string; readonly chain: string; readonly clientRoots?: string };
  /** The site takes it on itself that records cross its network in the clear. */
  readonly allowsPlaintext: boolean;
  readonly limits?: Partial<ListenerLimits>;
  readonly language: Language;
  readonly log: (entry: Readonly<Record<string, string | number>>) => void;
}

/**
 * Until the signal; then answers what was read and ends.
 * @throws DureError `hl7/plaintext`, `hl7/cannot-listen`, `hl7/bad-option`, `site/not-enrolled`
 */
export async function listenIntoHome(options: HomeListener): Promise<ReturnType<Listener["counts"]>> {
  const { home, source, clock, signal, host, port, tls, limits, language, log } = options;
  const terms = readTerms(options.typed);
  readSettings(home);
  if (tls === undefined && !isLoopback(host) && !options.allowsPlaintext) throw plaintext(host);
  const listener = await startListener({
    ...terms,
    source,
    open: () => openIntakeStore(sitePaths(home).intake, { clock, waitMsMax: STORE_WAIT_MS_MAX }),
    host,
    port,
    ...(tls === undefined ? {} : { tls: readTls(tls) }),
    ...(limits === undefined ? {} : { limits }),
    language,
    clock,
    log,
  });
  log({ event: "listening", host, port: listener.port });
  await new Promise<void>((resolve) => {
    if (signal?.aborted !== false) resolve();
    signal?.addEventListener("abort", () => resolve(), { once: true });
  });
  await listener.close();
  return listener.counts();
}

function readTls({ key, chain, clientRoots }: { readonly key: string; readonly chain: string; readonly clientRoots?: string }) {
  const read = (path: string): string => readFileSync(path, "utf8");
  return { key: read(key), chain: read(chain), ...(clientRoots === undefined ? {} : { clientRoots: read(clientRoots) }) };
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127\./.test(host);

const plaintext = (host: string): DureError =>
  new DureError({
    code: "hl7/plaintext",
    severity: "error",
    place: { path: host },
    what: text("messages would cross the network in the clear.", "메시지가 암호화되지 않은 채 네트워크를 지나게 됩니다."),
    remedy: text(
      "Give --tls-key and --tls-chain, or --allow-plaintext where the network between the systems is protected otherwise.",
      "--tls-key와 --tls-chain을 지정하십시오. 시스템 사이의 망이 다른 방법으로 보호된다면 --allow-plaintext를 지정하십시오.",
    ),
  });
