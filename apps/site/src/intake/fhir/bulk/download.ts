/** One file of an export to the disk: streamed, continued by range after a break, checked against the server's length. */

import { createWriteStream, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { finished } from "node:stream/promises";
import { namingFullDisk } from "@dure/machine";
import { type BulkHttp, pauseMs, request } from "./http.ts";
import { bulkFault } from "./problems.ts";

export type Downloaded = { readonly kind: "complete" } | { readonly kind: "expired" };

/** Breaks of one file, each of which continues where the last stopped. */
const BREAKS_MAX = 8;
const NDJSON = /^(application\/(fhir\+ndjson|ndjson|x-ndjson|octet-stream)|binary\/octet-stream|text\/plain)\s*(;|$)/i;
/** A link that is no longer good. */
const EXPIRED: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/**
 * The whole file stands at `path` when this is done; until then its beginning is at `path.part`.
 * @throws DureError `intake/truncated` (transient), `intake/wrong-content-type`, `intake/refused`, `intake/unreachable`, `store/disk-full`
 */
export async function download(
  file: { readonly url: string; readonly name: string; readonly path: string; readonly withToken: boolean },
  http: BulkHttp,
): Promise<Downloaded> {
  if (existsSync(file.path)) return { kind: "complete" };
  const part = `${file.path}.part`;
  for (let attempt = 0; attempt < BREAKS_MAX; attempt++) {
    const have = existsSync(part) ? statSync(part).size : 0;
    const tagPath = `${file.path}.etag`;
    const tag = have > 0 && existsSync(tagPath) ? readFileSync(tagPath, "utf8") : undefined;
    // Without the tag of what is there, the rest might be that of another file.
    const range = tag === undefined ? {} : { range: `bytes=${have}-`, "if-range": tag };
    const headers = { accept: "application/fhir+ndjson", "accept-encoding": "identity", ...range };
    const answer = await request(file.url, { method: "GET", headers, withToken: file.withToken }, http);
    if (EXPIRED.has(answer.status)) {
      await answer.body?.cancel();
      return { kind: "expired" };
    }
    const isRest = answer.status === 206 && answer.headers.get("content-range")?.startsWith(`bytes ${have}-`) === true;
    if (answer.status === 416 || (answer.status === 206 && !isRest)) {
      await answer.body?.cancel();
      rmSync(part, { force: true });
      continue;
    }
    await checkAnswer(answer, file.name);
    const newTag = answer.headers.get("etag");
    if (!isRest) {
      if (newTag === null || newTag.startsWith("W/")) rmSync(tagPath, { force: true });
      else writeFileSync(tagPath, newTag, { mode: 0o600 });
    }
    const stated = statedBytes(answer, isRest ? have : 0);
    const isWhole = await writeBody(answer, part, isRest ? have : 0, http.signal);
    const size = existsSync(part) ? statSync(part).size : 0;
    if (isWhole && (stated === undefined || stated === size)) {
      renameSync(part, file.path);
      rmSync(tagPath, { force: true });
      return { kind: "complete" };
    }
    await http.clock.sleep(pauseMs(attempt), http.signal);
  }
  throw bulkFault("truncated", { file: file.name });
}

async function checkAnswer(answer: Response, name: string): Promise<void> {
  const type = answer.headers.get("content-type") ?? "";
  const isNdjson = NDJSON.test(type);
  if ((answer.status === 200 || answer.status === 206) && isNdjson) return;
  await answer.body?.cancel();
  throw bulkFault(answer.ok ? "wrong-content-type" : "refused", { status: answer.status, file: name });
}

function statedBytes(answer: Response, before: number): number | undefined {
  const length = answer.headers.get("content-length");
  return length === null || answer.headers.has("content-encoding") ? undefined : before + Number(length);
}

/** @returns false where the connection broke: what came is kept. */
async function writeBody(answer: Response, part: string, from: number, signal: AbortSignal | undefined): Promise<boolean> {
  const file = createWriteStream(part, { flags: from > 0 ? "r+" : "w", start: from, mode: 0o600 });
  const failed = new Promise<never>((_, reject) => file.once("error", reject));
  failed.catch(() => undefined); // raced below
  let isWhole = true;
  try {
    for await (const bytes of answer.body ?? []) {
      if (!file.write(bytes)) await Promise.race([new Promise<void>((resolve) => file.once("drain", () => resolve())), failed]);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (file.errored !== null) namingFullDisk(() => raise(cause));
    isWhole = false;
  } finally {
    file.end();
    await finished(file).catch((cause: unknown) => namingFullDisk(() => raise(cause)));
  }
  return isWhole;
}

function raise(cause: unknown): never {
  throw cause;
}
