/**
 * One run of checks on a snapshot: table by table, each result kept as it comes.
 *
 * A run that was killed or cancelled goes on where it was. A check that the engine cannot answer is an error of its own and stops no
 * other: the statement that it shared is asked again in halves until the one at fault stands alone.
 */

import { isOmopTable, omopFields } from "@dure/clinical";
import {
  CHECK_TYPES,
  type CheckCounts,
  type CheckResult,
  checkId,
  judgeCounts,
  notApplicableReason,
  type QualityCheck,
  type TableFacts,
} from "@dure/clinical/quality";
import type { Clock } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, sql } from "../store/clinical-sql.ts";
import type { Snapshot } from "../store/clinical-store.ts";
import { type CheckGroup, groupChecks } from "./count-checks.ts";
import { attempt, EngineFault } from "./engine-fault.ts";
import type { FailingRow, LoadRequirement, QualityRun, QualityStore } from "./quality-store.ts";
import type { ConditionContext } from "./row-conditions.ts";
import { isWholeType, readStructure, readTableFacts, type Structure, wantedFields } from "./snapshot-facts.ts";
import { violatingRows } from "./violations.ts";

/** Gives a session for a short while: between two readings others may come to the store. */
export type ReadSnapshot = <Result>(work: (session: SqlSession) => Promise<Result>) => Promise<Result>;

export interface QualityRunOptions {
  readonly read: ReadSnapshot;
  readonly snapshot: Pick<Snapshot, "number" | "hash">;
  readonly requirements?: readonly LoadRequirement[];
  /** Where its tables stand. */
  readonly schema: string;
  readonly checks: readonly QualityCheck[];
  readonly store: QualityStore;
  readonly clock: Clock;
  /** Begins a new run even where one of the same snapshot and checks was left unfinished. */
  readonly isAnew?: boolean;
  readonly onProgress?: (progress: QualityProgress) => void;
  /** Ends the run between two statements; what was counted is kept. */
  readonly signal?: AbortSignal;
}

export interface QualityProgress {
  readonly doneCount: number;
  readonly totalCount: number;
  readonly table: string;
}

/** Rows at fault that are kept of a failed check: enough to look some up. */
const FAILING_ROWS_MAX = 20;

/**
 * Time: a few passes over each table. Memory: that of the engine, and the counts of one table.
 * @throws DureError of the store where it is not to be had; the signal's reason. What was counted is kept.
 */
export async function runQuality(options: QualityRunOptions): Promise<QualityRun> {
  const { store, snapshot, checks, clock } = options;
  const today = new Date(clock.nowMs()).toISOString().slice(0, 10);
  const begun = {
    snapshot: snapshot.number,
    snapshotHash: snapshot.hash,
    requirements: options.requirements ?? [],
    today,
    startedAtMs: clock.nowMs(),
  };
  const run = store.beginRun(begun, checks, options.isAnew ?? false);
  const done = store.checkedIds(run.number);
  const pending = checks.filter((check) => !done.has(checkId(check)));
  const work = new SnapshotWork(options, run, checks.length - pending.length);
  const byTable = Map.groupBy(pending, ({ table }) => table);
  const structure = pending.length === 0 ? new Map() : await options.read((session) => readStructure(session, options.schema));
  for (const [table, own] of byTable) await work.checkTable(table, own, structure);
  const ended: QualityRun = { ...run, endedAtMs: clock.nowMs() };
  store.endRun(run.number, clock.nowMs());
  return ended;
}

interface Counted {
  readonly check: QualityCheck;
  readonly counts: CheckCounts | { readonly errorCode: string };
}

class SnapshotWork {
  readonly #options: QualityRunOptions;
  readonly #run: QualityRun;
  #doneCount: number;
  #conditions: TableFacts | undefined;

  constructor(options: QualityRunOptions, run: QualityRun, doneCount: number) {
    this.#options = options;
    this.#run = run;
    this.#doneCount = doneCount;
  }

  async checkTable(table: string, checks: readonly QualityCheck[], structure: Structure): Promise<void> {
    this.#begin(table);
    const facts = await this.#factsOf(table, checks, structure);
    if (facts instanceof EngineFault)
      return this.#keep(
        table,
        checks.map((check) => errorOf(check, facts.code)),
      );
    const asksConditions = checks.some(({ name }) => name === "measureConditionEraCompleteness");
    if (asksConditions) this.#conditions ??= await this.#conditionFacts(structure);
    const context: ConditionContext = { schema: this.#options.schema, fields: structure.get(table) ?? new Map(), today: this.#run.today };
    const answered = checks.flatMap((check) => fromFacts(check, { facts, conditions: this.#conditions, context }) ?? []);
    const isFailed = answered.some(({ status }) => status === "failed");
    const rows = isFailed ? await this.#options.read((session) => failingRows(session, answered, context)) : undefined;
    this.#keep(table, answered, rows);
    const known = new Set(answered.map(({ id }) => id));
    const rest = checks.filter((check) => !known.has(checkId(check)));
    for (const group of groupChecks(rest, context)) {
      this.#begin(table);
      await this.#checkGroup(table, group, context);
    }
  }

  async #checkGroup(table: string, group: CheckGroup, context: ConditionContext): Promise<void> {
    const startMs = this.#options.clock.nowMs();
    const { results, rows } = await this.#options.read(async (session) => {
      const counted = await countInParts(session, group, context);
      const names = await conceptNames(session, counted, context.schema);
      const judged = counted.map((one) => judge(one, names));
      return { results: judged, rows: await failingRows(session, judged, context) };
    });
    const durationMs = (this.#options.clock.nowMs() - startMs) / results.length;
    this.#keep(
      table,
      results.map((result) => ({ ...result, durationMs })),
      rows,
    );
  }

  async #factsOf(table: string, checks: readonly QualityCheck[], structure: Structure): Promise<TableFacts | undefined | EngineFault> {
    const fields = structure.get(table);
    if (fields === undefined) return undefined;
    const order = { schema: this.#options.schema, table, fields, wanted: wantedFields(checks) };
    return this.#options.read((session) => attempt(session, () => readTableFacts(session, order)));
  }

  async #conditionFacts(structure: Structure): Promise<TableFacts | undefined> {
    const facts = await this.#factsOf("condition_occurrence", [], structure);
    return facts instanceof EngineFault ? undefined : facts;
  }

  #begin(table: string): void {
    this.#options.signal?.throwIfAborted();
    this.#options.onProgress?.({ doneCount: this.#doneCount, totalCount: this.#options.checks.length, table });
  }

  #keep(table: string, results: readonly CheckResult[], rows?: ReadonlyMap<string, readonly FailingRow[]>): void {
    this.#options.store.putResults(this.#run.number, results, rows);
    this.#doneCount += results.length;
    this.#options.onProgress?.({ doneCount: this.#doneCount, totalCount: this.#options.checks.length, table });
  }
}

interface Known {
  readonly facts: TableFacts | undefined;
  readonly conditions: TableFacts | undefined;
  readonly context: ConditionContext;
}

/** What needs no further look at the table: is it there, is it empty, how many values are missing. */
function fromFacts(check: QualityCheck, { facts, conditions, context }: Known): CheckResult | undefined {
  const { name, field = "" } = check;
  const reason = notApplicableReason(check, facts, conditions);
  if (reason !== undefined) return resultOf(check, { status: "not-applicable", reason });
  const counted = (violatedCount: number, denominatorCount: number) =>
    resultOf(check, judgeCounts(check, { violatedCount, denominatorCount }));
  if (name === "cdmTable") return counted(facts === undefined ? 1 : 0, 1);
  if (name === "cdmField") return counted(context.fields.has(field) ? 0 : 1, 1);
  if (facts === undefined) return undefined;
  if (name === "isRequired" || name === "measureValueCompleteness")
    return counted(facts.rowCount - (facts.valueCounts.get(field) ?? 0), facts.rowCount);
  return name === "cdmDatatype" && isWholeType(context.fields.get(field)) ? counted(0, facts.rowCount) : undefined;
}

async function countInParts(session: SqlSession, group: CheckGroup, context: ConditionContext): Promise<readonly Counted[]> {
  const { checks } = group;
  const counts = await attempt(session, () => group.count(session, checks, context));
  if (!(counts instanceof EngineFault)) return checks.map((check, i) => ({ check, counts: counts[i] ?? { errorCode: "no-answer" } }));
  if (checks.length <= 1) return checks.map((check) => ({ check, counts: { errorCode: counts.code } }));
  const half = Math.ceil(checks.length / 2);
  const counted: Counted[] = [];
  for (const part of [checks.slice(0, half), checks.slice(half)])
    counted.push(...(await countInParts(session, { ...group, checks: part }, context)));
  return counted;
}

function judge({ check, counts }: Counted, names: ReadonlyMap<number, string>): CheckResult {
  if ("errorCode" in counts) return errorOf(check, counts.errorCode);
  const conceptName = (check.conceptIds ?? []).flatMap((id) => names.get(id) ?? []).join(", ");
  return { ...resultOf(check, judgeCounts(check, counts)), ...(conceptName === "" ? {} : { conceptName }) };
}

/** Of the concepts that occur; without a vocabulary there are no names. */
async function conceptNames(session: SqlSession, counted: readonly Counted[], schema: string): Promise<ReadonlyMap<number, string>> {
  const ids = counted.flatMap(({ check, counts }) =>
    CHECK_TYPES[check.name].level === "concept" && "violatedCount" in counts && counts.denominatorCount > 0 ? (check.conceptIds ?? []) : [],
  );
  if (ids.length === 0) return new Map();
  const query = sql`SELECT concept_id, concept_name FROM ${identifier(schema)}.concept WHERE concept_id IN (${join(ids.map(integer))})`;
  const rows = await attempt(session, () => session.rows(query));
  return rows instanceof EngineFault ? new Map() : new Map(rows.map(([id, name]) => [Number(id), String(name)]));
}

/** Of failed checks only: what may stay as it is need not be looked up. */
async function failingRows(
  session: SqlSession,
  results: readonly CheckResult[],
  context: ConditionContext,
): Promise<ReadonlyMap<string, readonly FailingRow[]>> {
  const rows = new Map<string, readonly FailingRow[]>();
  for (const { id, check, status } of results) {
    const field = idFieldOf(check);
    const query = status === "failed" && field !== undefined ? violatingRows(check, field, context) : undefined;
    if (query === undefined || field === undefined) continue;
    const found = await attempt(session, () => session.rows(sql`${query} LIMIT ${integer(FAILING_ROWS_MAX)}`));
    // Without ids the report says less; the counts stand.
    if (!(found instanceof EngineFault))
      rows.set(
        id,
        found.map(([value]) => ({ field, id: String(value) })),
      );
  }
  return rows;
}

/** The table's key, else whose row it is; a row of neither has no id that could be looked up. */
function idFieldOf({ name, table }: QualityCheck): string | undefined {
  if (CHECK_TYPES[name].counts === "persons") return "person_id";
  if (!isOmopTable(table)) return undefined;
  const fields = omopFields(table);
  const key = fields.find(([, { primaryKey }]) => primaryKey === true) ?? fields.find(([field]) => field === "person_id");
  return key?.[0];
}

const resultOf = (check: QualityCheck, judged: Pick<CheckResult, "status" | "counts" | "reason">): CheckResult => ({
  ...{ id: checkId(check), check, durationMs: 0 },
  ...judged,
});

const errorOf = (check: QualityCheck, errorCode: string): CheckResult => ({
  id: checkId(check),
  check,
  status: "error",
  errorCode,
  durationMs: 0,
});
