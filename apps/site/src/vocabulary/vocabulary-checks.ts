/**
 * Is this a whole vocabulary, of one release, as Athena gives it? Each way in which downloads are known to be wrong has a check.
 *
 * Sources: OHDSI/Athena issues 433 (CPT4 chosen, no rows) and 442; OHDSI/Vocabulary-v5.0 issues 235 (CONCEPT.csv ends at R), 366, 749.
 */

import { LOCAL_CONCEPT_ID_MIN, type OmopTable, omopFields } from "@dure/clinical";
import type { Problem } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, sql } from "../store/clinical-sql.ts";
import { selectFile, type VocabularyFile, type VocabularyFileForm } from "./vocabulary-files.ts";
import {
  asWarning,
  badCells,
  cpt4NotCompleted,
  duplicateConcepts,
  licenceGap,
  missingConcepts,
  missingVocabulary,
  mixedReleases,
  notLocal,
  noVersion,
  olderThanCurrent,
} from "./vocabulary-problems.ts";
import { OWN_VOCABULARY, vocabularyTables } from "./vocabulary-tables.ts";

/** Standard concepts of conditions, drugs, laboratory tests and units: OMOP cannot be filled without them. */
const ESSENTIAL_VOCABULARIES = ["SNOMED", "RxNorm", "LOINC", "UCUM"] as const;

/** Athena gives their concepts only to those who show a licence. */
const LICENSED_VOCABULARIES: ReadonlySet<string> = new Set(["CPT4", "MedDRA", "GPI", "Indication", "ETC", "GCN_SEQNO", "Multilex"]);

/** Codes for a coming year are published some months ahead. */
const AHEAD_OF_RELEASE_DAYS_MAX = 366;

export interface CheckPlan {
  readonly isPart?: boolean;
  readonly without?: readonly string[];
  readonly cpt4List: (VocabularyFile & { readonly form: VocabularyFileForm }) | undefined;
  readonly currentVersion: string;
  readonly signal?: AbortSignal;
}

/** In a part of a vocabulary, what is missing is told as a warning. Set-wise: a pass over each table. */
export async function checkVocabulary(session: SqlSession, schema: string, plan: CheckPlan): Promise<readonly Problem[]> {
  const unreadable = await unreadableCells(session, schema);
  if (unreadable.length > 0) return unreadable; // every other count would be wrong
  const version = await readVocabularyVersion(session, schema);
  const isShard = plan.isPart === true || (await saysThatItIsAPart(session, schema));
  plan.signal?.throwIfAborted();
  const gaps = [
    ...(version === undefined ? [noVersion()] : []),
    ...(await missingVocabularies(session, schema, plan)),
    ...(await missingReferences(session, schema, plan)),
  ];
  return [
    ...(isShard ? gaps.map(asWarning) : gaps),
    ...(await contradictions(session, schema, version)),
    ...(await licenceGaps(session, schema, plan)),
    ...(version !== undefined && isOlder(version, plan.currentVersion) ? [olderThanCurrent(version, plan.currentVersion)] : []),
  ];
}

export async function readVocabularyVersion(session: SqlSession, schema: string): Promise<string | undefined> {
  const rows = await session.rows(sql`
    SELECT vocabulary_version FROM ${identifier(schema)}.vocabulary WHERE vocabulary_id = 'None' AND vocabulary_version IS NOT NULL LIMIT 1`);
  return rows[0]?.[0] === undefined ? undefined : String(rows[0][0]);
}

/** `v5.0 27-FEB-26`: the ISO day of the release, or undefined for a version that does not say it. */
function releaseDay(version: string): string | undefined {
  const found = /(\d{2})-([A-Z]{3})-(\d{2})/.exec(version);
  const month = MONTHS.indexOf(found?.[2] ?? "") + 1;
  if (found === null || month === 0) return undefined;
  return `20${found[3]}-${String(month).padStart(2, "0")}-${found[1]}`;
}

const MONTHS: readonly string[] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

function isOlder(version: string, current: string): boolean {
  const [day, currentDay] = [releaseDay(version), releaseDay(current)];
  return day !== undefined && currentDay !== undefined && day < currentDay;
}

/** The loader reads what is no number or day as NULL; texts may be empty. */
async function unreadableCells(session: SqlSession, schema: string): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const table of vocabularyTables) {
    const columns = omopFields(table).filter(([, { required, type }]) => required && (type === "integer" || type === "date"));
    if (columns.length === 0) continue;
    const counts = join(columns.map(([name]) => sql`count(*) FILTER (WHERE ${identifier(name)} IS NULL)`));
    const [row = []] = await session.rows(sql`SELECT ${counts} FROM ${identifier(schema)}.${identifier(table)}`);
    columns.forEach(([name], i) => {
      if (Number(row[i] ?? 0) > 0) problems.push(badCells(`${table.toUpperCase()}.csv`, name, Number(row[i])));
    });
  }
  return problems;
}

async function saysThatItIsAPart(session: SqlSession, schema: string): Promise<boolean> {
  return (
    (await session.count(sql`
      SELECT count(*) FROM ${identifier(schema)}.vocabulary WHERE vocabulary_id = 'None' AND concat(vocabulary_name, vocabulary_reference) ILIKE '%shard%'`)) >
    0
  );
}

async function missingVocabularies(session: SqlSession, schema: string, { without, cpt4List }: CheckPlan): Promise<readonly Problem[]> {
  const rows = await session.rows(sql`SELECT DISTINCT vocabulary_id FROM ${identifier(schema)}.concept`);
  const present = new Set([...rows.map(([vocabulary]) => String(vocabulary)), ...(without ?? [])]);
  return [
    ...ESSENTIAL_VOCABULARIES.filter((vocabulary) => !present.has(vocabulary)).map(missingVocabulary),
    ...(cpt4List !== undefined && !present.has("CPT4") ? [cpt4NotCompleted()] : []),
  ];
}

const REFERENCES: readonly (readonly [table: OmopTable, column: string])[] = [
  ["concept_relationship", "concept_id_1"],
  ["concept_relationship", "concept_id_2"],
  ["concept_ancestor", "ancestor_concept_id"],
  ["concept_ancestor", "descendant_concept_id"],
];

/** Concepts of CPT4 that wait for their licence are known, though not there. */
async function missingReferences(session: SqlSession, schema: string, { cpt4List }: CheckPlan): Promise<readonly Problem[]> {
  const at = identifier(schema);
  const waiting = cpt4List === undefined ? sql`` : sql`UNION ALL SELECT concept_id FROM (${selectFile(cpt4List, cpt4List.form)})`;
  await session.run(sql`CREATE OR REPLACE TEMP TABLE known_concept AS SELECT concept_id FROM ${at}.concept ${waiting}`);
  const problems: Problem[] = [];
  for (const [table, column] of REFERENCES) {
    const count = await session.count(sql`
      SELECT count(*) FROM ${at}.${identifier(table)} r ANTI JOIN known_concept k ON k.concept_id = r.${identifier(column)}`);
    if (count > 0) problems.push(missingConcepts(table, column, count));
  }
  await session.run(sql`DROP TABLE known_concept`);
  return problems;
}

async function contradictions(session: SqlSession, schema: string, version: string | undefined): Promise<readonly Problem[]> {
  const at = identifier(schema);
  const duplicates = await session.count(
    sql`SELECT count(*) FROM (SELECT concept_id FROM ${at}.concept GROUP BY concept_id HAVING count(*) > 1)`,
  );
  const taken = await session.count(sql`
    SELECT count(*) FROM ${at}.concept WHERE concept_id >= ${integer(LOCAL_CONCEPT_ID_MIN)} AND concept_id < ${integer(LOCAL_CONCEPT_ID_MIN + 100_000)}
      AND vocabulary_id <> ${OWN_VOCABULARY}`);
  const day = version === undefined ? undefined : releaseDay(version);
  const mixed: Problem[] = [];
  for (const table of day === undefined ? [] : (["concept", "concept_relationship"] as const)) {
    const late = await session.count(sql`
      SELECT count(*) FROM (SELECT 1 FROM ${at}.${identifier(table)}
        WHERE valid_start_date > ${day ?? ""}::DATE + ${AHEAD_OF_RELEASE_DAYS_MAX}::INTEGER LIMIT 1)`);
    if (late > 0 && version !== undefined) mixed.push(mixedReleases(`${table.toUpperCase()}.csv`, version));
  }
  return [...(duplicates > 0 ? [duplicateConcepts(duplicates)] : []), ...(taken > 0 ? [notLocal(taken)] : []), ...mixed];
}

async function licenceGaps(session: SqlSession, schema: string, { without }: CheckPlan): Promise<readonly Problem[]> {
  const at = identifier(schema);
  const rows = await session.rows(sql`
    SELECT vocabulary_id FROM ${at}.vocabulary v WHERE NOT EXISTS (FROM ${at}.concept c WHERE c.vocabulary_id = v.vocabulary_id) ORDER BY 1`);
  const empty = rows
    .map(([vocabulary]) => String(vocabulary))
    .filter((name) => LICENSED_VOCABULARIES.has(name) && !without?.includes(name));
  return empty.length === 0 ? [] : [licenceGap(empty)];
}
