/**
 * A bulk export from kick-off to the last file taken in, by steps that each leave their mark on the disk.
 *
 * Source: HL7 FHIR Bulk Data Access 2.0. What the client adds: links that expired are had anew by asking for the status again; the
 * count that the server states is compared with what came; what was downloaded is deleted as soon as it is taken in.
 */

import { statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { DureError, type Problem } from "@dure/kernel";
import type { DeliveryReport } from "../../intake-store.ts";
import { type TakeInOptions, takeInFiles } from "../take-in-files.ts";
import type { BulkFolder, BulkState, PendingExport } from "./bulk-state.ts";
import { download } from "./download.ts";
import { type BulkHttp, pauseMs, request, retryAfterMs, safeUrl } from "./http.ts";
import { type Manifest, type ManifestFile, parseManifest } from "./manifest.ts";
import { bulkFault, countDiffers } from "./problems.ts";

export interface BulkOrder {
  /** Such as https://server/fhir/Group/12/$export. */
  readonly url: string;
  /** Resource types; all where empty. */
  readonly types: readonly string[];
  /** An instant, or `last`: the transaction time of the last export of this source, everything where there was none. */
  readonly since?: string;
}

export interface BulkOptions {
  readonly folder: BulkFolder;
  readonly http: BulkHttp;
  readonly intake: TakeInOptions;
  readonly onProgress?: (progress: BulkProgress) => void;
}

/** Counts and words of the program only; `percent` as far as the server tells one. */
export type BulkProgress =
  | { readonly step: "waiting"; readonly percent?: number }
  | { readonly step: "files"; readonly done: number; readonly of: number };

export interface BulkReport {
  readonly transactionTime: string;
  readonly deliveries: readonly DeliveryReport[];
  /** Files that came with another number of resources than stated. */
  readonly warnings: readonly Problem[];
}

/** Servers of large hospitals export through the night. */
const WAIT_MS_MAX = 24 * 3_600_000;
/** Of one file: links that expire faster than the file comes. */
const LINK_RENEWALS_MAX = 3;
const MANIFEST_BYTES_MAX = 64 * 2 ** 20;

/** Goes on with the pending export where it is this one. @throws DureError */
export async function runBulkExport(order: BulkOrder, options: BulkOptions): Promise<BulkReport> {
  const { folder } = options;
  const state = folder.read();
  const kickOffUrl =
    state.pending !== undefined && isSameOrder(order, state.pending) ? state.pending.kickOffUrl : kickOffUrlOf(order, state);
  if (state.pending !== undefined && state.pending.kickOffUrl !== kickOffUrl) throw bulkFault("export-pending");
  let pending = state.pending;
  if (pending === undefined) {
    folder.discardDownloads();
    pending = { kickOffUrl, statusUrl: await kickOff(kickOffUrl, options.http), takenIn: [] };
    folder.write({ ...state, pending });
  }
  const manifest = pending.manifest ?? (await waitForManifest(pending, options));
  pending = { ...pending, manifest };
  folder.write({ ...state, pending });
  const { deliveries, warnings } = await takeInManifest(manifest, state, pending, options);
  await end(pending, options);
  folder.write({ version: 1, lastTransactionTime: manifest.transactionTime });
  return { transactionTime: manifest.transactionTime, deliveries, warnings };
}

/** Tells the server to forget the export, and forgets it here; what was taken in stays. */
export async function cancelBulkExport({ folder, http }: Pick<BulkOptions, "folder" | "http">): Promise<void> {
  const state = folder.read();
  if (state.pending === undefined) throw bulkFault("nothing-pending");
  await end(state.pending, { folder, http });
  const { pending: _, ...rest } = state;
  folder.write(rest);
}

/** `--since last` means another instant each time, but not for the export that is under way. */
function isSameOrder(order: BulkOrder, { kickOffUrl }: PendingExport): boolean {
  if (order.since !== "last") return false;
  const pending = new URL(kickOffUrl);
  const own = new URL(kickOffUrlOf({ url: order.url, types: order.types }, { version: 1 }));
  pending.searchParams.delete("_since");
  return pending.href === own.href;
}

function kickOffUrlOf({ url, types, since }: BulkOrder, { lastTransactionTime }: BulkState): string {
  const at = safeUrl(url);
  if (types.length > 0) at.searchParams.set("_type", types.join(","));
  const instant = since === "last" ? lastTransactionTime : since;
  if (instant !== undefined) at.searchParams.set("_since", instant);
  return at.href;
}

async function kickOff(url: string, http: BulkHttp): Promise<string> {
  const headers = { accept: "application/fhir+json", prefer: "respond-async" };
  const answer = await request(url, { method: "GET", headers, withToken: true }, http);
  await answer.body?.cancel();
  const location = answer.headers.get("content-location");
  if (answer.status === 202 && location !== null) return safeUrl(new URL(location, url).href).href;
  throw bulkFault(isUnauthorised(answer) ? "not-authorised" : "refused", { status: answer.status });
}

async function waitForManifest({ statusUrl }: PendingExport, { folder, http, onProgress }: Omit<BulkOptions, "intake">): Promise<Manifest> {
  const giveUpMs = http.clock.nowMs() + WAIT_MS_MAX;
  for (let attempt = 0; http.clock.nowMs() < giveUpMs; attempt++) {
    const answer = await request(statusUrl, { method: "GET", headers: { accept: "application/json" }, withToken: true }, http);
    if (answer.status === 200) return parseManifest(await boundedJson(answer));
    await answer.body?.cancel();
    if (answer.status === 404 || answer.status === 410) {
      const { pending: _, ...rest } = folder.read();
      folder.write(rest);
      throw bulkFault("export-gone", { status: answer.status });
    }
    if (answer.status !== 202) throw bulkFault(isUnauthorised(answer) ? "not-authorised" : "refused", { status: answer.status });
    const percent = /(\d{1,3})\s*%/.exec(answer.headers.get("x-progress") ?? "")?.[1];
    onProgress?.({ step: "waiting", ...(percent === undefined ? {} : { percent: Number(percent) }) });
    await http.clock.sleep(retryAfterMs(answer, http.clock) ?? pauseMs(attempt), http.signal);
  }
  throw bulkFault("took-too-long");
}

const isUnauthorised = ({ status }: Response): boolean => status === 401 || status === 403;

async function boundedJson(answer: Response): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let byteCount = 0;
  for await (const part of answer.body ?? []) {
    byteCount += part.length;
    if (byteCount > MANIFEST_BYTES_MAX) throw bulkFault("bad-manifest");
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    throw bulkFault("bad-manifest"); // the parser's message quotes the answer, so it is not kept as a cause
  }
}

async function takeInManifest(given: Manifest, state: BulkState, pending: PendingExport, options: BulkOptions) {
  const { folder, intake } = options;
  let manifest = given;
  const takenIn = new Set(pending.takenIn);
  const deliveries: DeliveryReport[] = [];
  const warnings: Problem[] = [];
  for (const [index, { name, kind, count }] of given.files.entries()) {
    options.onProgress?.({ step: "files", done: index, of: given.files.length });
    if (takenIn.has(name)) continue;
    const path = join(folder.path, name);
    manifest = await downloadRenewing(manifest, index, { path, pending, options });
    const isEmpty = statSync(path).size === 0;
    const report = await takeInFiles([path], { ...intake, asOf: manifest.transactionTime });
    deliveries.push(...report.deliveries);
    const found = report.deliveries[0]?.itemsIn ?? (isEmpty ? 0 : undefined);
    if (kind === "output" && count !== undefined && found !== undefined && found < count) warnings.push(countDiffers(name, count, found));
    takenIn.add(name);
    folder.write({ ...state, pending: { ...pending, manifest, takenIn: [...takenIn] } });
    unlinkSync(path);
  }
  return { deliveries, warnings };
}

/** @returns the manifest with the links that were good */
async function downloadRenewing(
  given: Manifest,
  index: number,
  { path, pending, options }: { readonly path: string; readonly pending: PendingExport; readonly options: BulkOptions },
): Promise<Manifest> {
  let manifest = given;
  for (let renewal = 0; renewal <= LINK_RENEWALS_MAX; renewal++) {
    const file: ManifestFile | undefined = manifest.files[index];
    if (file === undefined || file.name !== given.files[index]?.name) throw bulkFault("export-gone");
    const withToken = manifest.requiresAccessToken;
    const downloaded = await download({ url: file.url, name: file.name, path, withToken }, options.http);
    if (downloaded.kind === "complete") return manifest;
    manifest = await waitForManifest(pending, options);
  }
  throw bulkFault("not-authorised", { file: given.files[index]?.name ?? "" });
}

/** The server may have forgotten it already; that is as good. */
async function end({ statusUrl }: PendingExport, { folder, http }: Pick<BulkOptions, "folder" | "http">): Promise<void> {
  const answer = await request(statusUrl, { method: "DELETE", withToken: true }, http).catch((cause: unknown) => {
    if (!(cause instanceof DureError)) throw cause;
    return undefined;
  });
  await answer?.body?.cancel();
  folder.discardDownloads();
}
