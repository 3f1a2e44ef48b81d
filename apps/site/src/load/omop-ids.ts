/**
 * Row ids of another OMOP database in the snapshot.
 *
 * A source's ids are shifted by one number a table, which is 0 where no other contributor has rows in it: then every reference still
 * holds, also those whose table another field names. Ids that are no whole numbers from 1 on, such as 64-bit hashes, get a new number in
 * their order. A reference to a row that is not there keeps pointing at none: that is for the quality checks to find.
 */

import type { OmopTable } from "@dure/clinical";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import type { SnapshotContext } from "./contributor.ts";

/** Above this, adding the ids of several sources could leave 2^53. */
const SHIFTED_ID_MAX = 2 ** 48;

export interface IdUse {
  readonly table: OmopTable;
  /** A one-column query of ids: the table's own, or references to it. */
  readonly ids: Sql;
}

export interface RowIds {
  /** The id in the snapshot; NULL for NULL. Where `join` is needed, `alias` names the joined table. */
  readonly of: (table: OmopTable, id: Sql, alias: string) => { readonly value: Sql; readonly join?: Sql };
  /** Every row of the source keeps its id. */
  readonly areKept: boolean;
}

type Mapping = { readonly kind: "shift"; readonly by: number } | { readonly kind: "table"; readonly name: Sql };

/** @param reserve the snapshot's ids */
export async function mapIds(session: SqlSession, uses: readonly IdUse[], reserve: SnapshotContext["reserveIds"]): Promise<RowIds> {
  const mappings = new Map<OmopTable, Mapping>();
  for (const table of new Set(uses.map((use) => use.table))) {
    const ids = join(
      uses.filter((use) => use.table === table).map((use) => use.ids),
      " UNION ALL ",
    );
    mappings.set(table, await mapTable(session, table, ids, reserve));
  }
  return {
    areKept: [...mappings.values()].every((mapping) => mapping.kind === "shift" && mapping.by === 0),
    of: (table, id, alias) => {
      const mapping = mappings.get(table) ?? { kind: "shift", by: 0 };
      // 0 stands for "none" in many sources.
      if (mapping.kind === "shift")
        return { value: mapping.by === 0 ? id : sql`CASE WHEN ${id} = 0 THEN 0 ELSE ${id} + ${integer(mapping.by)} END` };
      const joined = identifier(alias);
      return { value: sql`${joined}.id`, join: sql`LEFT JOIN ${mapping.name} ${joined} ON ${joined}.source_id = ${id}` };
    },
  };
}

async function mapTable(session: SqlSession, table: OmopTable, ids: Sql, reserve: SnapshotContext["reserveIds"]): Promise<Mapping> {
  const [bounds = []] = await session.rows(sql`SELECT min(id), max(id) FROM (${ids}) t(id) WHERE id <> 0`);
  const [least, most] = bounds;
  if (least === null || least === undefined) return { kind: "shift", by: 0 };
  if (Number(least) >= 1 && Number(most) <= SHIFTED_ID_MAX) return { kind: "shift", by: reserve(table, Number(most)) - 1 };
  const name = identifier(`ids_of_${table}`);
  await session.run(
    sql`CREATE TEMP TABLE ${name} AS SELECT id AS source_id, row_number() OVER (ORDER BY id) AS id FROM (SELECT DISTINCT id FROM (${ids}) t(id) WHERE id IS NOT NULL)`,
  );
  const count = await session.count(sql`SELECT count(*) FROM ${name}`);
  const first = reserve(table, count);
  if (first > 1) await session.run(sql`UPDATE ${name} SET id = id + ${integer(first - 1)}`);
  return { kind: "table", name };
}
