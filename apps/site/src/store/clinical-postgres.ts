/**
 * The clinical store on PostgreSQL: studies and quality checks read there, with the hospital's own tools beside them.
 *
 * A load is still made in a DuckDB file in the site's folder, the workshop: it reads exports at hundreds of thousands of rows a second and
 * holds what never leaves that folder (person keys, rows kept between deliveries). Before the workshop commits, the finished snapshot is
 * published into PostgreSQL in one transaction. A process killed between the two commits leaves a whole snapshot in PostgreSQL which the
 * next load finds equal, or replaces.
 */

import { assert, DureError, type Problem, parseSha256, text } from "@dure/kernel";
import pg from "pg";
import type { LoadReport } from "../ingest/load-report.ts";
import { openDuckdbClinicalStore } from "./clinical-duckdb.ts";
import type { SqlSession } from "./clinical-session.ts";
import type { ClinicalStore, Snapshot } from "./clinical-store.ts";
import type { Waiting } from "./duckdb-file.ts";
import { postgresSession } from "./postgres-session.ts";
import { ensurePublished, publishSnapshots } from "./publish-snapshots.ts";

export interface PostgresStoreOptions {
  /** `postgresql://…`; holds a password, so it is never shown. */
  readonly url: string;
  /** The workshop's DuckDB file. */
  readonly path: string;
  readonly waiting?: Waiting;
}

/** A quality check of a large hospital may take minutes; a forgotten statement must not hold a snapshot for ever. */
const STATEMENT_MS_MAX = 60 * 60_000;
const CONNECT_MS_MAX = 10_000;

/**
 * @throws DureError `store/in-use` as DuckDB's store does, `store/postgres-unreachable` (transient) where the server does not answer,
 * `store/postgres-refused` where it does not let us in or lacks a right.
 */
export async function openPostgresClinicalStore({ url, path, waiting }: PostgresStoreOptions): Promise<ClinicalStore> {
  const workshop = await openDuckdbClinicalStore(path, waiting);
  const scratchPath = `${path}.publishing.csv`;
  let isClosed = false;
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };
  const reading = <Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> =>
    inTurn(async () => {
      assert(!isClosed, "the store was closed");
      return withClient(url, async (client) => {
        await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
        return work(postgresSession(client));
      });
    });
  const close = () =>
    inTurn(async () => {
      isClosed = true;
      await workshop.close();
    });
  await withClient(url, ensurePublished).catch(async (cause: unknown) => {
    await close();
    throw cause;
  });
  return {
    path,
    read: reading,
    load: (filePaths, work, memory) =>
      inTurn(async () => {
        assert(!isClosed, "the store was closed");
        const publishing = async (session: SqlSession) => {
          const commit = await work(session);
          if (commit.keep) await withClient(url, (client) => publishSnapshots({ session, client, scratchPath }));
          return commit;
        };
        return workshop.load([...filePaths, scratchPath], publishing, memory);
      }),
    snapshots: () => reading(readSnapshots),
    close,
  };
}

async function readSnapshots(session: SqlSession): Promise<readonly Snapshot[]> {
  const rows = await session.rows({ kind: "sql", parts: ["SELECT number, hash, report FROM dure.snapshot ORDER BY number"] });
  return rows.map(([number, hash, report]) => ({
    number: Number(number),
    hash: parseSha256(String(hash)),
    report: JSON.parse(String(report)) as LoadReport, // written by a load into the workshop, and published as it stands
  }));
}

/** A connection for one piece of work, closed whatever comes: an open transaction ends with it. */
async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    statement_timeout: STATEMENT_MS_MAX,
    application_name: "dure",
  });
  client.on("error", () => undefined); // a connection that breaks fails the statement under way, which says so
  try {
    await client.connect();
    return await work(client);
  } catch (cause) {
    throw postgresFault(cause);
  } finally {
    await client.end().catch(() => undefined); // it may be gone already
  }
}

/** The server's messages can quote cells, so they go no further than `cause`. Classes of SQLSTATE: PostgreSQL manual, appendix A. */
function postgresFault(cause: unknown): unknown {
  if (cause instanceof DureError || !(cause instanceof Error)) return cause;
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  if (/^(28|42501|3D)/.test(code)) return new DureError(refused(code), { cause });
  if (/^53[12]/.test(code)) return new DureError(full(code), { cause });
  const isGone = /^(08|53300|55000|57P|E[A-Z]+$)/.test(code) || /terminated|timeout|ended by the other party/i.test(cause.message);
  return isGone ? new DureError(unreachable(), { cause, retry: "transient" }) : cause;
}

const unreachable = (): Problem => ({
  code: "store/postgres-unreachable",
  severity: "error",
  place: {},
  what: text(
    "The PostgreSQL of the clinical store does not answer, or broke the connection. Nothing was changed.",
    "임상 저장소의 PostgreSQL이 응답하지 않거나 연결이 끊어졌습니다. 아무것도 바뀌지 않았습니다.",
  ),
  remedy: text(
    "Check that the server runs and can be reached, then do it again.",
    "서버가 실행 중이고 접속할 수 있는지 확인한 뒤 다시 시도해 주십시오.",
  ),
});

const refused = (sqlState: string): Problem => ({
  code: "store/postgres-refused",
  severity: "error",
  place: {},
  what: text(
    `The PostgreSQL of the clinical store refused the connection or a right (SQLSTATE ${sqlState}).`,
    `임상 저장소의 PostgreSQL이 접속 또는 권한을 거부했습니다(SQLSTATE ${sqlState}).`,
  ),
  remedy: text(
    "Check user, password and database of the URL; the user needs CREATE on the database.",
    "URL의 사용자, 비밀번호, 데이터베이스를 확인해 주십시오. 해당 사용자에게 데이터베이스의 CREATE 권한이 필요합니다.",
  ),
});

const full = (sqlState: string): Problem => ({
  code: "store/disk-full",
  severity: "error",
  place: {},
  what: text(
    `The PostgreSQL of the clinical store has no room left (SQLSTATE ${sqlState}). Nothing was changed.`,
    `임상 저장소의 PostgreSQL에 남은 공간이 없습니다(SQLSTATE ${sqlState}). 아무것도 바뀌지 않았습니다.`,
  ),
  remedy: text("Make room on the server, then load again.", "서버의 공간을 확보한 뒤 다시 적재해 주십시오."),
});
