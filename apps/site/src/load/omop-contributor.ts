/**
 * Another OMOP database as a contributor: CDM v5.4, or v5.3 by the listed renames.
 *
 * Persons get the surrogates of the key table; what names a person, a visit or a device is left empty. Everything else is taken as it is,
 * faults and all, because the quality checks are there to find them: a reference to a missing row, a date in 2999. A row is left out
 * only where it cannot stand in the table, and is counted by the reason. Vocabulary files are no input: the store has its own.
 */

import { isSharedVocabulary, OMOP_TABLES, type OmopSourceVersion, type OmopTable, omopFields, versionOfColumns } from "@dure/clinical";
import { DureError, type Problem } from "@dure/kernel";
import type { ExcludedCount } from "../ingest/load-report.ts";
import { openPersonKeys, resolvePersons } from "../ingest/person-keys.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import type { Contributor, SnapshotContext } from "./contributor.ts";
import type { ContributorReport, InputReport, MappedShare } from "./contributor-report.ts";
import { findOmopFiles, type OmopFile } from "./omop-files.ts";
import { type IdUse, mapIds, type RowIds } from "./omop-ids.ts";
import { missingColumn, unreadableTable, versionUnclear } from "./omop-problems.ts";
import { idTableOf, isConceptField, OPEN_REFERENCES, REJECTS_MAX, relationOf, type SourceField, sourceFields } from "./omop-source-sql.ts";

export interface OmopSource {
  /** The site's name for it, such as `warehouse`: names its rows in the report, and keeps its person ids apart from other sources'. */
  readonly name: string;
  /** A folder or a zip. */
  readonly path: string;
  /** Folder for what a zip unpacks to, used by no other contributor; the caller removes it after the load. */
  readonly scratchPath: string;
  /** Checked against the columns and CDM_SOURCE; needed only where they do not tell. */
  readonly cdmVersion?: OmopSourceVersion;
  /**
   * By which a person is known to the key table. `person_source_value` is the hospital number in many databases, and then joins the
   * person with the same one of an export or of FHIR.
   */
  readonly personKey?: "person_id" | "person_source_value";
  /** Take the source's own era tables; the load must then not build any. */
  readonly takesEras?: boolean;
  /** False where the load builds observation periods itself: the source's own are then left out. */
  readonly takesPeriods?: boolean;
  readonly signal?: AbortSignal;
}

/** @throws DureError where the source has no tables, a zip is broken or too large, or a header line is none. */
export async function omopContributor(source: OmopSource): Promise<Contributor> {
  const files = (await findOmopFiles(source.path, source.scratchPath, source.signal)).filter(({ table }) => !isSharedVocabulary(table));
  return {
    name: `omop:${source.name}`,
    filePaths: files.map(({ path }) => path),
    contribute: (context) => contribute(context, source, files),
  };
}

/** Why a whole table is left out. */
function tableExclusion(table: OmopTable, source: OmopSource, ids: RowIds): string | undefined {
  if (table === "cdm_source" || table === "metadata") return "the load describes itself";
  if (table === "source_to_concept_map") return "a map is reviewed and loaded by dure site map";
  if (OMOP_TABLES[table].schema === "RESULTS") return "cohorts are built anew";
  if (table === "note" || table === "note_nlp") return "notes enter scrubbed, by another way";
  if (ERA_TABLES.includes(table) && source.takesEras !== true) return "eras are built anew";
  if (table === "observation_period" && source.takesPeriods === false) return "periods are built anew";
  if (UNTYPED_REFERENCE_TABLES.includes(table) && !ids.areKept) return "row ids were numbered anew, and its rows name ids of any table";
  return undefined;
}

const ERA_TABLES: readonly OmopTable[] = ["condition_era", "drug_era", "dose_era"];
/** Rows that hold ids of whatever table another field names. */
const UNTYPED_REFERENCE_TABLES: readonly OmopTable[] = ["fact_relationship", "cost", "episode_event"];
const PERSON_DOMAIN_CONCEPT = 56;

interface OpenFile {
  readonly file: OmopFile;
  readonly table: OmopTable;
  readonly relation: Sql;
  readonly rejects: string;
  readonly columns: readonly string[];
  readonly fields: readonly SourceField[];
}

async function contribute(context: SnapshotContext, source: OmopSource, files: readonly OmopFile[]): Promise<ContributorReport> {
  const { session } = context;
  const open: OpenFile[] = [];
  for (const [i, file] of files.entries()) open.push(await openFile(session, file, `omop_rejects_${i}`));
  await confirmVersion(session, source, open);
  checkColumns(open);
  await resolveSourcePersons(context, source, open);
  const ids = await mapIds(session, open.flatMap(idUses), context.reserveIds);
  const inputs: InputReport[] = [];
  const mapped: MappedShare[] = [];
  for (const [done, table] of open.entries()) {
    context.signal?.throwIfAborted();
    context.onProgress?.({ contributor: `omop:${source.name}`, step: "writing", item: table.table, done, of: open.length });
    const taken = await reading(table.file, () => takeTable(context, source, table, ids));
    inputs.push(taken.report);
    if (taken.mapped !== undefined) mapped.push(taken.mapped);
  }
  return { contributor: `omop:${source.name}`, inputs, mapped };
}

async function openFile(session: SqlSession, file: OmopFile, rejects: string): Promise<OpenFile> {
  const relation = relationOf(file, rejects);
  const columns =
    file.form.kind === "csv"
      ? file.form.columns
      : (await reading(file, () => session.rows(sql`SELECT column_name FROM (DESCRIBE SELECT * FROM ${relation})`))).map(([name]) =>
          String(name).toLowerCase(),
        );
  return { file, table: file.table, relation, rejects, columns, fields: sourceFields(file.table, columns, file.form.kind === "csv") };
}

/** The engine's message may quote a cell, so it goes no further than the cause. */
async function reading<Result>(file: OmopFile, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (
      cause instanceof DureError ||
      !(cause instanceof Error) ||
      !/^(?:Invalid Input|Invalid|Parquet|IO) Error|magic bytes|utf-?8/i.test(cause.message)
    )
      throw cause;
    if (/no space left|out of disk|could not write|disk quota|file too large/i.test(cause.message)) throw cause;
    throw new DureError(unreadableTable(file.name), { cause });
  }
}

async function confirmVersion(session: SqlSession, source: OmopSource, open: readonly OpenFile[]): Promise<void> {
  const told = new Set(open.flatMap(({ table, columns }) => versionOfColumns(table, columns) ?? []));
  const stated = await statedVersion(
    session,
    open.find(({ table }) => table === "cdm_source"),
  );
  const byColumns = told.size === 1 ? [...told][0] : undefined;
  const all = new Set([
    ...told,
    ...(stated === undefined ? [] : [stated]),
    ...(source.cdmVersion === undefined ? [] : [source.cdmVersion]),
  ]);
  // A declared version settles what CDM_SOURCE says wrongly, but not what the columns say.
  const isSettled = all.size === 1 || (byColumns !== undefined && source.cdmVersion === byColumns);
  if (!isSettled) throw new DureError(versionUnclear(source.name, [...told].join(", ") || undefined, stated, source.cdmVersion));
}

async function statedVersion(session: SqlSession, cdmSource: OpenFile | undefined): Promise<OmopSourceVersion | undefined> {
  if (cdmSource === undefined || !cdmSource.columns.includes("cdm_version")) return undefined;
  const rows = await reading(cdmSource.file, () => session.rows(sql`SELECT cdm_version::VARCHAR FROM ${cdmSource.relation} LIMIT 1`));
  const match = /5\.[34]/.exec(String(rows[0]?.[0] ?? ""));
  return match === null ? undefined : match[0] === "5.3" ? "5.3" : "5.4";
}

/** Missing concepts are filled, identifying fields are withheld, and what v5.4 added cannot be required of v5.3. */
function checkColumns(open: readonly OpenFile[]): void {
  const problems = open.flatMap(({ file, table, fields }): readonly Problem[] => {
    if (table === "metadata" || table === "cdm_source") return [];
    const there = new Set(fields.map(({ name }) => name));
    return omopFields(table)
      .filter(([name, field]) => field.required && !there.has(name) && field.references !== "concept.concept_id")
      .map(([name]) => missingColumn(file.name, name));
  });
  if (problems.length > 0) throw new DureError(problems);
}

const fieldOf = ({ fields }: OpenFile, name: string): SourceField | undefined => fields.find((field) => field.name === name);

/** Fills `source_persons (source_id, person_id, is_out)` for every person id of any table. */
async function resolveSourcePersons(
  { session, keyTable, optOut }: SnapshotContext,
  source: OmopSource,
  open: readonly OpenFile[],
): Promise<void> {
  await openPersonKeys(session, keyTable);
  const withPersons = open.filter((table) => fieldOf(table, "person_id") !== undefined);
  await session.run(sql`CREATE TEMP TABLE source_ids (source_id BIGINT)`);
  for (const table of withPersons) {
    const id = fieldOf(table, "person_id")?.value ?? sql`NULL`;
    await reading(table.file, () =>
      session.run(sql`INSERT INTO source_ids SELECT DISTINCT ${id} FROM ${table.relation} WHERE ${id} IS NOT NULL`),
    );
  }
  const prefix = `omop ${source.name} `;
  await session.run(sql`CREATE TEMP TABLE person_numbers AS ${personNumbers(open.find(({ table }) => table === "person"))}`);
  const number = source.personKey === "person_source_value" ? sql`n.number` : sql`NULL`;
  await session.run(sql`
    CREATE TEMP TABLE source_keys AS
    SELECT s.source_id, coalesce(${number}, ${prefix} || s.source_id) AS person_key, n.number
    FROM (SELECT DISTINCT source_id FROM source_ids) s
    LEFT JOIN (SELECT source_id, min(number) AS number FROM person_numbers GROUP BY source_id) n ON n.source_id = s.source_id`);
  await resolvePersons(session, keyTable, sql`SELECT person_key FROM source_keys`);
  await session.run(sql`CREATE TEMP TABLE omop_opt_out (number VARCHAR)`);
  await session.append(
    "omop_opt_out",
    ["text"],
    optOut.map((patient) => [patient.trim()]),
  );
  await session.run(sql`
    CREATE TEMP TABLE source_persons AS SELECT k.source_id, p.person_id,
      coalesce(k.number IN (SELECT number FROM omop_opt_out), false) OR k.source_id::VARCHAR IN (SELECT number FROM omop_opt_out) AS is_out
    FROM source_keys k JOIN person_ids p ON p.person_key = k.person_key`);
}

function personNumbers(person: OpenFile | undefined): Sql {
  const id = person === undefined ? undefined : fieldOf(person, "person_id")?.value;
  if (person === undefined || id === undefined || !person.columns.includes("person_source_value")) {
    return sql`SELECT NULL::BIGINT AS source_id, NULL::VARCHAR AS number WHERE false`;
  }
  return sql`SELECT ${id} AS source_id, nullif(trim(person_source_value::VARCHAR), '') AS number FROM ${person.relation}`;
}

const idUses = (file: OpenFile): readonly IdUse[] =>
  file.fields.flatMap((field) => {
    const table = idTableOf(file.table, field);
    return table === undefined ? [] : [{ table, ids: sql`SELECT ${field.value} FROM ${file.relation}` }];
  });

interface TakenTable {
  readonly report: InputReport;
  readonly mapped?: MappedShare;
}

async function takeTable({ session, schema }: SnapshotContext, source: OmopSource, file: OpenFile, ids: RowIds): Promise<TakenTable> {
  const { table } = file;
  const whole = tableExclusion(table, source, ids);
  if (whole !== undefined) {
    const rowsIn = await session.count(sql`SELECT count(*) FROM ${file.relation}`);
    return { report: inputReport(file, [[whole, rowsIn]], 0) };
  }
  const exclusions = rowExclusions(file);
  const cases = exclusions.map(({ holds }, i) => sql`WHEN ${holds} THEN ${integer(i + 1)}`);
  const cells = file.fields.map(({ name, value }) => sql`${value} AS ${identifier(name)}`);
  await session.run(sql`
    CREATE TEMP TABLE taken AS SELECT ${join(cells)}, CASE ${join(cases, " ")} WHEN false THEN 0 ELSE 0 END AS e FROM ${file.relation}`);
  if (fieldOf(file, "person_id") !== undefined) {
    await session.run(sql`UPDATE taken SET e = -1 WHERE person_id IN (SELECT source_id FROM source_persons WHERE is_out)`);
  }
  const counts = await session.rows(sql`SELECT e, count(*) FROM taken GROUP BY e ORDER BY e`);
  await session.run(insertTaken(schema, file, ids));
  const mapped = await mappedShare(session, file);
  await session.run(sql`DROP TABLE taken`);
  const byNumber = counts
    .filter(([e]) => Number(e) !== 0)
    .map(([e, count]): [string, number] => [reasonOf(exclusions, Number(e)), Number(count)]);
  const used = Number(counts.find(([e]) => Number(e) === 0)?.[1] ?? 0);
  const report = inputReport(file, [...byNumber, [BROKEN_LINE, await countBroken(session, file)]], used);
  return { report, ...(mapped === undefined ? {} : { mapped }) };
}

const BROKEN_LINE = "a line that is no row: too few or too many cells, or a quote without its pair";

/** A file is scanned several times, and each scan notes the same lines. */
async function countBroken(session: SqlSession, { file, rejects }: OpenFile): Promise<number> {
  if (file.form.kind !== "csv") return 0;
  const count = await session.count(sql`SELECT count(DISTINCT line) FROM ${identifier(rejects)}`);
  if (count >= REJECTS_MAX) throw new DureError(unreadableTable(file.name));
  return count;
}

const reasonOf = (exclusions: ReturnType<typeof rowExclusions>, e: number): string =>
  e === -1 ? "opted out" : (exclusions[e - 1]?.reason ?? "");

function rowExclusions({ fields }: OpenFile): readonly { readonly reason: string; readonly holds: Sql }[] {
  return fields.flatMap((field) => {
    const unreadable = { reason: `${field.name}: not of its type`, holds: field.isUnreadable };
    if (!field.field.required || isConceptField(field)) return [unreadable];
    return [unreadable, { reason: `${field.name}: missing, which OMOP requires`, holds: sql`${field.value} IS NULL` }];
  });
}

function insertTaken(schema: string, file: OpenFile, ids: RowIds): Sql {
  const cell = (name: string): Sql => sql`t.${identifier(name)}`;
  const joins: Sql[] = [];
  const columns = file.fields.map((field): readonly [string, Sql] => {
    const { name } = field;
    if (name === "person_id") {
      joins.push(sql`JOIN source_persons sp ON sp.source_id = t.person_id`);
      return [name, sql`sp.person_id`];
    }
    if (isConceptField(field) && field.field.required) return [name, sql`coalesce(${cell(name)}, 0)`];
    if (OPEN_REFERENCES.includes(name) && !ids.areKept) return [name, sql`NULL`];
    const factPerson = factPersonOf(file.table, name);
    if (factPerson !== undefined) {
      const alias = identifier(`of_${name}`);
      joins.push(
        sql`LEFT JOIN source_persons ${alias} ON ${alias}.source_id = ${cell(name)} AND ${cell(factPerson)} = ${integer(PERSON_DOMAIN_CONCEPT)}`,
      );
      return [name, sql`coalesce(${alias}.person_id, ${cell(name)})`];
    }
    const target = idTableOf(file.table, field);
    if (target === undefined) return [name, cell(name)];
    const mapped = ids.of(target, cell(name), `id_${name}`);
    if (mapped.join !== undefined) joins.push(mapped.join);
    return [name, mapped.value];
  });
  const missing = omopFields(file.table).filter(([name, field]) => field.required && !columns.some(([there]) => there === name));
  const all = [...columns, ...missing.map(([name]) => [name, sql`0`] as const)];
  return sql`
    INSERT INTO ${identifier(schema)}.${identifier(file.table)} (${join(all.map(([name]) => identifier(name)))})
    SELECT ${join(all.map(([, value]) => value))} FROM taken t ${join(joins, " ")} WHERE t.e = 0`;
}

/** FACT_RELATIONSHIP holds persons, too: the field that says so. */
const factPersonOf = (table: OmopTable, name: string): string | undefined =>
  table === "fact_relationship" && name.startsWith("fact_id_") ? `domain_concept_id_${name.at(-1) ?? ""}` : undefined;

function inputReport(file: OpenFile, excluded: readonly (readonly [string, number])[], rowsUsed: number): InputReport {
  const counted: readonly ExcludedCount[] = excluded
    .filter(([, rowCount]) => rowCount > 0)
    .map(([reason, rowCount]) => ({ reason, rowCount }));
  return {
    input: file.file.name,
    rowsIn: rowsUsed + counted.reduce((sum, { rowCount }) => sum + rowCount, 0),
    rowsUsed,
    excluded: counted,
    rowsOutByTable: rowsUsed === 0 ? {} : { [file.table]: rowsUsed },
  };
}

/** Rows are mapped where their own concept is not 0: behind it are the source's vocabularies. */
async function mappedShare(session: SqlSession, file: OpenFile): Promise<MappedShare | undefined> {
  const concept = EVENT_CONCEPTS[file.table];
  if (concept === undefined || fieldOf(file, concept) === undefined) return undefined;
  const [[rows, mapped] = []] = await session.rows(
    sql`SELECT count(*), count(*) FILTER (coalesce(${identifier(concept)}, 0) <> 0) FROM taken WHERE e = 0`,
  );
  return rows === 0n ? undefined : { vocabulary: file.table, rowsWithCode: Number(rows), rowsMapped: Number(mapped), rowsWider: 0 };
}

const EVENT_CONCEPTS: Readonly<Partial<Record<OmopTable, string>>> = {
  condition_occurrence: "condition_concept_id",
  drug_exposure: "drug_concept_id",
  procedure_occurrence: "procedure_concept_id",
  device_exposure: "device_concept_id",
  measurement: "measurement_concept_id",
  observation: "observation_concept_id",
  specimen: "specimen_concept_id",
  visit_occurrence: "visit_concept_id",
};
