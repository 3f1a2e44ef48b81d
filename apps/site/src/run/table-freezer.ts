/**
 * The table of a run: read once, checked against every table over which sums left or may still leave, frozen, and from then on always
 * the same.
 */

import type { SiteFacts } from "@dure/federation/protocol";
import { policyCell } from "@dure/federation/protocol";
import { type Clock, DureError, text } from "@dure/kernel";
import { type AnalysisTable, type ExcludedRows, personKeys, personsOfStudy, prepareAnalysisTable, selectRows } from "@dure/records";
import { frozenFiles, type StudyDocument } from "@dure/study";
import { type FrozenTables, hashRowKeys, joinHashes } from "../store/frozen-table.ts";
import type { SiteStore } from "../store/site-store.ts";
import { compareTables } from "./compare-tables.ts";
import type { LedgerWriter } from "./ledger-writer.ts";
import { requireQuality } from "./quality-gate.ts";
import type { TableSource } from "./table-source.ts";

export interface TableFreezerOptions {
  readonly store: SiteStore;
  readonly files: FrozenTables;
  readonly source: TableSource;
  readonly ledger: LedgerWriter;
  /** Keys the hashes by which tables are compared. */
  readonly siteSecret: Uint8Array;
  readonly clock: Clock;
}

export class TableFreezer {
  readonly #options: TableFreezerOptions;
  readonly #tables = new Map<string, AnalysisTable>();

  constructor(options: TableFreezerOptions) {
    this.#options = options;
  }

  /** @throws DureError when the table cannot be read, does not show the quality that the study asks for, or differs from an earlier one by so few rows that their difference is theirs. */
  async tableOf(run: string, facts: SiteFacts): Promise<AnalysisTable> {
    const table = this.#tables.get(run) ?? this.#thaw(run) ?? (await this.#freeze(run, facts));
    this.#tables.set(run, table);
    return table;
  }

  remove(run: string): void {
    this.#tables.delete(run);
    this.#options.files.remove(run);
  }

  #thaw(run: string): AnalysisTable | undefined {
    const record = this.#options.store.findFrozenTable(run);
    return record === undefined ? undefined : this.#options.files.read(run, record.tableHash);
  }

  async #freeze(run: string, facts: SiteFacts): Promise<AnalysisTable> {
    const { store, files, source, ledger, siteSecret, clock } = this.#options;
    const read = await source.read(facts.study, this.#tableDocument(facts));
    requireQuality(facts.study.document, read);
    const { source: rows, excluded, snapshot, snapshotHash } = read;
    const prepared = prepareAnalysisTable(facts.study.document, rows);
    const table = { ...prepared, excluded: [...ofTable(excluded), ...prepared.excluded] };
    const rowKeyHashes = hashesOf(siteSecret, facts.study.document, table);
    this.#refuseDifferencing(run, facts, rowKeyHashes);
    files.write(run, table);
    const record = { run, study: facts.study.hash, tableHash: table.hash, snapshot, snapshotHash, rowCount: table.rowCount };
    store.transaction(() => {
      store.putFrozenTable({ ...record, rowKeyHashes, frozenAtMs: clock.nowMs() });
      ledger.appendFrozenTable(record);
    });
    return table;
  }

  #refuseDifferencing(run: string, facts: SiteFacts, rowKeyHashes: Uint8Array): void {
    const earlier = this.#options.store.frozenTables().filter((record) => record.run !== run);
    const verdict = compareTables(
      rowKeyHashes,
      earlier.map((record) => record.rowKeyHashes),
      policyCell(facts),
    );
    if (verdict.kind === "refused") throw new DureError(verdict.problem);
  }

  #tableDocument(facts: SiteFacts): Uint8Array {
    const { table } = facts.study.document.data;
    const named = frozenFiles(facts.study).find((file) => file.name === `tables/${table}.yaml`);
    const content = named === undefined ? undefined : this.#options.store.findFile(named.sha256);
    if (content === undefined) throw absentTable(table);
    return content;
  }
}

/** For later comparisons: of all rows, and of those that the study does not hold out. */
function hashesOf(siteSecret: Uint8Array, study: StudyDocument, table: AnalysisTable): Uint8Array {
  const hash = (rows: AnalysisTable): Uint8Array => {
    const persons = personsOfStudy(study, rows);
    return hashRowKeys(siteSecret, rows.rowKeys, persons === undefined ? undefined : personKeys(rows, persons));
  };
  if (!table.heldOut.includes(1)) return hash(table);
  return joinHashes(hash(table), hash(selectRows(table, (row) => table.heldOut[row] !== 1)));
}

/** One count: the reasons are columns of the table, which the study's public part does not know. */
function ofTable(excluded: readonly ExcludedRows[]): readonly ExcludedRows[] {
  const rowCount = excluded.reduce((sum, reason) => sum + reason.rowCount, 0);
  return rowCount === 0 ? [] : [{ reason: "table: row not complete", rowCount }];
}

function absentTable(table: string): DureError {
  return new DureError({
    code: "site/table-document-absent",
    severity: "error",
    place: { file: `tables/${table}.yaml` },
    what: text(
      "The study names this research table, but its document did not come with the study.",
      "연구가 지정한 연구용 표 문서가 연구와 함께 도착하지 않았습니다.",
    ),
    remedy: text("Ask the proposer to propose the study again.", "제안자에게 연구를 다시 제안하도록 요청해 주십시오."),
  });
}
