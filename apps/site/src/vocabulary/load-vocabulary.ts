/**
 * A vocabulary download becomes a schema of the store, all of it or nothing.
 *
 * The files are read by the engine set-wise, so memory is the engine's limit whatever their size. Checks come after reading and before
 * anything is kept; the new vocabulary then waits as a candidate until it is accepted, because it can change what mappings and cohorts
 * mean. The first one of a store has nothing to change and is accepted at once.
 */

import { rm, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { OmopTable } from "@dure/clinical";
import { type Clock, DureError, type Problem } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, sql } from "../store/clinical-sql.ts";
import type { ClinicalStore } from "../store/clinical-store.ts";
import { createCodeResolution } from "./code-resolution-sql.ts";
import { addLocalConcepts, carryLocalConcepts } from "./local-concepts.ts";
import { unpackVocabulary } from "./unpack-vocabulary.ts";
import { checkVocabulary, readVocabularyVersion } from "./vocabulary-checks.ts";
import {
  findVocabularyFiles,
  readForm,
  selectFile,
  type VocabularyFile,
  type VocabularyFileForm,
  type VocabularyFolder,
} from "./vocabulary-files.ts";
import { asWarning, badRow, missingFile, notThere, notUtf8 } from "./vocabulary-problems.ts";
import {
  ensureVocabularyBookkeeping,
  findVocabulary,
  listVocabularies,
  NO_VERSION,
  type VocabularyState,
  vocabularySchema,
} from "./vocabulary-store.ts";
import { addOwnConcepts, createVocabularyTable, vocabularyTables } from "./vocabulary-tables.ts";

export interface VocabularyLoad {
  readonly store: ClinicalStore;
  /** The zip from Athena, or a folder with its files. */
  readonly path: string;
  /** A shard, as test data have: tables and concepts may be missing, and are then told as warnings. */
  readonly isPart?: boolean;
  /** Vocabularies that this hospital does without: their absence is no problem. */
  readonly without?: readonly string[];
  /** A folder with the site's own concepts (ids from 2,000,100,000), in the same form; else those of the vocabulary in use are kept. */
  readonly localPath?: string;
  readonly clock: Clock;
  readonly onProgress?: (progress: VocabularyProgress) => void;
  readonly signal?: AbortSignal;
}

/** Bytes of the files, or tables; `of` is the whole. */
export interface VocabularyProgress {
  readonly step: "unpacking" | "reading" | "checking" | "resolving";
  readonly item: string;
  readonly done: number;
  readonly of: number;
}

export interface VocabularyReport {
  readonly number: number;
  readonly version: string;
  readonly state: VocabularyState;
  readonly loadedAtMs: number;
  readonly rowsByTable: Readonly<Partial<Record<OmopTable, number>>>;
  /** By vocabulary_id; those listed without concepts too. */
  readonly vocabularies: readonly VocabularyCount[];
  /** The site's own concepts and this program's, from 2,000,000,000 on. */
  readonly localConceptCount: number;
  readonly warnings: readonly Problem[];
}

export interface VocabularyCount {
  readonly vocabulary: string;
  readonly version: string | null;
  readonly conceptCount: number;
  readonly standardCount: number;
}

/**
 * @throws DureError with every problem found; the store is then as before, also after an abort (looked for between files).
 * Disclosure: public vocabularies only. Time: about linear in the files; memory: the engine's limit.
 */
export async function loadVocabulary(load: VocabularyLoad): Promise<VocabularyReport> {
  const scratch = `${load.store.path}.vocabulary`;
  try {
    await rm(scratch, { recursive: true, force: true }); // left by a process that was killed
    const folder = await openFolder(load, scratch);
    const local = load.localPath === undefined ? undefined : await planFiles(await findVocabularyFiles(load.localPath));
    const plan = await planFiles(folder);
    const problems = [...plan.problems, ...(local?.problems ?? []), ...missingFiles(load, plan.files)];
    if (problems.some(({ severity }) => severity === "error")) throw new DureError(problems);
    const planned = { ...load, files: plan.files, cpt4List: plan.cpt4List, local: local?.files, warnings: problems };
    const paths = [...plan.files, ...(plan.cpt4List === undefined ? [] : [plan.cpt4List]), ...(local?.files ?? [])].map(({ path }) => path);
    return await load.store.load(paths, async (session) => ({ keep: true, result: await readVocabulary(session, planned) }));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A file and how to read it. */
export type PlannedFile = VocabularyFile & { readonly form: VocabularyFileForm };

async function openFolder({ path, onProgress, signal }: VocabularyLoad, scratch: string): Promise<VocabularyFolder> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new DureError(notThere(path), { cause });
  });
  if (found.isDirectory()) return findVocabularyFiles(path);
  await unpackVocabulary(path, {
    into: scratch,
    onProgress: (done, of) => onProgress?.({ step: "unpacking", item: basename(path), done, of }),
    ...(signal === undefined ? {} : { signal }),
  });
  return findVocabularyFiles(scratch);
}

async function planFiles({ files, cpt4List }: VocabularyFolder) {
  const problems: Problem[] = [];
  const planned: PlannedFile[] = [];
  for (const file of files) {
    const { form, problems: found } = await readForm(file);
    planned.push({ ...file, form });
    problems.push(...found);
  }
  const list = cpt4List === undefined ? undefined : { ...cpt4List, form: (await readForm(cpt4List)).form };
  return { files: planned, cpt4List: list, problems };
}

/** Without these three there is no vocabulary; the others are missing from a shard at times. */
const ALWAYS_NEEDED: readonly OmopTable[] = ["concept", "concept_relationship", "vocabulary"];
/** SOURCE_TO_CONCEPT_MAP is a hospital's, Athena has none. */
const NEVER_NEEDED: readonly OmopTable[] = ["source_to_concept_map"];

function missingFiles({ path, isPart }: VocabularyLoad, files: readonly PlannedFile[]): readonly Problem[] {
  const missing = vocabularyTables.filter((table) => !NEVER_NEEDED.includes(table) && !files.some((file) => file.table === table));
  return missing.map((table) => {
    const problem = missingFile(path, table);
    return isPart === true && !ALWAYS_NEEDED.includes(table) ? asWarning(problem) : problem;
  });
}

/** The download's own checks come before the site's concepts are added, so that each problem names its own file. */
async function readVocabulary(session: SqlSession, plan: PlannedLoad): Promise<VocabularyReport> {
  await ensureVocabularyBookkeeping(session);
  const current = await findVocabulary(session, "current");
  await dropCandidate(session);
  const number = 1 + Math.max(0, ...(await listVocabularies(session)).map((stored) => stored.number));
  const schema = vocabularySchema(number);
  await session.run(sql`CREATE SCHEMA ${identifier(schema)}`);
  await readTables(session, schema, plan);
  plan.onProgress?.({ step: "checking", item: "", done: 0, of: 1 });
  const problems = [
    ...plan.warnings,
    ...(await checkVocabulary(session, schema, { ...plan, currentVersion: current?.version ?? NO_VERSION })),
  ];
  if (problems.some(({ severity }) => severity === "error")) throw new DureError(problems);
  if (plan.local !== undefined) await addLocalConcepts(session, schema, plan.local);
  else if (current !== undefined) await carryLocalConcepts(session, current.schema, schema);
  await addOwnConcepts(session, schema);
  plan.signal?.throwIfAborted();
  plan.onProgress?.({ step: "resolving", item: "", done: 0, of: 1 });
  await createCodeResolution(session, schema);
  plan.signal?.throwIfAborted();
  const isFirst = current === undefined || current.version === NO_VERSION;
  const report = await makeReport(session, schema, { plan, number, state: isFirst ? "current" : "candidate", warnings: problems });
  if (isFirst) await session.run(sql`UPDATE dure.vocabulary SET state = 'former' WHERE state = 'current'`);
  await session.run(
    sql`INSERT INTO dure.vocabulary VALUES (${integer(number)}, ${report.version}, ${report.state}, ${JSON.stringify(report)})`,
  );
  return report;
}

interface PlannedLoad extends VocabularyLoad {
  readonly files: readonly PlannedFile[];
  readonly cpt4List: PlannedFile | undefined;
  readonly local: readonly PlannedFile[] | undefined;
  readonly warnings: readonly Problem[];
}

async function dropCandidate(session: SqlSession): Promise<void> {
  const candidate = await findVocabulary(session, "candidate");
  if (candidate === undefined) return;
  await session.run(sql`DROP SCHEMA ${identifier(candidate.schema)} CASCADE`);
  await session.run(sql`DELETE FROM dure.vocabulary WHERE number = ${integer(candidate.number)}`);
}

/** Concepts and relations are kept in the order of ids: look-ups by id then read few blocks. */
async function readTables(session: SqlSession, schema: string, { files, onProgress, signal }: PlannedLoad): Promise<void> {
  const of = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const table of vocabularyTables) {
    signal?.throwIfAborted();
    const file = files.find((candidate) => candidate.table === table);
    if (file === undefined) await session.run(createVocabularyTable(schema, table));
    else {
      onProgress?.({ step: "reading", item: basename(file.path), done, of });
      const order = table === "concept" ? sql`ORDER BY concept_id` : table === "concept_relationship" ? sql`ORDER BY concept_id_1` : sql``;
      await readingFile(
        file,
        session.run(sql`CREATE TABLE ${identifier(schema)}.${identifier(table)} AS ${selectFile(file, file.form)} ${order}`),
      );
      done += file.bytes;
    }
  }
}

/** The engine's message quotes the line; only its number goes on. */
async function readingFile(file: VocabularyFile, work: Promise<void>): Promise<void> {
  await work.catch((cause: unknown) => {
    if (!(cause instanceof Error) || !/^Invalid Input Error|^Conversion Error/.test(cause.message)) throw cause;
    if (/unicode|utf-?8/i.test(cause.message)) throw new DureError(notUtf8(file.path), { cause });
    const line = /CSV Error on Line: (\d+)/.exec(cause.message)?.[1];
    throw new DureError(badRow(file.path, line === undefined ? undefined : Number(line)), { cause });
  });
}

interface Outcome {
  readonly plan: PlannedLoad;
  readonly number: number;
  readonly state: VocabularyState;
  readonly warnings: readonly Problem[];
}

async function makeReport(session: SqlSession, schema: string, { plan, number, state, warnings }: Outcome): Promise<VocabularyReport> {
  const at = identifier(schema);
  const rowsByTable: Partial<Record<OmopTable, number>> = {};
  for (const table of vocabularyTables) rowsByTable[table] = await session.count(sql`SELECT count(*) FROM ${at}.${identifier(table)}`);
  const vocabularies = await session.rows(sql`
    SELECT coalesce(v.vocabulary_id, c.vocabulary_id) AS id, v.vocabulary_version, coalesce(c.n, 0), coalesce(c.standard, 0)
    FROM ${at}.vocabulary v FULL JOIN (
      SELECT vocabulary_id, count(*) AS n, count(*) FILTER (WHERE standard_concept = 'S') AS standard FROM ${at}.concept GROUP BY vocabulary_id) c
      ON c.vocabulary_id = v.vocabulary_id ORDER BY id`);
  return {
    number,
    version: (await readVocabularyVersion(session, schema)) ?? "unknown",
    state,
    loadedAtMs: plan.clock.nowMs(),
    rowsByTable,
    vocabularies: vocabularies.map(([vocabulary, version, conceptCount, standardCount]) => ({
      ...{ vocabulary: String(vocabulary), version: version === null || version === undefined ? null : String(version) },
      ...{ conceptCount: Number(conceptCount), standardCount: Number(standardCount) },
    })),
    localConceptCount: await session.count(sql`SELECT count(*) FROM ${at}.concept WHERE concept_id >= 2000000000`),
    warnings,
  };
}
