/**
 * A mapping's exports as a contributor of a load: all files are staged and checked first, then the rows are inserted.
 */

import { mkdir, rm } from "node:fs/promises";
import { dirname, join as joinPath } from "node:path";
import { keepsRows, type Mapping } from "@dure/clinical";
import { DureError, type Problem } from "@dure/kernel";
import type { Contributor, SnapshotContext } from "../load/contributor.ts";
import type { ContributorReport, InputReport } from "../load/contributor-report.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { integer, type Sql, sql } from "../store/clinical-sql.ts";
import { keptPersonIds } from "./kept-rows.ts";
import type { FileReport, RuleReport, SensitiveCategories } from "./load-report.ts";
import { stageMerges } from "./merges.ts";
import { insertPeriods, PERIOD_REASONS, stagePeriods } from "./period-sql.ts";
import { openPersonKeys, resolvePersons } from "./person-keys.ts";
import { badParameter, unknownSensitiveFile } from "./problems.ts";
import { problemsOf, type StagedFile, type StagePlan, stageFile } from "./stage-file.ts";
import { stageLookupTables } from "./stage-lookup-tables.ts";
import { type StagingNames, stagingNames } from "./staging-names.ts";
import { type RulePlan, ruleReport, total, writeRules } from "./write-rules.ts";

export interface MappingSource {
  readonly mapping: Mapping;
  /** A value for each parameter of the mapping. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Where the exported files lie. */
  readonly directory: string;
  readonly sensitive?: SensitiveCategories;
  /** Beginning of the paths of decoded copies: beside the store, and used by no other contributor. */
  readonly scratchPath: string;
}

/** @throws DureError `ingest/bad-parameter` or `ingest/unknown-sensitive-file`. */
export function mappingContributor(source: MappingSource): Contributor {
  const parameters = checkParameters(source);
  const files = exportsOf(source.mapping);
  const scratch = files.map((_, i) => `${source.scratchPath}.${i}.csv`);
  return {
    name: `mapping:${source.mapping.id}`,
    filePaths: [...files.map(({ path }) => joinPath(source.directory, path)), ...scratch],
    contribute: async (context) => {
      await removeScratch(scratch); // left by a process that was killed
      try {
        return await contribute(context, { ...source, parameters });
      } finally {
        await removeScratch(scratch);
      }
    },
  };
}

type Source = MappingSource & { readonly parameters: Readonly<Record<string, string>> };

async function contribute(context: SnapshotContext, source: Source): Promise<ContributorReport> {
  const { session, keyTable } = context;
  const { mapping } = source;
  const names = stagingNames(mapping);
  await openPersonKeys(session, keyTable);
  await session.run(sql`CREATE TEMP TABLE opt_out (hospital_number VARCHAR)`);
  await session.append(
    "opt_out",
    ["text"],
    context.optOut.map((number) => [number.trim()]),
  );
  const plan = {
    ...{ session, mapping, names, parameters: source.parameters, directory: source.directory, scratchPath: source.scratchPath },
    ...{ sensitive: source.sensitive?.cells ?? [], keyTable },
    ...(context.signal ? { signal: context.signal } : {}),
  };
  await mkdir(dirname(source.scratchPath), { recursive: true, mode: 0o700 }); // of a load plan it is a folder of its own
  const staged = await stageAll(plan, context);
  const { files, mapped } = await writeRules(rulePlan(context, source, names), staged);
  const observationPeriods = await writePeriods(context, source, names);
  const inputs = await Promise.all(files.map((file) => inputReport(session, mapping, file)));
  return { contributor: `mapping:${mapping.id}`, inputs, mapped, files, observationPeriods };
}

function rulePlan(context: SnapshotContext, source: Source, names: StagingNames): RulePlan {
  const { session, schema, codes, reserveIds, signal, onProgress } = context;
  const { mapping, parameters } = source;
  const contributor = `mapping:${mapping.id}`;
  return {
    ...{ session, mapping, names, parameters, schema, codes, reserveIds, sensitive: source.sensitive?.concepts ?? [] },
    onRule: (item, done, of) => onProgress?.({ contributor, step: "writing", item, done, of }),
    ...(signal ? { signal } : {}),
  };
}

/** Everything that lies in the export directory. */
const exportsOf = ({ files, lookups, merges }: Mapping): readonly { readonly path: string }[] => [
  ...Object.values(files),
  ...Object.values(lookups ?? {}).flatMap(({ table }) => table ?? []),
  ...(merges === undefined ? [] : [merges]),
];

async function stageAll(base: Omit<StagePlan, "personsAreStaged">, context: SnapshotContext): Promise<readonly StagedFile[]> {
  const { mapping, names } = base;
  const scratch: string[] = [];
  const order = [mapping.persons, ...Object.keys(mapping.files).filter((file) => file !== mapping.persons)];
  const staged: StagedFile[] = [];
  const problems: Problem[] = [
    ...(await stageLookupTables(base, scratch).catch(problemsOf)),
    ...(await stageMerges(base, scratch).catch(problemsOf)),
  ];
  let personsAreStaged = false;
  for (const [done, file] of order.entries()) {
    context.signal?.throwIfAborted();
    context.onProgress?.({ contributor: `mapping:${mapping.id}`, step: "checking", item: file, done, of: order.length });
    try {
      const result = await stageFile({ ...base, personsAreStaged }, file, scratch);
      staged.push(result);
      problems.push(...result.problems);
      if (file === mapping.persons && result.reasons.length > 0) {
        await addPersonIds(context, mapping, names.table(file), result.problems.length > 0);
        personsAreStaged = true;
      }
    } catch (cause) {
      problems.push(...problemsOf(cause));
    }
  }
  if (problems.length > 0) throw new DureError(problems);
  return staged;
}

/**
 * Gives every kept row of the persons file its surrogate. Where the file has problems the load will fail, but the other files are
 * still checked: of a doubled patient the first row then stands for both, lest every row of the others be told twice.
 */
async function addPersonIds({ session, keyTable }: SnapshotContext, mapping: Mapping, table: Sql, hasProblems: boolean): Promise<void> {
  if (keepsRows(mapping)) await session.run(keptPersonIds(table));
  else await resolvePersons(session, keyTable, sql`SELECT person_key FROM ${table} WHERE x = 0`);
  const first = hasProblems ? sql`QUALIFY row_number() OVER (PARTITION BY s.person_key, s.x = 0 ORDER BY s.source_row) = 1` : sql``;
  await session.run(sql`
    CREATE TEMP TABLE with_ids AS SELECT s.* REPLACE (i.person_id AS person_id) FROM ${table} s LEFT JOIN person_ids i ON i.person_key = s.person_key ${first} ORDER BY s.source_row`);
  await session.run(sql`DROP TABLE ${table}`);
  await session.run(sql`ALTER TABLE with_ids RENAME TO ${table}`);
  await session.run(sql`DROP TABLE person_ids`);
}

const fileIndex = (mapping: Mapping, file: string): number => Object.keys(mapping.files).indexOf(file);

/** A row that no rule took is excluded, too: here rows are counted once, whatever the number of rules. */
async function inputReport(session: SqlSession, mapping: Mapping, file: FileReport): Promise<InputReport> {
  const kept = file.rowsIn - total(file.excluded);
  const noted = sql`SELECT count(DISTINCT source_row) FROM used_rows WHERE file = ${integer(fileIndex(mapping, file.file))}`;
  const rowsUsed = (mapping.files[file.file]?.rows.length ?? 0) > 1 ? await session.count(noted) : (file.rules[0]?.rowsOut ?? 0);
  const untaken = kept === rowsUsed ? [] : [{ reason: "taken by no rule of the mapping", rowCount: kept - rowsUsed }];
  return {
    input: file.file,
    rowsIn: file.rowsIn,
    rowsUsed,
    excluded: [...file.excluded, ...untaken],
    rowsOutByTable: file.rowsOutByTable,
  };
}

async function writePeriods(context: SnapshotContext, source: Source, names: StagingNames): Promise<RuleReport> {
  const { session, schema } = context;
  const rule = { mapping: source.mapping, names, parameters: source.parameters, schema };
  await session.run(stagePeriods(rule));
  const persons = await session.count(sql`SELECT count(*) FROM periods`);
  await session.run(insertPeriods(rule, context.reserveIds("observation_period", persons) - 1));
  const counts = await session.rows(sql`SELECT e, count(*) FROM periods GROUP BY e ORDER BY e`);
  return ruleReport("observation period", "observation_period", counts, PERIOD_REASONS);
}

function checkParameters(source: MappingSource): Readonly<Record<string, string>> {
  const declared = source.mapping.parameters;
  const given = source.parameters ?? {};
  const problems = [...new Set([...Object.keys(declared), ...Object.keys(given)])].flatMap((name) => {
    const allowed = Object.hasOwn(declared, name) ? (declared[name]?.allowed ?? []) : [];
    return allowed.includes(given[name] ?? "") ? [] : [badParameter(name, allowed)];
  });
  for (const { file } of source.sensitive?.cells ?? []) {
    if (!Object.hasOwn(source.mapping.files, file)) problems.push(unknownSensitiveFile(file));
  }
  if (problems.length > 0) throw new DureError(problems);
  return given;
}

const removeScratch = (paths: readonly string[]): Promise<unknown> => Promise.all(paths.map((path) => rm(path, { force: true })));
