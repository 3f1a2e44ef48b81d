/**
 * A load: contributors fill the next numbered snapshot of the store, or nothing changes.
 *
 * Everything happens inside one transaction: the tables, each contributor's rows, observation periods, eras, what the snapshot says of
 * itself, its hash. A process that is killed at any moment leaves the previous snapshot. A load whose rows equal those of the last
 * snapshot makes none: loading the same export twice is loading it once.
 */

import type { OmopTable } from "@dure/clinical";
import { assert, type Clock, type Sha256 } from "@dure/kernel";
import { createSnapshot, describeSnapshot, type SnapshotSource } from "../ingest/create-snapshot.ts";
import type { LoadReport } from "../ingest/load-report.ts";
import { openPersonKeys, type PersonKeyTable } from "../ingest/person-keys.ts";
import { hashSnapshot } from "../ingest/snapshot-hash.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, sql } from "../store/clinical-sql.ts";
import { type ClinicalStore, type Commit, SNAPSHOTS_KEPT, snapshotSchema } from "../store/clinical-store.ts";
import { copySiteMap } from "../vocabulary/site-map.ts";
import { codeLookup, dropUnusedVocabularies, ensureVocabulary } from "../vocabulary/vocabulary-store.ts";
import type { Contributor, LoadProgress, SnapshotContext } from "./contributor.ts";
import type { ContributorReport } from "./contributor-report.ts";
import { buildEras, countEras } from "./eras-sql.ts";
import { countFollowUp } from "./follow-up-sql.ts";
import { checkMappedShares, type MinimumMappedShare } from "./mapped-share.ts";
import { buildPeriods, type ObservationPeriodRule } from "./observation-periods.ts";
import { createUnmappedCodes, readUnmappedCodes, type UnmappedCode } from "./unmapped-codes.ts";

export interface SnapshotOptions {
  readonly keyTable: PersonKeyTable;
  /** Hospital numbers of patients who opted out: none of their rows enters the store. */
  readonly optOut?: readonly string[];
  readonly source: SnapshotSource;
  /** The mapping or the plan. */
  readonly document: LoadReport["mapping"];
  readonly parameters?: Readonly<Record<string, string>>;
  readonly periodRule: ObservationPeriodRule;
  /** ISO day on which the source was read; the day of the load where it is not given. */
  readonly exportDate?: string;
  /** `rebuilt` where it is not given: eras follow from the rows, and a source's own are left out. */
  readonly eras?: "rebuilt" | "of-the-source";
  readonly minimumMappedShare?: MinimumMappedShare;
  readonly personCountMin?: number;
  readonly clock: Clock;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Codes without a concept, the most frequent first; told also where the load then fails because too little was mapped. */
  readonly onUnmapped?: (codes: readonly UnmappedCode[]) => void;
  readonly signal?: AbortSignal;
}

/**
 * The folder for copies and what archives unpack to, one for all loads of a store: they hold cells in clear, and whichever load comes next
 * removes what a killed one left.
 */
export const loadScratchPath = ({ path }: Pick<ClinicalStore, "path">): string => `${path}.loading`;

/**
 * @throws DureError with the problems of the first contributor that has any, or `load/mapped-too-little`, `load/too-few-persons`;
 * the store is then as before. An abort leaves the store as before, too.
 * Disclosure: the report holds counts only, and stays at the site.
 */
export const buildSnapshot = (store: ClinicalStore, contributors: readonly Contributor[], options: SnapshotOptions): Promise<LoadReport> =>
  store.load(
    contributors.flatMap(({ filePaths }) => filePaths),
    (session) => build(session, contributors, options),
    { besideMb: Math.max(0, ...contributors.map(({ besideMb = 0 }) => besideMb)) },
  );

async function build(session: SqlSession, contributors: readonly Contributor[], options: SnapshotOptions): Promise<Commit<LoadReport>> {
  const loadedAtMs = options.clock.nowMs();
  await openPersonKeys(session, options.keyTable);
  const keysBefore = await countKeys(session);
  const vocabulary = await ensureVocabulary(session);
  const last = await lastSnapshot(session);
  const number = (last?.number ?? 0) + 1;
  const schema = snapshotSchema(number);
  await createSnapshot(session, schema, vocabulary);
  await copySiteMap(session, schema);
  await createUnmappedCodes(session);
  const context = contextOf(session, schema, options, await codeLookup(session));
  const contributed = await contributeAll(context, contributors);
  const reports = contributed.map(({ report }) => report);
  options.onUnmapped?.(await readUnmappedCodes(session));
  checkMappedShares(reports, options.minimumMappedShare, {
    personCount: await countRows(session, schema, "person"),
    personCountMin: options.personCountMin ?? 0,
  });
  const exportDate = options.exportDate ?? new Date(loadedAtMs).toISOString().slice(0, 10);
  const built = options.eras ?? "rebuilt";
  tell(options, "periods");
  const periods = await buildPeriods(session, { schema, rule: options.periodRule, exportDate, reports });
  tell(options, "eras");
  if (built === "rebuilt") await buildEras(session, schema);
  await describeSnapshot(session, schema, { ...options.source, loadedAtMs, exportDate, ruleText: periods.text, vocabulary });
  tell(options, "hashing");
  const snapshotHash = await hashSnapshot(session, schema, vocabulary.version);
  const isUnchanged = last?.hash === snapshotHash;
  const report: LoadReport = {
    snapshot: isUnchanged ? last.number : number,
    snapshotHash,
    unchanged: isUnchanged,
    mapping: options.document,
    parameters: options.parameters ?? {},
    loadedAtMs,
    personCount: await countRows(session, schema, "person"),
    newPersonCount: (await countKeys(session)) - keysBefore,
    files: reports.flatMap(({ files }) => files ?? []),
    contributors: reports.map(({ contributor, inputs, mapped, requirements }) => ({
      ...{ contributor, inputs, mapped },
      ...(requirements === undefined ? {} : { requirements }),
    })),
    personsOfSeveralContributors: contributed.reduce((sum, { doubledPersons }) => sum + doubledPersons, 0),
    observationPeriods: periods.report,
    periodEffect: periods.effect,
    eras: { built, ...(await countEras(session, schema)) },
    followUp: await countFollowUp(session, { schema, exportDate, rule: options.periodRule, deaths: contributed }),
    vocabularyVersion: vocabulary.version,
  };
  options.signal?.throwIfAborted();
  if (!isUnchanged) await recordSnapshot(session, report, number);
  return { keep: !isUnchanged, result: report };
}

function contextOf(session: SqlSession, schema: string, options: SnapshotOptions, codes: SnapshotContext["codes"]): SnapshotContext {
  const reserved = new Map<OmopTable, number>();
  const { keyTable, optOut = [], clock, onProgress, signal } = options;
  return {
    ...{ session, schema, keyTable, optOut, codes, clock },
    reserveIds: (table, count) => {
      const first = (reserved.get(table) ?? 0) + 1;
      assert(Number.isSafeInteger(first + count) && count >= 0, "row ids stay within 2^53");
      reserved.set(table, first - 1 + count);
      return first;
    },
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  };
}

export interface Contributed {
  readonly report: ContributorReport;
  /** Persons that an earlier contributor had brought. */
  readonly doubledPersons: number;
  /** Row numbers of DEATH: this contributor's are those above the first and up to the last. */
  readonly deathRows: readonly [after: bigint, upTo: bigint];
}

async function contributeAll(context: SnapshotContext, contributors: readonly Contributor[]): Promise<readonly Contributed[]> {
  const { session, schema, signal } = context;
  const contributed: Contributed[] = [];
  for (const contributor of contributors) {
    signal?.throwIfAborted();
    const standing = new Set(await temporaryTables(session));
    const [persons, deaths] = [await lastRow(session, schema, "person"), await lastRow(session, schema, "death")];
    const report = await contributor.contribute(context);
    for (const table of await temporaryTables(session)) if (!standing.has(table)) await session.run(sql`DROP TABLE ${identifier(table)}`);
    const doubledPersons = await dropDoubled(session, schema, "person", persons);
    await dropDoubled(session, schema, "death", deaths);
    contributed.push({ report, doubledPersons, deathRows: [deaths, await lastRow(session, schema, "death")] });
  }
  return contributed;
}

const temporaryTables = async (session: SqlSession): Promise<readonly string[]> =>
  (await session.rows(sql`SELECT table_name FROM duckdb_tables() WHERE temporary`)).map(([name]) => String(name));

/** Rows of an open transaction have numbers beyond 2^53. */
async function lastRow(session: SqlSession, schema: string, table: OmopTable): Promise<bigint> {
  const [[row] = []] = await session.rows(sql`SELECT coalesce(max(rowid), -1)::BIGINT FROM ${identifier(schema)}.${identifier(table)}`);
  assert(typeof row === "bigint", "a row number has 64 bits");
  return row;
}

/** PERSON and DEATH have one row a person: what an earlier contributor wrote stands. A source's own doubles are left for the quality checks. */
async function dropDoubled(session: SqlSession, schema: string, table: "person" | "death", after: bigint): Promise<number> {
  if (after < 0n) return 0;
  const rows = sql`${identifier(schema)}.${identifier(table)}`;
  const doubled = sql`rowid > ${integer(after)} AND person_id IN (SELECT person_id FROM ${rows} WHERE rowid <= ${integer(after)})`;
  const count = await session.count(sql`SELECT count(DISTINCT person_id) FROM ${rows} WHERE ${doubled}`);
  if (count > 0) await session.run(sql`DELETE FROM ${rows} WHERE ${doubled}`);
  return count;
}

function tell(options: SnapshotOptions, step: string): void {
  options.signal?.throwIfAborted();
  options.onProgress?.({ contributor: "snapshot", step, item: "", done: 0 });
}

const countKeys = (session: SqlSession): Promise<number> => session.count(sql`SELECT count(*) FROM person_key.link`);

const countRows = (session: SqlSession, schema: string, table: OmopTable): Promise<number> =>
  session.count(sql`SELECT count(*) FROM ${identifier(schema)}.${identifier(table)}`);

async function lastSnapshot(session: SqlSession): Promise<{ readonly number: number; readonly hash: Sha256 } | undefined> {
  const rows = await session.rows(sql`SELECT number, hash FROM dure.snapshot ORDER BY number DESC LIMIT 1`);
  const [number, hash] = rows[0] ?? [];
  return number === undefined ? undefined : { number: Number(number), hash: hash as Sha256 }; // written by `recordSnapshot`
}

async function recordSnapshot(session: SqlSession, report: LoadReport, number: number): Promise<void> {
  await session.run(sql`INSERT INTO dure.snapshot VALUES (${integer(number)}, ${report.snapshotHash}, ${JSON.stringify(report)})`);
  const old = await session.rows(sql`SELECT number FROM dure.snapshot WHERE number <= ${integer(number - SNAPSHOTS_KEPT)}`);
  for (const [oldNumber] of old) {
    await session.run(sql`DROP SCHEMA ${identifier(snapshotSchema(Number(oldNumber)))} CASCADE`);
    await session.run(sql`DELETE FROM dure.snapshot WHERE number = ${integer(Number(oldNumber))}`);
  }
  await dropUnusedVocabularies(session);
}
