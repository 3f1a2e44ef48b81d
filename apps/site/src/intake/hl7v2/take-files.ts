/**
 * Files of HL7 v2 messages, and whole folders of them, into the intake store. A file goes in by batches of messages, each one transaction; a
 * process that was killed goes on behind the last batch, and a file that is done is not read again.
 */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { MessageSplitter, type RawMessage } from "@dure/clinical/hl7v2";
import { type Clock, DureError, parseSha256, type Sha256, text } from "@dure/kernel";
import type { DeliveryReport, IntakeStore } from "../intake-store.ts";
import { applyOutcomes, countOutcomes, type Hl7Source, type MessageCounts, NO_MESSAGES, understandMessage } from "./take-messages.ts";

/** Messages of one transaction: large enough that its fixed cost (some 10 ms) is small, small enough that a kill repeats little. */
const BATCH_MESSAGES = 1000;
/** A batch of large messages is as small as one of ordinary ones: what is made of it stands in memory ten times over. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Ten megabytes: a message with a scanned page in it; what is larger is a document that should not come this way. */
export const MESSAGE_BYTES_MAX = 10 * 1024 * 1024;

export interface Hl7FilesInput extends Hl7Source {
  readonly store: IntakeStore;
  /** Files, and folders of which every file is taken but those that begin with a dot. */
  readonly paths: readonly string[];
  readonly messageBytesMax?: number;
  readonly clock: Clock;
  readonly onProgress?: (progress: { readonly done: number; readonly of: number }) => void;
  readonly signal?: AbortSignal;
}

export interface Hl7FileReport {
  /** Below the folder that was given, or without any folder: files bear patients' names, and what is above them is this machine's. */
  readonly name: string;
  /** Of this run; a file that was done before counts nothing. */
  readonly messages: MessageCounts;
  /** Of the file over all runs. */
  readonly delivery: DeliveryReport;
}

/**
 * @throws DureError `hl7/no-such-file` before anything is read where a path is not there, and what the store throws
 * Memory: that of one batch of messages.
 */
export async function takeInHl7Files(input: Hl7FilesInput): Promise<readonly Hl7FileReport[]> {
  const files = (await Promise.all(input.paths.map((path) => filesGiven(resolve(path))))).flat();
  const reports: Hl7FileReport[] = [];
  for (const [index, file] of files.entries()) {
    input.onProgress?.({ done: index, of: files.length });
    reports.push(await takeInFile(input, file));
  }
  return reports;
}

interface MessageFile {
  readonly path: string;
  readonly name: string;
}

async function filesGiven(given: string): Promise<readonly MessageFile[]> {
  const paths = await filesUnder(given);
  return paths.map((path) => ({ path, name: path === given ? basename(path) : relative(given, path).replaceAll(sep, "/") }));
}

async function filesUnder(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw noSuchFile(path);
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => !name.startsWith(".")).sort();
  return (await Promise.all(names.map((name) => filesUnder(join(path, name))))).flat();
}

async function takeInFile(input: Hl7FilesInput, { path, name }: MessageFile): Promise<Hl7FileReport> {
  const { store, source, signal } = input;
  const begun = await store.begin({ source, name, sha256: await hashOf(path, signal) });
  let messages = NO_MESSAGES;
  if (!begun.isDone) {
    for await (const batch of batchesOf(path, input.messageBytesMax ?? MESSAGE_BYTES_MAX, begun.position)) {
      signal?.throwIfAborted();
      const outcomes = batch.map((raw) => understandMessage(raw, name, input, input.clock));
      await applyOutcomes(store, { source, delivery: begun.number, position: batch.at(-1)?.number ?? begun.position, outcomes });
      messages = countOutcomes(messages, outcomes);
    }
  }
  return { name, messages, delivery: await store.finish(begun.number) };
}

/** Messages behind a position, by batches. */
async function* batchesOf(path: string, bytesMax: number, position: number): AsyncIterable<readonly RawMessage[]> {
  const splitter = new MessageSplitter(bytesMax);
  let batch: RawMessage[] = [];
  let bytes = 0;
  function* take(raws: readonly RawMessage[]): Iterable<readonly RawMessage[]> {
    for (const raw of raws) {
      if (raw.number <= position) continue;
      batch.push(raw);
      bytes += raw.bytes.length;
      if (batch.length < BATCH_MESSAGES && bytes < BATCH_BYTES) continue;
      yield batch;
      [batch, bytes] = [[], 0];
    }
  }
  for await (const chunk of createReadStream(path)) yield* take(splitter.push(chunk));
  yield* take(splitter.finish());
  if (batch.length > 0) yield batch;
}

async function hashOf(path: string, signal: AbortSignal | undefined): Promise<Sha256> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, signal === undefined ? {} : { signal })) hash.update(chunk);
  return parseSha256(hash.digest("hex"));
}

const noSuchFile = (path: string): DureError =>
  new DureError({
    code: "hl7/no-such-file",
    severity: "error",
    place: { file: path },
    what: text("there is no such file or folder.", "그런 파일이나 폴더가 없습니다."),
    remedy: text("Check the path; nothing was read.", "경로를 확인하십시오. 아무것도 읽지 않았습니다."),
  });
