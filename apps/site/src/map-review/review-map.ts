/** What people do with a list of codes: bring it in, let targets be suggested, exchange it, and put what was approved to use. */

import type { Equivalence } from "@dure/clinical";
import {
  type ConceptMapRow,
  type MappingType,
  type ReviewedCode,
  type ReviewedTarget,
  readConceptMap,
  readUsagiCsv,
  writeConceptMap,
  writeUsagiCsv,
} from "@dure/clinical/vocabulary";
import { type Clock, DureError, type Problem, text } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, join, sql } from "../store/clinical-sql.ts";
import type { ClinicalStore } from "../store/clinical-store.ts";
import { ensureSiteMap, SITE_MAP, siteMapFaults } from "../vocabulary/site-map.ts";
import { ensureVocabulary } from "../vocabulary/vocabulary-store.ts";
import type { ListedCode, ReviewStore } from "./review-store.ts";
import { ensureTermIndex, type Suggestion, suggestConcepts } from "./suggest.ts";

export type MapFormat = "usagi" | "source-to-concept-map";

/** Codes compared with the vocabulary at a time: some tens of thousands of shared words. */
const BATCH_CODES = 500;
/** A worklist that is suggested for in one go; the rest in the next. */
const CODES_MAX = 200_000;
const SUGGESTIONS_PER_CODE = 5;
/** Below this a suggestion misleads more than it helps. */
const SCORE_MIN = 0.3;
const ALWAYS = { start: "1970-01-01", end: "2099-12-31" } as const;
const SUGGESTER = "dure";

export interface SuggestWork {
  readonly store: ClinicalStore;
  readonly reviews: ReviewStore;
  readonly list: string;
  readonly domain?: string;
  readonly clock: Clock;
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Suggests targets for every unchecked code without one, the most frequent first. Equal names become AUTO_MAPPED, the rest stays UNCHECKED;
 * nothing maps a row before somebody approves it. Kept as it goes: what is cancelled goes on at the next call.
 * @throws DureError `map/unknown-list`, `map/list-not-begun`
 */
export async function suggestForList(work: SuggestWork): Promise<{ readonly codes: number; readonly suggested: number }> {
  const { store, reviews, list, clock, signal } = work;
  reviews.progressOf(list);
  const open = reviews
    .codes(list, { status: "UNCHECKED", limit: CODES_MAX }, clock.nowMs())
    .filter(({ targets, autoAssigned, lockedBy }) => targets.length === 0 && autoAssigned.length === 0 && lockedBy === undefined);
  let suggested = 0;
  for (let start = 0; start < open.length; start += BATCH_CODES) {
    signal?.throwIfAborted();
    const batch = open.slice(start, start + BATCH_CODES);
    const found = await inVocabulary(store, (session, schema) =>
      suggestConcepts(session, batch.map(namesOf), {
        schema,
        perCode: SUGGESTIONS_PER_CODE,
        ...(work.domain === undefined ? {} : { domain: work.domain }),
      }),
    );
    for (const code of batch) {
      const suggestions = (found.get(code.code) ?? []).filter(({ score }) => score >= SCORE_MIN);
      if (suggestions.length > 0) suggested++;
      takeSuggestions(work, code, suggestions);
    }
    work.onProgress?.(Math.min(start + BATCH_CODES, open.length), open.length);
  }
  return { codes: open.length, suggested };
}

/** Concepts whose names resemble some words: for whoever looks for a better one. */
export const findConcepts = (store: ClinicalStore, words: string, perCode: number, domain?: string): Promise<readonly Suggestion[]> =>
  inVocabulary(store, async (session, schema) => {
    const asked = { code: "words", names: [words] };
    return (await suggestConcepts(session, [asked], { schema, perCode, ...(domain === undefined ? {} : { domain }) })).get("words") ?? [];
  });

/** The names index is kept with the vocabulary, so the first call of a vocabulary takes longer. */
const inVocabulary = <Result>(store: ClinicalStore, work: (session: SqlSession, schema: string) => Promise<Result>): Promise<Result> =>
  store.load([], async (session) => {
    const { schema } = await ensureVocabulary(session);
    await ensureTermIndex(session, schema);
    return { keep: true, result: await work(session, schema) };
  });

const namesOf = ({ code, name, info }: ListedCode) => ({ code, names: [name, ...Object.values(info)].filter((value) => value !== "") });

function takeSuggestions({ reviews, list, clock }: SuggestWork, code: ListedCode, suggestions: readonly Suggestion[]): void {
  const [best] = suggestions;
  const nowMs = clock.nowMs();
  const change = {
    autoAssigned: suggestions.map(({ conceptId }) => conceptId),
    matchScore: best?.score ?? 0,
    targets: best === undefined ? [] : [targetOf(best.conceptId, best.conceptName, best.domain, SUGGESTER, nowMs)],
    ...(best?.score === 1 ? { status: "AUTO_MAPPED" as const } : {}),
  };
  reviews.decide({ list, code: code.code, revision: code.revision, by: SUGGESTER, nowMs, change });
}

const targetOf = (conceptId: number, conceptName: string, domain: string, createdBy: string, createdOnMs: number): ReviewedTarget => ({
  conceptId,
  mappingType: "MAPS_TO",
  conceptName,
  domain,
  createdBy,
  createdOnMs,
});

/** Targets by id, with what the vocabulary says of them. @throws DureError `map/non-standard-target` or `map/unknown-concept`, each naming ids to take instead */
export async function findTargets(
  store: ClinicalStore,
  conceptIds: readonly number[],
  by: string,
  nowMs: number,
): Promise<readonly ReviewedTarget[]> {
  const rows = await inVocabulary(store, (session, schema) =>
    session.rows(sql`
      SELECT c.concept_id, c.concept_name, c.domain_id, (c.standard_concept = 'S' OR c.vocabulary_id = 'Dure') AND c.invalid_reason IS NULL,
        coalesce((SELECT string_agg(DISTINCT r.target_concept_id::VARCHAR, ', ') FROM ${identifier(schema)}.code_resolution r
          WHERE r.vocabulary_id = c.vocabulary_id AND r.concept_code = c.concept_code AND r.relation = 'event'), '')
      FROM ${identifier(schema)}.concept c WHERE c.concept_id IN (${join(conceptIds.map((id) => sql`${id}::INTEGER`))})`),
  );
  const found = new Map(rows.map((row) => [Number(row[0]), row]));
  const problems = conceptIds.flatMap((id): Problem[] => {
    const row = found.get(id);
    if (row === undefined) return [unknownConcept(id)];
    return row[3] === true ? [] : [nonStandard(id, String(row[4]))];
  });
  if (problems.length > 0) throw new DureError(problems);
  return conceptIds.map((id) => targetOf(id, String(found.get(id)?.[1]), String(found.get(id)?.[2]), by, nowMs));
}

/**
 * What is approved maps from the next load on; what is ignored is known to have no target. Rows of this list that stood in the map are replaced.
 * @throws DureError `map/unknown-list`, `map/list-not-begun`; `map/non-standard-target` with every concept that the vocabulary in use does not
 * take; the map is then as before
 */
export async function publishList(
  store: ClinicalStore,
  reviews: ReviewStore,
  list: string,
  nowMs: number,
): Promise<{ readonly rows: number }> {
  reviews.progressOf(list);
  const rows = reviews.codes(list, { limit: CODES_MAX }, nowMs).flatMap((code) => siteMapRows(code));
  return store.load([], async (session) => {
    const { schema } = await ensureVocabulary(session);
    await ensureSiteMap(session);
    await session.run(sql`DELETE FROM ${SITE_MAP} WHERE source_vocabulary_id = ${list}`);
    await session.run(sql`
      CREATE TEMP TABLE publishing (source_code VARCHAR, description VARCHAR, target INTEGER, valid_start DATE, valid_end DATE, relation VARCHAR, equivalence VARCHAR)`);
    await session.append("publishing", ["text", "text", "integer", "date", "date", "text", "text"], rows);
    await session.run(sql`
      INSERT INTO ${SITE_MAP} (source_code, source_concept_id, source_vocabulary_id, source_code_description, target_concept_id, target_vocabulary_id,
        valid_start_date, valid_end_date, invalid_reason, relation, equivalence)
      SELECT p.source_code, 0, ${list}, p.description, p.target, coalesce(c.vocabulary_id, 'None'), p.valid_start, p.valid_end, NULL, p.relation, p.equivalence
      FROM publishing p LEFT JOIN ${identifier(schema)}.concept c ON c.concept_id = p.target ORDER BY p.source_code, p.target`);
    await session.run(sql`DROP TABLE publishing`);
    const own = new Set(rows.map((row) => row[2]));
    const faults = (await siteMapFaults(session, schema)).filter(({ conceptId }) => own.has(conceptId));
    if (faults.length > 0) throw new DureError(faults.map(({ conceptId, instead }) => nonStandard(conceptId, instead.join(", "))));
    return { keep: true, result: { rows: rows.length } };
  });
}

type SiteMapRow = readonly [
  code: string,
  description: string,
  target: number,
  start: string,
  end: string,
  relation: string,
  equivalence: Equivalence,
];

const RELATIONS: Partial<Record<MappingType, string>> = {
  MAPS_TO: "event",
  MAPS_TO_VALUE: "value",
  MAPS_TO_UNIT: "unit",
  MAPS_TO_OPERATOR: "operator",
};

function siteMapRows({ code, name, status, equivalence, targets }: ReviewedCode): readonly SiteMapRow[] {
  if (status === "IGNORED") return [[code, name, 0, ALWAYS.start, ALWAYS.end, "event", "UNMATCHED"]];
  if (status !== "APPROVED") return [];
  return targets.flatMap(({ conceptId, mappingType, validStart = ALWAYS.start, validEnd = ALWAYS.end }): SiteMapRow[] => {
    const relation = RELATIONS[mappingType];
    return relation === undefined ? [] : [[code, name, conceptId, validStart, validEnd, relation, equivalence]];
  });
}

/** Of approved codes only, for the second format. @throws DureError `map/unknown-list`, `map/list-not-begun` */
export function exportList(reviews: ReviewStore, list: string, format: MapFormat, nowMs: number): string {
  reviews.progressOf(list);
  const codes = reviews.codes(list, { limit: CODES_MAX }, nowMs);
  if (format === "usagi") return writeUsagiCsv(codes);
  const rows = codes.flatMap((code) =>
    siteMapRows(code).map(
      ([sourceCode, sourceCodeDescription, targetConceptId, validStart, validEnd]): ConceptMapRow => ({
        ...{ sourceCode, sourceConceptId: 0, sourceVocabulary: list, sourceCodeDescription, targetConceptId, targetVocabulary: "" },
        ...{ validStart, validEnd, invalidReason: "" },
      }),
    ),
  );
  return writeConceptMap(rows);
}

export interface Import {
  readonly list: string;
  readonly content: string;
  /** For problems. */
  readonly file: string;
  readonly format: MapFormat;
  readonly by: string;
  readonly nowMs: number;
}

/** @throws DureError with every problem of the file, by row; nothing is imported then */
export function importList(reviews: ReviewStore, { list, content, file, format, by, nowMs }: Import): { readonly codes: number } {
  const codes = format === "usagi" ? readUsagiCsv(content, file) : reviewedFromMap(readConceptMap(content, file), list, by, nowMs);
  reviews.importCodes(list, codes, by, nowMs);
  return { codes: codes.length };
}

/** A map that somebody else uses counts as approved. Rows of other lists, and withdrawn ones, are left out. */
function reviewedFromMap(rows: readonly ConceptMapRow[], list: string, by: string, nowMs: number): readonly ReviewedCode[] {
  const own = rows.filter(
    ({ sourceVocabulary, invalidReason }) => (sourceVocabulary === list || sourceVocabulary === "") && invalidReason === "",
  );
  return [...Map.groupBy(own, ({ sourceCode }) => sourceCode)].map(([code, ofCode]): ReviewedCode => {
    const targets = ofCode.filter(({ targetConceptId }) => targetConceptId !== 0);
    return {
      ...{ code, name: ofCode[0]?.sourceCodeDescription ?? "", frequency: 0, info: {}, matchScore: 0, autoAssigned: [] },
      ...{ status: targets.length === 0 ? ("IGNORED" as const) : ("APPROVED" as const), equivalence: "EQUIVALENT" as const },
      targets: targets.map(({ targetConceptId, validStart, validEnd }) => ({
        ...targetOf(targetConceptId, "", "", by, nowMs),
        validStart,
        validEnd,
      })),
      ...{ statusSetBy: by, statusSetOnMs: nowMs, comment: "", assignedReviewer: "" },
    };
  });
}

const nonStandard = (conceptId: number, instead: string): Problem => ({
  code: "map/non-standard-target",
  severity: "error",
  place: {},
  what: text(
    `Concept ${conceptId} is not a standard concept that is valid now, so no row may stand under it.`,
    `개념 ${conceptId}은(는) 현재 유효한 표준 개념이 아니므로 행의 개념으로 쓸 수 없습니다.`,
  ),
  remedy:
    instead === ""
      ? text("Choose a standard concept: `dure site map find`.", "표준 개념을 골라 주십시오: `dure site map find`.")
      : text(`Take ${instead} instead, to which the vocabulary maps it.`, `어휘에서 연결된 ${instead}을(를) 대신 사용해 주십시오.`),
});

const unknownConcept = (conceptId: number): Problem => ({
  code: "map/unknown-concept",
  severity: "error",
  place: {},
  what: text(`The vocabulary in use has no concept ${conceptId}.`, `사용 중인 어휘에 개념 ${conceptId}이(가) 없습니다.`),
  remedy: text(
    "Check the number, or load a vocabulary that has it: `dure site vocabulary load`.",
    "번호를 확인하거나, 그 개념이 있는 어휘를 적재해 주십시오: `dure site vocabulary load`.",
  ),
});
