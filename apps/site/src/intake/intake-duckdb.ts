/** The intake store on DuckDB: a file of its own, opened by one process, with no access to any other file. */

import { resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { FhirResource } from "@dure/clinical/fhir";
import { assert, type Problem } from "@dure/kernel";
import { type Cell, duckdbSession, type SqlSession } from "../store/clinical-session.ts";
import { integer, renderSql, sql } from "../store/clinical-sql.ts";
import {
  connectTo,
  inTransaction,
  inTurnOf,
  openDuckdbFile,
  releaseInProcess,
  storeFault,
  takeInProcess,
  type Waiting,
} from "../store/duckdb-file.ts";
import { applyChanges } from "./apply-batch.ts";
import { followChains } from "./apply-merges.ts";
import { findResources } from "./find-resources.ts";
import { createIntakeTables, IS_CURRENT, intakeInUse, mergeCycle } from "./intake-schema.ts";
import type { Delivery, DeliveryReport, IntakeBatch, IntakeStore, StoredResource } from "./intake-store.ts";
import { keepHeapSmall } from "./small-heap.ts";

/** With the process's own share under the 600 MB that a whole intake may take; larger sorts go to a temporary folder beside the file. */
const MEMORY_MAX_MB = 144;
/** Of a store that is only read, while the load that reads it has an engine of its own: two sorted ranges of resources. */
const READING_MEMORY_MAX_MB = 80;
/** Three batches or so: each working-in writes the last part of every column anew. */
const LOG_MAX = "64MiB";
/**
 * Of one row group, an eighth of the engine's own choice. Measured: the peak of 600,000 resources was 150 MB lower, probably because a
 * working-in takes the last group of texts as a whole.
 */
const ROW_GROUP_ROWS = 16_384;
/** Faults listed in a delivery's report: nobody reads more, and the first ones tell the cause. */
const FAULTS_LISTED_MAX = 100;

/**
 * @param waiting how long to wait for a turn; not at all where it is not given.
 * @throws DureError `store/in-use` (transient) where another process, or another part of this one, has it open.
 */
export const openIntakeStore = (path: string, waiting?: Waiting): Promise<IntakeStore> => open(path, MEMORY_MAX_MB, waiting);

/** As `openIntakeStore`, for a load. */
export const openIntakeForLoad = (path: string, waiting?: Waiting): Promise<IntakeStore> => open(path, READING_MEMORY_MAX_MB, waiting);

async function open(path: string, memoryMaxMb: number, waiting?: Waiting): Promise<IntakeStore> {
  const file = resolve(path);
  await inTurnOf(waiting, async () => takeInProcess(file, intakeInUse()));
  const limits = { memoryMax: `${memoryMaxMb}MB`, logMax: LOG_MAX, rowGroupRows: ROW_GROUP_ROWS };
  const options = { path: file, ...limits, filePaths: [], inUse: intakeInUse() };
  const instance = await inTurnOf(waiting, () => openDuckdbFile(options, createIntakeTables)).catch((cause: unknown) => {
    releaseInProcess(file);
    throw cause;
  });
  keepHeapSmall();
  const writer = await connectTo(instance);
  const session = duckdbSession(writer);
  let isClosed = false;
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(() => {
      assert(!isClosed, "the store was closed");
      return work();
    });
    queue = result.catch(() => undefined);
    return result.catch((cause: unknown) => {
      throw storeFault(cause, intakeInUse());
    });
  };
  const transaction = <Result>(work: () => Promise<Result>): Promise<Result> =>
    inTurn(() => inTransaction(session, async () => ({ keep: true, result: await work() })));

  return {
    memoryMaxMb,
    begin: (delivery) => transaction(() => beginDelivery(session, delivery)),
    apply: (number, batch) => transaction(() => applyBatch(session, number, batch)),
    finish: (number) => transaction(() => finishDelivery(session, number)),
    deliveries: () => inTurn(() => readDeliveries(session)),
    find: (source, names) => inTurn(() => findResources(session, source, names)),
    counts: (source) => inTurn(() => readCounts(session, source)),
    merges: (source) => inTurn(() => readMerges(session, source)),
    async *resources(source, resourceType) {
      assert(!isClosed, "the store was closed");
      const connection = await connectTo(instance);
      try {
        yield* readResources(connection, source, resourceType);
      } catch (cause) {
        throw storeFault(cause, intakeInUse());
      } finally {
        connection.closeSync();
      }
    },
    close: async () => {
      if (isClosed) return;
      await queue;
      isClosed = true;
      writer.closeSync();
      instance.closeSync();
      releaseInProcess(file);
    },
  };
}

async function beginDelivery(session: SqlSession, { source, name, sha256 }: Delivery) {
  const [known] = await session.rows(
    sha256 === undefined
      ? sql`SELECT number, position, is_done FROM dure_intake.delivery WHERE source = ${source} AND name = ${name} AND sha256 IS NULL`
      : sql`SELECT number, position, is_done FROM dure_intake.delivery WHERE source = ${source} AND sha256 = ${sha256}`,
  );
  if (known !== undefined) return { number: Number(known[0]), position: Number(known[1]), isDone: known[2] === true };
  const number = 1 + (await session.count(sql`SELECT coalesce(max(number), 0) FROM dure_intake.delivery`));
  await session.run(sql`
    INSERT INTO dure_intake.delivery VALUES (${integer(number)}, ${source}, ${name}, ${sha256 ?? null}, false, 0, 0, 0, 0, 0, 0, 0, '[]')`);
  return { number, position: 0, isDone: false };
}

async function applyBatch(session: SqlSession, number: number, { changes, faults, position }: IntakeBatch): Promise<void> {
  keepHeapSmall();
  const before = await readDelivery(session, number);
  const counts = await applyChanges(session, { source: before.source, number }, changes);
  const cycles = Array.from({ length: counts.cycles }, () => mergeCycle(before.name));
  const listed = [...before.faults, ...faults, ...cycles].slice(0, FAULTS_LISTED_MAX);
  await session.run(sql`
    UPDATE dure_intake.delivery SET position = ${integer(position)}, added = added + ${integer(counts.added)},
      replaced = replaced + ${integer(counts.replaced)}, deleted = deleted + ${integer(counts.deleted)},
      merged = merged + ${integer(counts.merged)}, outdated = outdated + ${integer(counts.outdated)},
      fault_count = fault_count + ${integer(faults.length + cycles.length)}, faults = ${JSON.stringify(listed)}
    WHERE number = ${integer(number)}`);
}

/** A stream is never done: what comes next goes on where it stopped. */
async function finishDelivery(session: SqlSession, number: number): Promise<DeliveryReport> {
  await session.run(sql`UPDATE dure_intake.delivery SET is_done = true WHERE number = ${integer(number)} AND sha256 IS NOT NULL`);
  return readDelivery(session, number);
}

const DELIVERY_COLUMNS = sql`number, source, name, is_done, added, replaced, deleted, merged, outdated, fault_count, faults`;

async function readDelivery(session: SqlSession, number: number): Promise<DeliveryReport> {
  const [row] = await session.rows(sql`SELECT ${DELIVERY_COLUMNS} FROM dure_intake.delivery WHERE number = ${integer(number)}`);
  assert(row !== undefined, "the delivery was begun");
  return toReport(row);
}

async function readDeliveries(session: SqlSession): Promise<readonly DeliveryReport[]> {
  return (await session.rows(sql`SELECT ${DELIVERY_COLUMNS} FROM dure_intake.delivery ORDER BY number`)).map(toReport);
}

function toReport([number, source, name, isDone, ...rest]: readonly Cell[]): DeliveryReport {
  const [added = 0, replaced = 0, deleted = 0, merged = 0, outdated = 0, faultCount = 0] = rest.slice(0, 6).map(Number);
  return {
    number: Number(number),
    source: String(source),
    name: String(name),
    isDone: isDone === true,
    itemsIn: added + replaced + deleted + merged + outdated + faultCount,
    added,
    replaced,
    deleted,
    merged,
    outdated,
    faultCount,
    faults: JSON.parse(String(rest[6])) as readonly Problem[], // written by `applyBatch` into this table
  };
}

async function readCounts(session: SqlSession, source: string) {
  const rows = await session.rows(sql`
    SELECT resource_type, count(*) FROM dure_intake.resource WHERE source = ${source} AND ${IS_CURRENT} GROUP BY resource_type ORDER BY resource_type`);
  return rows.map(([resourceType, count]) => ({ resourceType: String(resourceType), count: Number(count) }));
}

async function readMerges(session: SqlSession, source: string): Promise<ReadonlyMap<string, string>> {
  const rows = await session.rows(sql`SELECT id, survivor FROM dure_intake.merged WHERE source = ${source} AND resource_type = 'Patient'`);
  return followChains(new Map(rows.map(([id, survivor]) => [String(id), String(survivor)])));
}

/** Sorted with their contents at a time. The engine's sort of all contents of a large hospital would not fit its memory. */
const SORT_BYTES = 28e6;
const SORT_RESOURCES_MIN = 2048;
/** From which the usual size of a resource is told. */
const SAMPLE_RESOURCES = 10_000;

/** In the order of ids, range by range of about equal numbers; each streamed by the engine's own blocks of at most 2048 rows. */
async function* readResources(
  connection: DuckDBConnection,
  source: string,
  resourceType: string,
): AsyncGenerator<readonly StoredResource[]> {
  const session = duckdbSession(connection);
  const current = sql`FROM dure_intake.resource WHERE source = ${source} AND resource_type = ${resourceType} AND ${IS_CURRENT}`;
  const meanBytes = await session.count(sql`
    SELECT coalesce(avg(strlen(content)), 0) FROM (SELECT content ${current} LIMIT ${integer(SAMPLE_RESOURCES)})`);
  const perSort = Math.max(SORT_RESOURCES_MIN, Math.floor(SORT_BYTES / Math.max(1, meanBytes)));
  const starts = await session.rows(sql`
    SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number ${current}) WHERE number % ${integer(perSort)} = 0 ORDER BY id`);
  for (const [i, [start]] of starts.entries()) {
    const [end] = starts[i + 1] ?? [];
    const upTo = end === undefined ? sql`` : sql` AND id < ${String(end)}`;
    const { text, values } = renderSql(sql`SELECT content, version, delivery ${current} AND id >= ${String(start)}${upTo} ORDER BY id`);
    const result = await connection.stream(text, values);
    for await (const rows of result.yieldRows()) {
      keepHeapSmall();
      yield rows.map(([content, version, delivery]) => ({
        resource: JSON.parse(String(content)) as FhirResource, // written by `applyChanges` from one
        version: String(version),
        delivery: Number(delivery),
      }));
    }
  }
}
