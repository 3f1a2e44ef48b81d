/** The vocabulary commands of a site's folder: load, what is there, what would change, accept. */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { conceptsInText, type DocumentConcept } from "@dure/clinical/vocabulary";
import { type Clock, DureError, text } from "@dure/kernel";
import { readSettings, sitePaths } from "../home/site-home.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, sql } from "../store/clinical-sql.ts";
import type { ClinicalStore } from "../store/clinical-store.ts";
import { openClinicalStoreWaiting } from "../store/open-clinical-store.ts";
import { loadVocabulary, type VocabularyLoad, type VocabularyReport } from "./load-vocabulary.ts";
import { type SiteMapFault, siteMapFaults } from "./site-map.ts";
import { compareVocabularies, type VocabularyDifference } from "./vocabulary-difference.ts";
import { noCandidate } from "./vocabulary-problems.ts";
import { dropUnusedVocabularies, findVocabulary, listVocabularies, type StoredVocabulary, snapshotsOf } from "./vocabulary-store.ts";

export interface HomeVocabulary {
  readonly home: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

export interface VocabularyStatus extends StoredVocabulary {
  readonly conceptCount: number;
  readonly loadedAtMs: number | null;
  /** Numbers of the kept snapshots that look into it. */
  readonly snapshots: readonly number[];
}

export interface VocabularyAcceptance {
  readonly accepted: StoredVocabulary;
  readonly before: StoredVocabulary | null;
  /** The next load refuses these until the map is changed. */
  readonly siteMap: readonly SiteMapFault[];
  /** Numbers of vocabularies that nothing looked into any more. */
  readonly dropped: readonly number[];
}

/** As `loadVocabulary`, into a site's store. */
export const loadVocabularyIntoHome = (
  load: HomeVocabulary & Pick<VocabularyLoad, "path" | "isPart" | "without" | "localPath" | "onProgress">,
): Promise<VocabularyReport> => withStore(load, (store) => loadVocabulary({ ...load, store }));

export const vocabularyStatus = (home: HomeVocabulary): Promise<readonly VocabularyStatus[]> =>
  withStore(home, (store) => looking(store, readStatus));

/**
 * @param documents paths of mappings, research tables and cohorts
 * @throws DureError `vocabulary/no-candidate`, `vocabulary/document-unreadable`
 */
export function vocabularyDifference(home: HomeVocabulary, documents: readonly string[]): Promise<VocabularyDifference> {
  const compared = documents.map((path) => ({ name: basename(path), concepts: readConcepts(path) }));
  return withStore(home, (store) => looking(store, (session) => compareVocabularies(session, compared)));
}

/** The next load builds on the candidate. Kept snapshots stay on the vocabulary that they were built with. */
export const acceptVocabulary = (home: HomeVocabulary): Promise<VocabularyAcceptance> =>
  withStore(home, (store) => store.load([], async (session) => ({ keep: true, result: await accept(session) })));

async function accept(session: SqlSession): Promise<VocabularyAcceptance> {
  const [before, candidate] = [await findVocabulary(session, "current"), await findVocabulary(session, "candidate")];
  if (candidate === undefined) throw new DureError(noCandidate());
  await session.run(sql`UPDATE dure.vocabulary SET state = 'former' WHERE state = 'current'`);
  await session.run(sql`UPDATE dure.vocabulary SET state = 'current' WHERE number = ${integer(candidate.number)}`);
  return {
    accepted: { ...candidate, state: "current" },
    before: before === undefined ? null : { ...before, state: "former" },
    siteMap: await siteMapFaults(session, candidate.schema),
    dropped: await dropUnusedVocabularies(session),
  };
}

async function readStatus(session: SqlSession): Promise<readonly VocabularyStatus[]> {
  const status: VocabularyStatus[] = [];
  for (const vocabulary of await listVocabularies(session)) {
    const [row = []] = await session.rows(sql`
      SELECT (report::JSON->>'loadedAtMs')::BIGINT FROM dure.vocabulary WHERE number = ${integer(vocabulary.number)}`);
    status.push({
      ...vocabulary,
      conceptCount: await countConcepts(session, vocabulary.schema),
      loadedAtMs: row[0] === null || row[0] === undefined ? null : Number(row[0]),
      snapshots: await snapshotsOf(session, vocabulary.schema),
    });
  }
  return status;
}

const countConcepts = (session: SqlSession, schema: string): Promise<number> =>
  session.count(sql`SELECT count(*) FROM ${identifier(schema)}.concept`);

/** Vocabularies stand where loads are made, which with PostgreSQL is not where readings go. */
const looking = <Result>(store: ClinicalStore, work: (session: SqlSession) => Promise<Result>): Promise<Result> =>
  store.load([], async (session) => ({ keep: false, result: await work(session) }));

async function withStore<Result>(
  { home, clock, signal }: HomeVocabulary,
  work: (store: ClinicalStore) => Promise<Result>,
): Promise<Result> {
  readSettings(home); // a folder of no site is refused before a store is made in it
  const store = await openClinicalStoreWaiting(sitePaths(home).clinical, clock, signal);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

function readConcepts(path: string): readonly DocumentConcept[] {
  try {
    return conceptsInText(readFileSync(path, "utf8"));
  } catch (cause) {
    const problem = {
      code: "vocabulary/document-unreadable",
      severity: "error" as const,
      place: { file: path },
      what: text("the document is not there, or is neither YAML nor JSON.", "문서가 없거나 YAML도 JSON도 아닙니다."),
      remedy: text(
        "Give mappings, research tables or cohorts as they are kept.",
        "보관 중인 매핑, 연구 테이블, 코호트 문서를 그대로 지정하십시오.",
      ),
    };
    throw new DureError(problem, { cause });
  }
}
