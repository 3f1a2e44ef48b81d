/**
 * The lists of codes that a hospital's people map, in a SQLite file of the site's folder: several may work on one list at a time.
 *
 * Who opens a code takes a lease on it; a lease that is not renewed falls after some minutes, so nobody's holiday blocks a code. A decision names
 * the revision that it was made on, and is refused when somebody else decided meanwhile: nothing is overwritten unseen. Every decision stays
 * in the history. A page on the web and the command line stand on the same calls.
 */

import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { MappingStatus, ReviewedCode } from "@dure/clinical/vocabulary";
import { DureError, type Problem, text } from "@dure/kernel";
import { namingFullDisk } from "@dure/machine";

const OWNER_ONLY = 0o600;
const BUSY_MS = 5_000;

export interface Decision {
  readonly list: string;
  readonly code: string;
  /** Of the code as it was when it was looked at. */
  readonly revision: number;
  readonly by: string;
  readonly nowMs: number;
  readonly change: Partial<
    Pick<ReviewedCode, "status" | "equivalence" | "targets" | "comment" | "assignedReviewer" | "matchScore" | "autoAssigned">
  >;
}

export interface ListedCode extends ReviewedCode {
  readonly revision: number;
  /** Who has the code open at the moment. */
  readonly lockedBy: string | undefined;
}

export interface HistoryEntry {
  readonly revision: number;
  readonly by: string;
  readonly atMs: number;
  readonly status: MappingStatus;
  readonly conceptIds: readonly number[];
  readonly comment: string;
}

/** Codes and the rows that carry them, by status. */
export interface ListProgress {
  readonly list: string;
  readonly codes: number;
  readonly rows: number;
  readonly byStatus: Readonly<Partial<Record<MappingStatus, { readonly codes: number; readonly rows: number }>>>;
}

export interface CodeFilter {
  readonly status?: MappingStatus;
  readonly limit: number;
}

export const LEASE_MS = 5 * 60_000;

export class ReviewStore implements Disposable {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    if (path !== ":memory:") closeSync(openSync(path, "a", OWNER_ONLY)); // the engine would make it as the process's mask says
    // The timeout holds from the first statement: several people open the file at any moment.
    this.#database = new DatabaseSync(path, { timeout: BUSY_MS });
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS code (
        list TEXT NOT NULL, code TEXT NOT NULL, frequency INTEGER NOT NULL, status TEXT NOT NULL, revision INTEGER NOT NULL, content TEXT NOT NULL,
        PRIMARY KEY (list, code)) STRICT;
      CREATE INDEX IF NOT EXISTS code_by_frequency ON code (list, frequency DESC, code);
      CREATE TABLE IF NOT EXISTS lease (list TEXT NOT NULL, code TEXT NOT NULL, holder TEXT NOT NULL, until_ms INTEGER NOT NULL, PRIMARY KEY (list, code)) STRICT;
      CREATE TABLE IF NOT EXISTS history (
        list TEXT NOT NULL, code TEXT NOT NULL, revision INTEGER NOT NULL, by TEXT NOT NULL, at_ms INTEGER NOT NULL, content TEXT NOT NULL,
        PRIMARY KEY (list, code, revision)) STRICT;
      CREATE TABLE IF NOT EXISTS unmapped (list TEXT NOT NULL, code TEXT NOT NULL, frequency INTEGER NOT NULL, PRIMARY KEY (list, code)) STRICT;`);
  }

  lists(): readonly ListProgress[] {
    const rows = this.#database
      .prepare("SELECT list, status, count(*) AS codes, sum(frequency) AS rows FROM code GROUP BY list, status ORDER BY list")
      .all() as unknown as { list: string; status: MappingStatus; codes: number; rows: number }[]; // columns of a STRICT table, written below
    return [...Map.groupBy(rows, ({ list }) => list)].map(([list, ofList]) => ({
      list,
      codes: sum(ofList.map(({ codes }) => codes)),
      rows: sum(ofList.map((row) => row.rows)),
      byStatus: Object.fromEntries(ofList.map(({ status, codes, rows: carried }) => [status, { codes, rows: carried }])),
    }));
  }

  /**
   * How far this list is.
   * @throws DureError `map/unknown-list` naming the lists that are there, `map/list-not-begun` where the last load left codes of it open
   */
  progressOf(list: string): ListProgress {
    const lists = this.lists();
    const found = lists.find((one) => one.list === list);
    if (found !== undefined) return found;
    const open = this.unmappedLists().map((one) => one.list);
    throw new DureError(
      open.includes(list)
        ? listNotBegun(list)
        : unknownList(
            list,
            lists.map((one) => one.list),
            open,
          ),
    );
  }

  /** Adds what is new; of what is there, name, frequency and further columns are brought up to date and every decision stays. */
  addCodes(
    list: string,
    codes: readonly Pick<ReviewedCode, "code" | "name" | "frequency" | "info">[],
    by: string,
    nowMs: number,
  ): { readonly added: number } {
    return this.#transaction(() => {
      let added = 0;
      for (const { code, name, frequency, info } of codes) {
        const known = this.find(list, code, nowMs);
        if (known === undefined) added++;
        // A load knows no names: those that somebody gave stay.
        const described = { name: name === "" ? (known?.name ?? "") : name, frequency, info: { ...known?.info, ...info } };
        this.#write(list, { ...(known ?? fresh(code)), ...described }, known?.revision ?? 0);
        if (known === undefined) this.#remember(list, { ...fresh(code), ...described }, 0, by, nowMs);
      }
      return { added };
    });
  }

  /** What the last load found no concept for, in place of what an earlier one did. */
  putUnmapped(codes: readonly { readonly list: string; readonly code: string; readonly rowCount: number }[]): void {
    this.#transaction(() => {
      this.#database.exec("DELETE FROM unmapped");
      const insert = this.#database.prepare("INSERT OR REPLACE INTO unmapped VALUES (?, ?, ?)");
      for (const { list, code, rowCount } of codes) insert.run(list, code, rowCount);
    });
  }

  /** The most frequent first. */
  unmapped(list: string): readonly Pick<ReviewedCode, "code" | "name" | "frequency" | "info">[] {
    const rows = this.#database.prepare("SELECT code, frequency FROM unmapped WHERE list = ? ORDER BY frequency DESC, code").all(list);
    return rows.map(({ code, frequency }) => ({ code: String(code), name: "", frequency: Number(frequency), info: {} }));
  }

  /** Lists and vocabularies with codes that the last load left open. */
  unmappedLists(): readonly { readonly list: string; readonly codes: number; readonly rows: number }[] {
    const rows = this.#database
      .prepare("SELECT list, count(*) AS codes, sum(frequency) AS rows FROM unmapped GROUP BY list ORDER BY rows DESC, list")
      .all();
    return rows.map(({ list, codes, rows: carried }) => ({ list: String(list), codes: Number(codes), rows: Number(carried) }));
  }

  /** Codes as somebody else reviewed them, such as Usagi's: theirs replace ours, and ours stay in the history. */
  importCodes(list: string, codes: readonly ReviewedCode[], by: string, nowMs: number): void {
    this.#transaction(() => {
      for (const code of codes) {
        const revision = (this.find(list, code.code, nowMs)?.revision ?? -1) + 1;
        this.#write(list, code, revision);
        this.#remember(list, code, revision, by, nowMs);
      }
    });
  }

  /** The most frequent first: a few hundred codes carry most rows. */
  codes(list: string, { status, limit }: CodeFilter, nowMs: number): readonly ListedCode[] {
    const rows = this.#database
      .prepare(`
        SELECT c.content, c.revision, l.holder FROM code c LEFT JOIN lease l ON l.list = c.list AND l.code = c.code AND l.until_ms > ?
        WHERE c.list = ? AND (? IS NULL OR c.status = ?) ORDER BY c.frequency DESC, c.code LIMIT ?`)
      .all(nowMs, list, status ?? null, status ?? null, limit);
    return rows.map(toListed);
  }

  find(list: string, code: string, nowMs: number): ListedCode | undefined {
    const row = this.#database
      .prepare(`
        SELECT c.content, c.revision, l.holder FROM code c LEFT JOIN lease l ON l.list = c.list AND l.code = c.code AND l.until_ms > ?
        WHERE c.list = ? AND c.code = ?`)
      .get(nowMs, list, code);
    return row === undefined ? undefined : toListed(row);
  }

  /** Takes or renews the lease. @throws DureError `map/locked` naming the holder, `map/unknown-code` */
  lock(list: string, code: string, holder: string, nowMs: number): { readonly untilMs: number } {
    return this.#transaction(() => {
      const known = this.find(list, code, nowMs);
      if (known === undefined) throw new DureError(unknownCode(list));
      if (known.lockedBy !== undefined && known.lockedBy !== holder) throw new DureError(locked(known.lockedBy), { retry: "transient" });
      const untilMs = nowMs + LEASE_MS;
      this.#database.prepare("INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?)").run(list, code, holder, untilMs);
      return { untilMs };
    });
  }

  unlock(list: string, code: string, holder: string): void {
    this.#database.prepare("DELETE FROM lease WHERE list = ? AND code = ? AND holder = ?").run(list, code, holder);
  }

  /**
   * One decision, and the end of the decider's lease.
   * @throws DureError `map/locked`, `map/changed-meanwhile`, `map/unknown-code`, `map/approved-without-target`
   */
  decide({ list, code, revision, by, nowMs, change }: Decision): ListedCode {
    return this.#transaction(() => {
      const known = this.find(list, code, nowMs);
      if (known === undefined) throw new DureError(unknownCode(list));
      if (known.lockedBy !== undefined && known.lockedBy !== by) throw new DureError(locked(known.lockedBy), { retry: "transient" });
      if (known.revision !== revision) throw new DureError(changedMeanwhile());
      const { revision: _, lockedBy: __, ...before } = known;
      const setsStatus = change.status !== undefined && change.status !== before.status;
      const after: ReviewedCode = { ...before, ...change, ...(setsStatus ? { statusSetBy: by, statusSetOnMs: nowMs } : {}) };
      if (after.status === "APPROVED" && after.targets.length === 0) throw new DureError(approvedWithoutTarget());
      this.#write(list, after, revision + 1);
      this.#remember(list, after, revision + 1, by, nowMs);
      this.unlock(list, code, by);
      return { ...after, revision: revision + 1, lockedBy: undefined };
    });
  }

  /** Oldest first. */
  history(list: string, code: string): readonly HistoryEntry[] {
    const rows = this.#database
      .prepare("SELECT revision, by, at_ms, content FROM history WHERE list = ? AND code = ? ORDER BY revision")
      .all(list, code);
    return rows.map((row) => {
      const { status, targets, comment } = JSON.parse(String(row["content"])) as ReviewedCode; // written by `#remember`
      return {
        revision: Number(row["revision"]),
        by: String(row["by"]),
        atMs: Number(row["at_ms"]),
        status,
        conceptIds: targets.map(({ conceptId }) => conceptId),
        comment,
      };
    });
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #write(list: string, code: ReviewedCode, revision: number): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO code VALUES (?, ?, ?, ?, ?, ?)")
      .run(list, code.code, code.frequency, code.status, revision, JSON.stringify(plain(code)));
  }

  #remember(list: string, code: ReviewedCode, revision: number, by: string, nowMs: number): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?, ?, ?)")
      .run(list, code.code, revision, by, nowMs, JSON.stringify(plain(code)));
  }

  #transaction<Result>(work: () => Result): Result {
    return namingFullDisk(() => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        this.#database.exec("COMMIT");
        return result;
      } catch (cause) {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK"); // on a full disk the engine has ended it itself
        throw cause;
      }
    });
  }
}

const fresh = (code: string): ReviewedCode => ({
  code,
  name: "",
  frequency: 0,
  info: {},
  matchScore: 0,
  autoAssigned: [],
  status: "UNCHECKED",
  equivalence: "UNREVIEWED",
  targets: [],
  statusSetBy: "",
  statusSetOnMs: 0,
  comment: "",
  assignedReviewer: "",
});

/** Without what the store itself adds. */
function plain({
  revision: _,
  lockedBy: __,
  ...code
}: ReviewedCode & { readonly revision?: number; readonly lockedBy?: string | undefined }): ReviewedCode {
  return code;
}

function toListed(row: Readonly<Record<string, unknown>>): ListedCode {
  const holder = row["holder"];
  return {
    ...(JSON.parse(String(row["content"])) as ReviewedCode), // written by `#write`
    revision: Number(row["revision"]),
    lockedBy: typeof holder === "string" ? holder : undefined,
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const problem = (code: string, what: Problem["what"], remedy: Problem["remedy"]): Problem => ({
  code: `map/${code}`,
  severity: "error",
  place: {},
  what,
  remedy,
});

const unknownList = (list: string, known: readonly string[], open: readonly string[]): Problem =>
  problem(
    "unknown-list",
    text(`There is no list ${list}.`, `${list}(이)라는 목록이 없습니다.`),
    known.length === 0 && open.length === 0
      ? text("There is none yet: dure site map add begins one.", "아직 목록이 없습니다. dure site map add로 시작하십시오.")
      : text(
          [
            ...(known.length === 0 ? [] : [`Lists: ${known.join(", ")}.`]),
            ...(open.length === 0 ? [] : [`Left open by the last load, to be begun with dure site map add: ${open.join(", ")}.`]),
          ].join(" "),
          [
            ...(known.length === 0 ? [] : [`있는 목록: ${known.join(", ")}.`]),
            ...(open.length === 0 ? [] : [`마지막 적재에서 남아 dure site map add로 시작할 목록: ${open.join(", ")}.`]),
          ].join(" "),
        ),
  );

const listNotBegun = (list: string): Problem =>
  problem(
    "list-not-begun",
    text(
      `The last load left codes of ${list} open, but nobody has begun the list.`,
      `마지막 적재에서 ${list}의 코드가 남았지만 아직 목록을 시작하지 않았습니다.`,
    ),
    text(
      `Begin it: dure site map add ${list} TABLE --code COLUMN --name COLUMN, with a table that names the codes.`,
      `코드의 이름이 있는 표로 시작하십시오: dure site map add ${list} 표 --code 열 --name 열`,
    ),
  );

const unknownCode = (list: string): Problem =>
  problem(
    "unknown-code",
    text(`The list ${list} has no such code.`, `목록 ${list}에 그런 코드가 없습니다.`),
    text("See `dure site map show`.", "`dure site map show`로 확인해 주십시오."),
  );

const locked = (holder: string): Problem =>
  problem(
    "locked",
    text(`${holder} has this code open.`, `${holder} 님이 이 코드를 보고 있습니다.`),
    text(
      "Ask them, or wait some minutes: an unused lock falls by itself.",
      "그분께 문의하거나 몇 분 기다려 주십시오. 쓰지 않는 잠금은 저절로 풀립니다.",
    ),
  );

const changedMeanwhile = (): Problem =>
  problem(
    "changed-meanwhile",
    text("Somebody else decided on this code meanwhile.", "그사이 다른 사람이 이 코드를 결정했습니다."),
    text("Look at the code again, then decide.", "코드를 다시 확인한 뒤 결정해 주십시오."),
  );

const approvedWithoutTarget = (): Problem =>
  problem(
    "approved-without-target",
    text("A code without a target cannot be approved.", "대상 개념이 없는 코드는 승인할 수 없습니다."),
    text("Name a concept, or set the status to IGNORED with a comment.", "개념을 지정하거나, 사유를 적고 상태를 IGNORED로 두어 주십시오."),
  );
