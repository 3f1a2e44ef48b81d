/**
 * A load: a hospital's exports become the next numbered snapshot of its store, or nothing changes.
 *
 * All files are staged and checked first, then the rows are inserted, all inside one transaction. A load whose rows equal those of
 * the last snapshot makes none: loading the same export twice is loading it once.
 */

import { rm } from "node:fs/promises";
import { join as joinPath } from "node:path";
import type { Mapping, MappingRow, OmopTable } from "@dure/clinical";
import { assert, type Clock, DureError, hashJson, type JsonValue, type Problem, type Sha256 } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, type Sql, sql } from "../store/clinical-sql.ts";
import { type ClinicalStore, type Commit, SNAPSHOTS_KEPT, snapshotSchema } from "../store/clinical-store.ts";
import { createSnapshot } from "./create-snapshot.ts";
import type { ExcludedCount, FileReport, LoadReport, RuleReport, SensitiveCategories } from "./load-report.ts";
import { insertPeriods, PERIOD_REASONS, stagePeriods } from "./period-sql.ts";
import { openPersonKeys, type PersonKeyTable, resolvePersons } from "./person-keys.ts";
import { badParameter, unknownSensitiveFile } from "./problems.ts";
import { countExcluded, insertRows, planRule, reasonsOf } from "./rule-sql.ts";
import { hashSnapshot } from "./snapshot-hash.ts";
import { problemsOf, type StagedFile, type StagePlan, stageFile } from "./stage-file.ts";
import { type StagingNames, stagingNames } from "./staging-names.ts";

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
  const parameters = checkParameters(options);
  const { mapping, store } = options;
  const scratch: string[] = [];
  const scratchPath = `${store.path}.decoding`;
  const files = Object.values(mapping.files);
  const allowed = [...files.map(({ path }) => joinPath(options.directory, path)), ...files.map((_, i) => `${scratchPath}.${i}.csv`)];
  try {
    await removeScratch(files.map((_, i) => `${scratchPath}.${i}.csv`)); // left by a process that was killed
    return await store.load(allowed, (session) => load(session, { ...options, parameters }, scratchPath, scratch));
  } finally {
    await removeScratch(scratch);
  }
}

type Options = IngestOptions & { readonly parameters: Readonly<Record<string, string>> };

async function load(session: SqlSession, options: Options, scratchPath: string, scratch: string[]): Promise<Commit<LoadReport>> {
  const { mapping, keyTable } = options;
  const names = stagingNames(mapping);
  await openPersonKeys(session, keyTable);
  await session.run(sql`CREATE TEMP TABLE opt_out (hospital_number VARCHAR)`);
  await session.append(
    "opt_out",
    ["text"],
    (options.optOut ?? []).map((number) => [number.trim()]),
  );
  const plan = {
    ...{ session, mapping, names, parameters: options.parameters, directory: options.directory, scratchPath },
    sensitive: options.sensitive?.cells ?? [],
    ...(options.signal ? { signal: options.signal } : {}),
  };
  const { staged, newPersonCount } = await stageAll(plan, options, scratch);
  const last = await lastSnapshot(session);
  const number = (last?.number ?? 0) + 1;
  const schema = snapshotSchema(number);
  const source = { mapping, holder: options.holder ?? mapping.title.en, loadedAtMs: options.clock.nowMs() };
  await createSnapshot(session, schema, source);
  const fileReports = await writeRules(session, options, names, schema, staged);
  const observationPeriods = await writePeriods(session, options, names, schema);
  options.onProgress?.({ kind: "hashing" });
  const snapshotHash = await hashSnapshot(session, schema);
  const isUnchanged = last?.hash === snapshotHash;
  const report: LoadReport = {
    snapshot: isUnchanged ? last.number : number,
    snapshotHash,
    unchanged: isUnchanged,
    mapping: { id: mapping.id, version: mapping.version, hash: hashJson(toJson(mapping)) },
    parameters: options.parameters,
    loadedAtMs: source.loadedAtMs,
    personCount: await session.count(sql`SELECT count(*) FROM ${identifier(schema)}.person`),
    newPersonCount,
    files: fileReports,
    observationPeriods,
  };
  options.signal?.throwIfAborted();
  if (!isUnchanged) await recordSnapshot(session, report, number);
  return { keep: !isUnchanged, result: report };
}

async function stageAll(base: Omit<StagePlan, "personsAreStaged">, options: Options, scratch: string[]) {
  const { mapping, session, names } = base;
  const order = [mapping.persons, ...Object.keys(mapping.files).filter((file) => file !== mapping.persons)];
  const staged: StagedFile[] = [];
  const problems: Problem[] = [];
  let personsAreStaged = false;
  let newPersonCount = 0;
  for (const [done, file] of order.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.({ kind: "checking", file, done, of: order.length });
    try {
      const result = await stageFile({ ...base, personsAreStaged }, file, scratch);
      staged.push(result);
      problems.push(...result.problems);
      if (file === mapping.persons && result.reasons.length > 0) {
        newPersonCount = await addPersonIds(session, names.table(file), options.keyTable, result.problems.length > 0);
        personsAreStaged = true;
      }
    } catch (cause) {
      problems.push(...problemsOf(cause));
    }
  }
  if (problems.length > 0) throw new DureError(problems);
  return { staged, newPersonCount };
}

/**
 * Gives every kept row of the persons file its surrogate. Where the file has problems the load will fail, but the other files are
 * still checked: of a doubled patient the first row then stands for both, lest every row of the others be told twice.
 */
async function addPersonIds(session: SqlSession, table: Sql, keyTable: PersonKeyTable, hasProblems: boolean): Promise<number> {
  const newCount = await resolvePersons(session, keyTable, sql`SELECT person_key FROM ${table} WHERE x = 0`);
  const first = hasProblems ? sql`QUALIFY row_number() OVER (PARTITION BY s.person_key, s.x = 0 ORDER BY s.source_row) = 1` : sql``;
  await session.run(sql`
    CREATE TEMP TABLE with_ids AS SELECT s.* REPLACE (i.person_id AS person_id) FROM ${table} s LEFT JOIN person_ids i ON i.person_key = s.person_key ${first} ORDER BY s.source_row`);
  await session.run(sql`DROP TABLE ${table}`);
  await session.run(sql`ALTER TABLE with_ids RENAME TO ${table}`);
  return newCount;
}

/** Conditions first: the others may link to them. */
async function writeRules(
  session: SqlSession,
  options: Options,
  names: StagingNames,
  schema: string,
  staged: readonly StagedFile[],
): Promise<readonly FileReport[]> {
  const { mapping } = options;
  const nextId = new Map<OmopTable, number>();
  const reports = new Map<string, { readonly index: number; readonly report: RuleReport }[]>(staged.map(({ file }) => [file, []]));
  const rules = staged.flatMap((stage) => (mapping.files[stage.file]?.rows ?? []).map((row, i) => ({ stage, row, index: i + 1 })));
  const ordered = [...rules].sort((a, b) => rank(a.row) - rank(b.row));
  for (const [done, { stage, row, index }] of ordered.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.({ kind: "writing", file: stage.file, done, of: ordered.length });
    const context = {
      mapping,
      names,
      parameters: options.parameters,
      sensitive: options.sensitive?.concepts ?? [],
      file: stage.file,
      schema,
    };
    const table = planRule(row, index, { ...context, idOffset: 0 }).table;
    const idOffset = nextId.get(table) ?? 0;
    const rule = planRule(row, index, { ...context, idOffset });
    nextId.set(table, idOffset + stage.rowsIn);
    const counts = await session.rows(countExcluded(rule));
    for (const statement of insertRows(rule, schema)) await session.run(statement);
    if (row.to === "condition") await session.run(firstOfEachPerson(names.link(row.id), schema, idOffset, stage.rowsIn));
    reports.get(stage.file)?.push({ index, report: ruleReport(rule.name, table, counts, reasonsOf(rule)) });
  }
  return Promise.all(
    staged.map(async (stage) =>
      fileReport(
        stage,
        await fileExclusions(session, names, stage),
        (reports.get(stage.file) ?? []).sort((a, b) => a.index - b.index).map(({ report }) => report),
      ),
    ),
  );
}

const rank = (row: MappingRow): number => (row.to === "person" ? 0 : row.to === "condition" ? 1 : 2);

/** The person's first condition made by one rule, by date and then by id. */
const firstOfEachPerson = (link: Sql, schema: string, idOffset: number, rowsIn: number): Sql => sql`
  CREATE TEMP TABLE ${link} AS SELECT DISTINCT ON (person_id) person_id, condition_occurrence_id, condition_concept_id FROM ${identifier(schema)}.condition_occurrence
  WHERE condition_occurrence_id > ${integer(idOffset)} AND condition_occurrence_id <= ${integer(idOffset + rowsIn)}
  ORDER BY person_id, condition_start_date, condition_occurrence_id`;

async function fileExclusions(session: SqlSession, names: StagingNames, stage: StagedFile): Promise<readonly ExcludedCount[]> {
  const rows = await session.rows(sql`SELECT x, count(*) FROM ${names.table(stage.file)} WHERE x > 0 GROUP BY x ORDER BY x`);
  return rows.map(([x, count]) => ({ reason: stage.reasons[Number(x)] ?? "", rowCount: Number(count) }));
}

function fileReport(stage: StagedFile, excluded: readonly ExcludedCount[], rules: readonly RuleReport[]): FileReport {
  const rowsOutByTable: Partial<Record<OmopTable, number>> = {};
  for (const { table, rowsOut } of rules) {
    rowsOutByTable[table] = (rowsOutByTable[table] ?? 0) + rowsOut;
    if (table === "episode") rowsOutByTable.episode_event = (rowsOutByTable.episode_event ?? 0) + rowsOut;
  }
  const kept = stage.rowsIn - total(excluded);
  for (const rule of rules) assert(rule.rowsIn === kept, "every rule sees every row that its file keeps");
  return { file: stage.file, path: stage.path, sha256: stage.sha256, rowsIn: stage.rowsIn, excluded, rules, rowsOutByTable };
}

function ruleReport(rule: string, table: OmopTable, counts: readonly (readonly unknown[])[], reasons: readonly string[]): RuleReport {
  const byNumber = new Map(counts.map(([e, count]) => [Number(e), Number(count)]));
  const excluded = reasons.flatMap((reason, i) => {
    const rowCount = byNumber.get(i + 1) ?? 0;
    return rowCount === 0 ? [] : [{ reason, rowCount }];
  });
  const rowsOut = byNumber.get(0) ?? 0;
  const rowsIn = [...byNumber.values()].reduce((sum, count) => sum + count, 0);
  assert(rowsIn === rowsOut + total(excluded), "rows in = rows out + rows excluded by reason");
  return { rule, table, rowsIn, rowsOut, excluded };
}

const total = (excluded: readonly ExcludedCount[]): number => excluded.reduce((sum, { rowCount }) => sum + rowCount, 0);

async function writePeriods(session: SqlSession, options: Options, names: StagingNames, schema: string): Promise<RuleReport> {
  const context = { mapping: options.mapping, names, parameters: options.parameters, schema };
  await session.run(stagePeriods(context));
  await session.run(insertPeriods(context));
  const counts = await session.rows(sql`SELECT e, count(*) FROM periods GROUP BY e ORDER BY e`);
  return ruleReport("observation period", "observation_period", counts, PERIOD_REASONS);
}

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
}

function checkParameters(options: IngestOptions): Readonly<Record<string, string>> {
  const declared = options.mapping.parameters;
  const given = options.parameters ?? {};
  const problems = [...new Set([...Object.keys(declared), ...Object.keys(given)])].flatMap((name) => {
    const allowed = Object.hasOwn(declared, name) ? (declared[name]?.allowed ?? []) : [];
    return allowed.includes(given[name] ?? "") ? [] : [badParameter(name, allowed)];
  });
  for (const { file } of options.sensitive?.cells ?? []) {
    if (!Object.hasOwn(options.mapping.files, file)) problems.push(unknownSensitiveFile(file));
  }
  if (problems.length > 0) throw new DureError(problems);
  return given;
}

const removeScratch = (paths: readonly string[]): Promise<unknown> => Promise.all(paths.map((path) => rm(path, { force: true })));

/** A mapping is plain data; what the schema left undefined has no JSON form. */
const toJson = (mapping: Mapping): JsonValue => JSON.parse(JSON.stringify(mapping)) as JsonValue; // JSON.parse gives JSON
