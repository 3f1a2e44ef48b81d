/** A load from one mapping: a hospital's exports become the next numbered snapshot of its store, or nothing changes. */

import { rm } from "node:fs/promises";
import type { Mapping } from "@dure/clinical";
import { type Clock, hashJson, type JsonValue } from "@dure/kernel";
import { buildSnapshot, loadScratchPath } from "../load/build-snapshot.ts";
import type { LoadProgress } from "../load/contributor.ts";
import type { UnmappedCode } from "../load/unmapped-codes.ts";
import type { ClinicalStore } from "../store/clinical-store.ts";
import type { LoadReport, SensitiveCategories } from "./load-report.ts";
import { mappingContributor } from "./mapping-contributor.ts";
import type { PersonKeyTable } from "./person-keys.ts";

export interface IngestOptions {
  readonly store: ClinicalStore;
  readonly mapping: Mapping;
  /** A value for each parameter of the mapping. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Where the exported files lie. */
  readonly directory: string;
  readonly keyTable: PersonKeyTable;
  /** Hospital numbers of patients who opted out: none of their rows enters the store. */
  readonly optOut?: readonly string[];
  readonly sensitive?: SensitiveCategories;
  /** Whose records these are, for CDM_SOURCE; the mapping's title where it is not given. */
  readonly holder?: string;
  readonly clock: Clock;
  readonly onProgress?: (progress: IngestProgress) => void;
  readonly onUnmapped?: (codes: readonly UnmappedCode[]) => void;
  readonly signal?: AbortSignal;
}

export type IngestProgress =
  | { readonly kind: "checking"; readonly file: string; readonly done: number; readonly of: number }
  | { readonly kind: "writing"; readonly file: string; readonly done: number; readonly of: number }
  | { readonly kind: "hashing" };

/**
 * @throws DureError with every problem of every file (each file's up to a limit); the store is then as before.
 * An abort leaves the store as before, too. Disclosure: the report holds counts only, and stays at the site.
 */
export async function ingestExports(options: IngestOptions): Promise<LoadReport> {
  const { store, mapping, keyTable, optOut, clock, onProgress, signal } = options;
  const scratchPath = loadScratchPath(store);
  await rm(scratchPath, { recursive: true, force: true }); // left by a process that was killed
  try {
    return await buildSnapshot(store, [mappingContributor({ ...options, scratchPath: `${scratchPath}/0` })], {
      ...{ keyTable, clock, periodRule: { rule: "of-the-source" } },
      source: {
        name: mapping.title.en,
        abbreviation: mapping.id,
        holder: options.holder ?? mapping.title.en,
        etlReference: `mapping ${mapping.id} version ${mapping.version}`,
      },
      document: { id: mapping.id, version: mapping.version, hash: hashJson(toJson(mapping)) },
      parameters: options.parameters ?? {},
      ...(optOut === undefined ? {} : { optOut }),
      ...(onProgress === undefined ? {} : { onProgress: (progress) => tellProgress(progress, onProgress) }),
      ...(options.onUnmapped === undefined ? {} : { onUnmapped: options.onUnmapped }),
      ...(signal === undefined ? {} : { signal }),
    });
  } finally {
    await rm(scratchPath, { recursive: true, force: true });
  }
}

function tellProgress({ step, item, done, of = done }: LoadProgress, onProgress: (progress: IngestProgress) => void): void {
  if (step === "checking" || step === "writing") onProgress({ kind: step, file: item, done, of });
  else if (step === "hashing") onProgress({ kind: "hashing" });
}

/** A mapping is plain data; what the schema left undefined has no JSON form. */
const toJson = (mapping: Mapping): JsonValue => JSON.parse(JSON.stringify(mapping)) as JsonValue; // JSON.parse gives JSON
