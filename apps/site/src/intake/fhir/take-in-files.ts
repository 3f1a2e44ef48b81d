/** Files of FHIR into the intake store, by batches; what was taken in before is passed over. */

import { stat } from "node:fs/promises";
import { type MinimisationSettings, versionOfInstant } from "@dure/clinical/fhir";
import { DureError, type Problem, type Sha256, sha256 } from "@dure/kernel";
import type { DeliveryReport, IntakeBatch, IntakeStore } from "../intake-store.ts";
import { oneAhead } from "../one-ahead.ts";
import { type ExportFile, findExportFiles, hashFile } from "./export-files.ts";
import { badInstant, fileProblem, itemProblem } from "./problems.ts";
import { type ReadItem, readChanges } from "./read-changes.ts";

export interface FaultPolicy {
  /** `stop`: before the first fault, which is then the next item. */
  readonly onFault: "continue" | "stop";
  /** In one file, with `continue`. */
  readonly faultsMax: number;
}

export interface TakeInOptions {
  readonly store: IntakeStore;
  readonly source: string;
  readonly minimisation: MinimisationSettings;
  readonly policy: FaultPolicy;
  /** The version of what has none of its own: an instant. */
  readonly asOf?: string;
  /** Of one transaction; fewer make more of them. */
  readonly batchChangesMax?: number;
  readonly onProgress?: (progress: TakeInProgress) => void;
  readonly signal?: AbortSignal;
}

/** Counts only. */
export interface TakeInProgress {
  readonly file: string;
  readonly fileIndex: number;
  readonly fileCount: number;
  /** Lines or entries of this file. */
  readonly itemCount: number;
}

export interface TakeInReport {
  readonly deliveries: readonly DeliveryReport[];
  /** Files whose bytes had been taken in before, so that nothing was read of them. */
  readonly known: readonly string[];
  /** Files of a folder that are no FHIR by their names. */
  readonly ignored: readonly string[];
}

/** A batch is one transaction: large enough that its fixed cost does not show, small enough for a few tens of megabytes. */
const BATCH_CHANGES_MAX = 10_000;
const BATCH_BYTES_MAX = 12 * 2 ** 20;

/**
 * @throws DureError with a problem for each file that could not be taken in to its end; the others are in. `intake/too-many-faults` and,
 * under `stop`, the first fault end the whole; batches before it stay, and the same call goes on from there.
 */
export async function takeInFiles(paths: readonly string[], options: TakeInOptions): Promise<TakeInReport> {
  if (options.asOf !== undefined && versionOfInstant(options.asOf) === undefined) throw new DureError(badInstant("--as-of"));
  const { files, ignored } = await findExportFiles(paths);
  const deliveries: DeliveryReport[] = [];
  const known: string[] = [];
  const problems: Problem[] = [];
  for (const [fileIndex, file] of files.entries()) {
    const tell = (itemCount: number) => options.onProgress?.({ file: file.name, fileIndex, fileCount: files.length, itemCount });
    try {
      const report = await takeInFile(file, options, tell);
      if (report === undefined) known.push(file.name);
      else deliveries.push(report);
    } catch (cause) {
      if (!(cause instanceof DureError) || !FILE_ALONE.has(cause.code)) throw cause;
      problems.push(...cause.problems);
    }
  }
  if (problems.length > 0) throw new DureError(problems);
  return { deliveries, known, ignored };
}

/** Faults of one file that say nothing about the next. */
const FILE_ALONE: ReadonlySet<string> = new Set([
  "intake/cut-short",
  "intake/unreadable",
  "intake/bundle-too-large",
  "intake/changed",
  "intake/too-many-faults",
]);

async function takeInFile(
  file: ExportFile,
  options: TakeInOptions,
  tell: (itemCount: number) => void,
): Promise<DeliveryReport | undefined> {
  const { store, source, minimisation, policy, signal } = options;
  const before = await lastWritten(file);
  const fileSha256 = await hashFile(file, signal);
  const { number, position, isDone } = await store.begin({ source, name: file.name, sha256: deliverySha256(fileSha256, minimisation) });
  if (isDone) return undefined;
  const batch = new Batch(store, number, { position, changesMax: options.batchChangesMax ?? BATCH_CHANGES_MAX });
  let faultCount = 0;
  const read = {
    minimisation,
    after: position,
    ...(options.asOf === undefined ? {} : { asOf: options.asOf }),
    ...(signal === undefined ? {} : { signal }),
  };
  try {
    for await (const items of oneAhead(readChanges(file, read))) {
      signal?.throwIfAborted();
      for (const item of items) {
        const faults = item.faults.map((fault) => itemProblem(fault, placeOf(file, item)));
        if (faults.length > 0 && policy.onFault === "stop") throw new DureError(faults);
        faultCount += faults.length;
        if (faultCount > policy.faultsMax) throw new DureError([fileProblem("too-many-faults", file.name), ...faults]);
        await batch.add(item, faults);
      }
      tell(batch.position);
    }
  } finally {
    await batch.write();
  }
  const isTouched = (await lastWritten(file)) !== before;
  if (isTouched && (await hashFile(file, signal)) !== fileSha256) throw new DureError(fileProblem("changed", file.name));
  return store.finish(number);
}

/** Size and time of the last writing, in nanoseconds: while they stay, nobody wrote, and the content need not be read again to know. */
async function lastWritten({ path }: ExportFile): Promise<string> {
  const written = await stat(path, { bigint: true }).catch(() => undefined); // one that is gone is named by whoever reads it next
  return written === undefined ? "gone" : `${written.size} ${written.mtimeNs}`;
}

/** The same file with its free text is another delivery, else it would be passed over as known. */
const deliverySha256 = (file: Sha256, { keepsFreeText }: MinimisationSettings): Sha256 =>
  keepsFreeText ? sha256(`${file}\nwith free text`) : file;

const placeOf = (file: ExportFile, { position }: ReadItem) =>
  file.kind === "lines" ? { file: file.name, line: position } : { file: file.name, path: `entry[${position - 1}]` };

/** One batch is written while the next is read. */
class Batch {
  private changes: IntakeBatch["changes"][number][] = [];
  private faults: Problem[] = [];
  private byteCount = 0;
  private writing: Promise<void> = Promise.resolve();
  private readonly store: IntakeStore;
  private readonly number: number;
  private readonly changesMax: number;
  position: number;

  constructor(store: IntakeStore, number: number, { position, changesMax }: { readonly position: number; readonly changesMax: number }) {
    [this.store, this.number, this.position, this.changesMax] = [store, number, position, changesMax];
  }

  async add(item: ReadItem, faults: readonly Problem[]): Promise<void> {
    this.changes.push(...item.changes);
    this.faults.push(...faults);
    this.byteCount += item.byteCount;
    this.position = item.position;
    if (this.changes.length >= this.changesMax || this.byteCount >= BATCH_BYTES_MAX) await this.begin();
  }

  async write(): Promise<void> {
    if (this.changes.length > 0 || this.faults.length > 0) await this.begin();
    await this.writing;
  }

  private async begin(): Promise<void> {
    const { changes, faults, position } = this;
    [this.changes, this.faults, this.byteCount] = [[], [], 0];
    await this.writing;
    this.writing = this.store.apply(this.number, { changes, faults, position });
    this.writing.catch(() => undefined); // told where it is awaited next
  }
}
