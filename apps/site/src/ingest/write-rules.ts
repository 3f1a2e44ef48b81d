/**
 * All rules of a mapping in order, inserted into a snapshot and accounted for: rows in = rows out + rows excluded by reason, for each
 * rule; and for each vocabulary, how many rows had a code of it and how many of those a standard concept.
 */

import type { ConceptName, Mapping, MappingRow, OmopTable } from "@dure/clinical";
import { assert } from "@dure/kernel";
import type { MappedShare } from "../load/contributor-report.ts";
import { addUnmappedCodes } from "../load/unmapped-codes.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, type Sql, sql } from "../store/clinical-sql.ts";
import type { CodeLookup } from "../vocabulary/code-lookup.ts";
import { rankOf } from "./drug-rule.ts";
import type { EventRow } from "./event-rule.ts";
import { writePlaces } from "./health-system-sql.ts";
import type { ExcludedCount, FileReport, RuleReport } from "./load-report.ts";
import { resultOf, stageUnits } from "./result-sql.ts";
import { countExcluded, insertRows, type Rule, type RuleContext, reasonsOf, takenRows } from "./rule.ts";
import { planRule } from "./rule-sql.ts";
import type { StagedFile } from "./stage-file.ts";
import { stageLookups } from "./stage-lookups.ts";
import type { StagingNames } from "./staging-names.ts";

export interface RulePlan {
  readonly session: SqlSession;
  readonly mapping: Mapping;
  readonly names: StagingNames;
  readonly parameters: Readonly<Record<string, string>>;
  readonly sensitive: readonly ConceptName[];
  readonly schema: string;
  readonly codes: CodeLookup;
  readonly reserveIds: (table: OmopTable, count: number) => number;
  readonly onRule?: (file: string, done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

export interface WrittenRules {
  readonly files: readonly FileReport[];
  readonly mapped: readonly MappedShare[];
}

/** Fills `used_rows (file, source_row)` with the rows that a rule took, for files of several rules. */
export async function writeRules(plan: RulePlan, staged: readonly StagedFile[]): Promise<WrittenRules> {
  const { session, mapping, names } = plan;
  const lookedUp = await stageLookups(plan);
  await session.run(sql`CREATE TEMP TABLE used_rows (file INTEGER, source_row BIGINT)`);
  await session.run(sql`CREATE TEMP TABLE visit_links (person_id BIGINT, link VARCHAR, visit_occurrence_id BIGINT)`);
  await session.run(sql`CREATE TEMP TABLE drug_orders (person_id BIGINT, link VARCHAR, concept_id INTEGER, rank INTEGER)`);
  await writePlaces(plan);
  const reports = new Map<string, { readonly index: number; readonly report: RuleReport; readonly out: RowsOut }[]>(
    staged.map(({ file }) => [file, []]),
  );
  const shares = new Map<string, MappedShare>();
  const rules = staged.flatMap((stage) => (mapping.files[stage.file]?.rows ?? []).map((row, i) => ({ stage, row, index: i + 1 })));
  const ordered = [...rules].sort((a, b) => order(a.row, mapping) - order(b.row, mapping));
  for (const [done, { stage, row, index }] of ordered.entries()) {
    plan.signal?.throwIfAborted();
    plan.onRule?.(stage.file, done, ordered.length);
    const context = { ...plan, file: stage.file, rowsIn: stage.rowsIn, lookedUp };
    const units = await unitsOf(plan, row, context, done);
    const firstIds = new Map<OmopTable, number>();
    const reserveIds = (table: OmopTable, count: number): number => {
      const first = plan.reserveIds(table, count);
      firstIds.set(table, first);
      return first;
    };
    const rule = planRule(row, index, { ...context, reserveIds }, units);
    const { report, out } = await writeRule(plan, rule, stage.file, shares);
    reports.get(stage.file)?.push({ index, report, out });
    const id = row.to === "condition" ? row.id : undefined;
    if (id !== undefined)
      await session.run(firstOfEachPerson(names.link(id), plan.schema, firstIds.get("condition_occurrence") ?? 1, stage.rowsIn));
    if (units !== undefined) await session.run(sql`DROP TABLE ${units}`);
  }
  const files = await Promise.all(
    staged.map(async (stage) => {
      const sorted = (reports.get(stage.file) ?? []).sort((a, b) => a.index - b.index);
      return fileReport(stage, await fileExclusions(session, names, stage), sorted);
    }),
  );
  return { files, mapped: [...shares.values()].sort((a, b) => (a.vocabulary < b.vocabulary ? -1 : 1)) };
}

type RowsOut = Partial<Record<OmopTable, number>>;

/** Persons, then visits, which others link to, then conditions, which some link to; drugs by the worth of their record. */
function order(row: MappingRow, { drugPrecedence }: Mapping): number {
  if (row.to === "person") return 0;
  if (row.to === "visit") return 1;
  if (row.to === "condition") return 2;
  return row.to === "drug" || row.to === "event" ? 4 + rankOf(row, drugPrecedence) : 3;
}

const EVENTS: readonly MappingRow["to"][] = ["condition", "drug", "procedure", "device", "specimen", "measurement", "observation", "event"];
const isEvent = (row: MappingRow): row is EventRow => EVENTS.includes(row.to);

async function unitsOf(plan: RulePlan, row: MappingRow, context: RuleContext, number: number): Promise<Sql | undefined> {
  if (!isEvent(row) || resultOf(row, context) === undefined) return undefined;
  const table = `units_${number}`;
  await stageUnits({ session: plan.session, codes: plan.codes, context }, row, table);
  return identifier(table);
}

async function writeRule(
  { session, schema, mapping }: RulePlan,
  rule: Rule,
  file: string,
  shares: Map<string, MappedShare>,
): Promise<{ readonly report: RuleReport; readonly out: RowsOut }> {
  const isHeavy = rule.codes.length > 0 || rule.after !== undefined;
  if (isHeavy) await session.run(sql`CREATE TEMP TABLE taken_rows AS ${takenRows(rule)}`);
  const rows = isHeavy ? sql`taken_rows` : sql`(${takenRows(rule)})`;
  const counts = await session.rows(countExcluded(rule, rows));
  if ((mapping.files[file]?.rows.length ?? 0) > 1) {
    await session.run(
      sql`INSERT INTO used_rows SELECT ${integer(Object.keys(mapping.files).indexOf(file))}, source_row FROM ${rows} WHERE e = 0`,
    );
  }
  const report = ruleReport(rule.name, rule.table, counts, reasonsOf(rule));
  const out: RowsOut = {};
  for (const { table, statement, count } of insertRows(rule, schema, rows)) {
    await session.run(statement);
    const inserted = rule.hasCopies ? await session.count(count) : report.rowsOut;
    if (inserted > 0 || !rule.hasCopies) out[table] = inserted;
  }
  for (const statement of rule.after?.(rows) ?? []) await session.run(statement);
  await countMapped(session, rule, rows, shares);
  if (isHeavy) await session.run(sql`DROP TABLE taken_rows`);
  return { report, out };
}

const unmapped = (list: string, code: Sql, concept: Sql, of: Sql): Sql =>
  sql`SELECT ${list}, ${code}, count(*) FROM ${of} AND ${code} IS NOT NULL AND ${concept} = 0 GROUP BY ${code}`;

async function countMapped(session: SqlSession, rule: Rule, rows: Sql, shares: Map<string, MappedShare>): Promise<void> {
  for (const { vocabulary, list, code, concept, equivalence } of rule.codes) {
    const of = sql`${rows} WHERE e = 0${rule.hasCopies ? sql` AND copy = 0` : sql``}`;
    const [counts] = await session.rows(sql`
      SELECT count(${code}), count(${code}) FILTER (${concept} <> 0), count(${code}) FILTER (${concept} <> 0 AND ${equivalence} = 'WIDER')
      FROM ${of}`);
    const [withCode, mapped, wider] = (counts ?? []).map(Number);
    if (withCode === undefined || withCode === 0) continue;
    if (withCode > (mapped ?? 0)) await addUnmappedCodes(session, unmapped(list, code, concept, of));
    const before = shares.get(vocabulary) ?? { vocabulary, rowsWithCode: 0, rowsMapped: 0, rowsWider: 0 };
    shares.set(vocabulary, {
      vocabulary,
      rowsWithCode: before.rowsWithCode + withCode,
      rowsMapped: before.rowsMapped + (mapped ?? 0),
      rowsWider: before.rowsWider + (wider ?? 0),
    });
  }
}

/** The person's first condition made by one rule, by date and then by id. */
const firstOfEachPerson = (link: Sql, schema: string, firstId: number, rowsIn: number): Sql => sql`
  CREATE TEMP TABLE ${link} AS SELECT DISTINCT ON (person_id) person_id, condition_occurrence_id, condition_concept_id FROM ${identifier(schema)}.condition_occurrence
  WHERE condition_occurrence_id >= ${integer(firstId)} AND condition_occurrence_id < ${integer(firstId + rowsIn)}
  ORDER BY person_id, condition_start_date, condition_occurrence_id`;

async function fileExclusions(session: SqlSession, names: StagingNames, stage: StagedFile): Promise<readonly ExcludedCount[]> {
  const rows = await session.rows(sql`SELECT x, count(*) FROM ${names.table(stage.file)} WHERE x > 0 GROUP BY x ORDER BY x`);
  return rows.map(([x, count]) => ({ reason: stage.reasons[Number(x)] ?? "", rowCount: Number(count) }));
}

function fileReport(
  stage: StagedFile,
  excluded: readonly ExcludedCount[],
  rules: readonly { readonly report: RuleReport; readonly out: RowsOut }[],
): FileReport {
  const rowsOutByTable: RowsOut = {};
  for (const { out } of rules) {
    for (const [table, count] of Object.entries(out) as [OmopTable, number][]) rowsOutByTable[table] = (rowsOutByTable[table] ?? 0) + count; // keys of RowsOut
  }
  const kept = stage.rowsIn - total(excluded);
  for (const { report } of rules) assert(report.rowsIn === kept, "every rule sees every row that its file keeps");
  return {
    ...{ file: stage.file, path: stage.path, sha256: stage.sha256, rowsIn: stage.rowsIn, excluded, rowsOutByTable },
    rules: rules.map(({ report }) => report),
    ...(stage.delivery === undefined ? {} : { delivery: stage.delivery }),
    ...(stage.setAside.length === 0 ? {} : { setAside: stage.setAside }),
  };
}

/** @param counts rows of `[e, count]`; 0 is taken. */
export function ruleReport(
  rule: string,
  table: OmopTable,
  counts: readonly (readonly unknown[])[],
  reasons: readonly string[],
): RuleReport {
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

export const total = (excluded: readonly ExcludedCount[]): number => excluded.reduce((sum, { rowCount }) => sum + rowCount, 0);
