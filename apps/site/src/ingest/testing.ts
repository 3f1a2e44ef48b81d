/** For tests only: a store in a temporary folder, files written for one test, documents of this repository. */

import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Mapping, parseMapping, parseResearchTable, type ResearchTable } from "@dure/clinical";
import type { Clock } from "@dure/kernel";
import type { ClinicalStore } from "../store/clinical-store.ts";
import { openClinicalStore } from "../store/open-clinical-store.ts";
import type { PersonKeyTable } from "./person-keys.ts";

export const testClock: Clock = { nowMs: () => 1_700_000_000_000, sleep: async () => undefined };

export const testKeyTable: PersonKeyTable = {
  key: new Uint8Array(32).fill(7),
  random: { kind: "secure", bytes: (length) => new Uint8Array(randomBytes(length)) },
};

export interface TestFolder extends AsyncDisposable {
  readonly path: string;
  readonly store: ClinicalStore;
  readonly write: (name: string, content: string | Uint8Array) => void;
}

/** A new store and a folder for exports, both removed at the end. */
export async function testFolder(): Promise<TestFolder> {
  const path = mkdtempSync(join(tmpdir(), "dure-ingest-"));
  const store = await openClinicalStore(join(path, "clinical.duckdb"));
  return {
    path,
    store,
    write: (name, content) => writeFileSync(join(path, name), content),
    [Symbol.asyncDispose]: async () => {
      await store.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

const repositoryFile = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

export const exampleMapping = (name: string): Mapping =>
  mappingOf(readFileSync(repositoryFile(`examples/mappings/${name}/mapping.yaml`), "utf8"));

export const mappingOf = (text: string): Mapping => parseMapping({ file: "mapping.yaml", text });

export const researchTable = (id: string): ResearchTable =>
  parseResearchTable({ file: `${id}.yaml`, text: readFileSync(repositoryFile(`tables/${id}.yaml`), "utf8") });
