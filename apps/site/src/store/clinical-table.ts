/** A research table read from a snapshot of the clinical store: the rows of one study, before its expressions. */

import type { ResearchTable } from "@dure/clinical";
import { DureError, type Sha256, text } from "@dure/kernel";
import type { ExcludedRows, RecordEvidence, SourceColumn, SourceTable } from "@dure/records";
import type { Cell } from "./clinical-session.ts";
import { type ClinicalStore, snapshotSchema } from "./clinical-store.ts";
import { compileTable } from "./clinical-table-sql.ts";
import { readEvidence } from "./record-evidence.ts";

/** Row keys are `person_id`; `excluded` counts the persons with the index condition who are not rows. */
export interface ResearchTableRows extends SourceTable {
  readonly excluded: readonly ExcludedRows[];
  readonly snapshot: { readonly number: number; readonly hash: Sha256 };
  /** By column, for those asked for. */
  readonly evidence: ReadonlyMap<string, RecordEvidence>;
}

export interface ReadTableOptions {
  /** The newest where it is not given. */
  readonly snapshotNumber?: number;
  /** Columns about whose records a study wants evidence. */
  readonly evidenceFor?: readonly string[];
}

/** @throws DureError `store/no-snapshot`, or `table/not-from-omop` for a table without an index condition. */
export async function readResearchTable(
  store: ClinicalStore,
  table: ResearchTable,
  options: ReadTableOptions = {},
): Promise<ResearchTableRows> {
  const { snapshotNumber, evidenceFor = [] } = options;
  if (table.index === undefined) throw new DureError(notFromOmop(table.id));
  const snapshots = await store.snapshots();
  const snapshot = snapshotNumber === undefined ? snapshots.at(-1) : snapshots.find(({ number }) => number === snapshotNumber);
  if (snapshot === undefined) throw new DureError(noSnapshot());
  const query = compileTable(table, snapshotSchema(snapshot.number));
  const [[keys = [], exclusions = [], ...columns], evidence] = await store.read(async (session) => [
    await session.columns(query.statement),
    await readEvidence(session, table, snapshotSchema(snapshot.number), evidenceFor),
  ]);
  const kept = exclusions.flatMap((number, i) => (Number(number) === 0 ? [i] : []));
  const excluded = query.reasons.flatMap((reason, i) => {
    const rowCount = exclusions.filter((number) => Number(number) === i + 1).length;
    return rowCount === 0 ? [] : [{ reason, rowCount }];
  });
  return {
    rowKeys: kept.map((i) => String(keys[i])),
    columns: new Map(query.columns.map((name, i) => [name, numberColumn(columns[i] ?? [], kept)])),
    excluded,
    evidence,
    snapshot: { number: snapshot.number, hash: snapshot.hash },
  };
}

function numberColumn(cells: readonly Cell[], kept: readonly number[]): SourceColumn {
  const values = new Float64Array(kept.length);
  const missing = new Uint8Array(kept.length);
  kept.forEach((row, i) => {
    const cell = cells[row] ?? null;
    if (cell === null) missing[i] = 1;
    else values[i] = Number(cell);
  });
  return { kind: "number", values, missing };
}

const notFromOmop = (table: string) => ({
  code: "table/not-from-omop",
  severity: "error" as const,
  place: {},
  what: text(`the table ${table} is read from flat files only.`, `테이블 ${table}은(는) 일반 파일로만 읽을 수 있습니다.`),
  remedy: text("Give a CSV or Parquet file of the table.", "이 테이블의 CSV 또는 Parquet 파일을 지정하십시오."),
});

const noSnapshot = () => ({
  code: "store/no-snapshot",
  severity: "error" as const,
  place: {},
  what: text("the clinical store has no such snapshot.", "임상 저장소에 해당 스냅샷이 없습니다."),
  remedy: text("Load the hospital's exports first: dure site ingest.", "먼저 병원 자료를 적재하십시오: dure site ingest."),
});
