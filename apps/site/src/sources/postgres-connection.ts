/**
 * The connection to a hospital's PostgreSQL: where it is told, how it is kept safe, and what its failures mean.
 *
 * The password comes from the environment or from a file that only its owner can read. It goes into the driver and nowhere else: no error
 * of this file has the driver's or the parser's own error as its cause, because those may hold what they were given.
 */

import { readFileSync, statSync } from "node:fs";
import { Socket } from "node:net";
import { resolve } from "node:path";
import type { MappingFile } from "@dure/clinical";
import { DureError, type Problem } from "@dure/kernel";
import pg from "pg";
import { badConnection, serverRefused, serverUnreachable, wentAway } from "./source-problems.ts";

export type PostgresqlTable = Extract<MappingFile, { readonly format: "postgresql" }>;

/** One step of a statement on the server, so that a forgotten load does not hold its tables for ever: sorting a large table takes minutes. */
const STATEMENT_MS_MAX = 10 * 60_000;
/** A server that answers nothing for so long, although its statement would have ended, is gone. */
const SILENCE_MS_MAX = STATEMENT_MS_MAX + 60_000;
/** A server in the same building answers in milliseconds. */
const CONNECT_MS_MAX = 15_000;
const OTHERS_MAY = 0o077;
const CONNECTION_BYTES_MAX = 4096;

/**
 * Runs `work` in one read-only transaction that sees one state of the database, and ends the connection.
 * @param directory of the exports; a relative path of the connection's file or the authority's starts here
 * @throws DureError `ingest/bad-connection`, `server-unreachable` (transient), `server-refused` or `source-went-away` (transient)
 */
export async function withReadOnly<Result>(
  definition: PostgresqlTable,
  directory: string,
  { signal, work }: { readonly signal?: AbortSignal | undefined; readonly work: (client: pg.Client) => Promise<Result> },
): Promise<Result> {
  const target = readTarget(definition, directory);
  const socket = new Socket();
  socket.setTimeout(SILENCE_MS_MAX, () => socket.destroy());
  const onAbort = (): void => void socket.destroy();
  signal?.addEventListener("abort", onAbort, { once: true });
  const client = new pg.Client({
    ...{ ...target, ssl: tlsOptions(definition, directory), stream: () => socket, keepAlive: true },
    ...{ connectionTimeoutMillis: CONNECT_MS_MAX, application_name: "dure" },
  });
  client.on("error", () => undefined); // a connection that ends is told by the query that waits on it
  try {
    signal?.throwIfAborted();
    await client.connect().catch((cause: unknown) => {
      throw connectFault(definition.path, cause);
    });
    await beginReadOnly(client, definition);
    return await work(client);
  } catch (cause) {
    signal?.throwIfAborted();
    throw cause instanceof DureError ? cause : queryFault(definition.path, cause, 0);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    socket.destroy();
    await client.end().catch(() => undefined); // nothing is left to be lost
  }
}

async function beginReadOnly(client: pg.Client, { timeZone }: PostgresqlTable): Promise<void> {
  await client.query("SET default_transaction_read_only = on");
  await client.query(`SET statement_timeout = ${STATEMENT_MS_MAX}`);
  await client.query("SET DateStyle = 'ISO, YMD'");
  if (timeZone !== undefined) await client.query("SELECT set_config('TimeZone', $1, false)", [timeZone]);
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

/** What a statement's failure means. @param rowCount rows that had come before it */
export function queryFault(table: string, cause: unknown, rowCount: number): DureError {
  const code = codeOf(cause);
  if (code === "42501") return new DureError(serverRefused(table, "permission"));
  if (code === "42P01" || code === "3F000") return new DureError(serverRefused(table, "table"));
  if (code === "57014") return new DureError(serverRefused(table, "too-slow"));
  if (code === "22021" || code === "22P05") return new DureError(serverRefused(table, "encoding"));
  if (/^(?:22|42|0A)/.test(code)) return new DureError(serverRefused(table, "column"));
  return new DureError(wentAway(table, rowCount), { retry: "transient" });
}

function connectFault(table: string, cause: unknown): DureError {
  const code = codeOf(cause);
  if (code === "28P01" || code === "28000") return new DureError(serverRefused(table, "login"));
  if (code === "3D000") return new DureError(serverRefused(table, "database"));
  if (code === "53300" || code === "57P03") return new DureError(serverUnreachable(table, "busy"), { retry: "transient" });
  const isTls = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code) || (cause instanceof Error && /SSL/.test(cause.message));
  return isTls ? new DureError(serverRefused(table, "tls")) : new DureError(serverUnreachable(table, "silent"), { retry: "transient" });
}

/** SQLSTATE, or the code of an error of the network. */
const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string" ? cause.code : "";

interface Target {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

function readTarget(definition: PostgresqlTable, directory: string): Target {
  const refuse = (kind: Parameters<typeof badConnection>[1]): DureError =>
    new DureError(badConnection(definition.path, kind, nameOf(definition)));
  const { connection } = definition;
  const text = "variable" in connection ? process.env[connection.variable] : readOwnersFile(resolve(directory, connection.file), refuse);
  if (text === undefined || text.trim() === "") throw refuse("missing");
  if (!URL.canParse(text.trim())) throw refuse("form");
  const url = new URL(text.trim());
  const part = (encoded: string): string => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      throw refuse("form");
    }
  };
  const database = part(url.pathname.slice(1));
  if (!/^postgres(?:ql)?:$/.test(url.protocol) || url.hostname === "" || url.username === "" || database === "") throw refuse("form");
  if (url.search !== "" || url.hash !== "") throw refuse("options");
  const host = part(url.hostname).replace(/^\[(.*)\]$/, "$1");
  return { host, port: url.port === "" ? 5432 : Number(url.port), user: part(url.username), password: part(url.password), database };
}

/** What a problem may name: the variable, or the file as the mapping writes it. */
const nameOf = ({ connection }: PostgresqlTable): string => ("variable" in connection ? connection.variable : connection.file);

function readOwnersFile(path: string, refuse: (kind: "missing" | "open-to-others" | "form") => DureError): string {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry === undefined || !entry.isFile()) throw refuse("missing");
  if (process.platform !== "win32" && (entry.mode & OTHERS_MAY) !== 0) throw refuse("open-to-others");
  if (entry.size > CONNECTION_BYTES_MAX) throw refuse("form");
  return readFileSync(path, "utf8");
}

function tlsOptions(definition: PostgresqlTable, directory: string): pg.ClientConfig["ssl"] {
  const { tls, tlsAuthority } = definition;
  if (tls === "off") return false;
  if (tlsAuthority === undefined) return { rejectUnauthorized: tls === "verified" };
  const path = resolve(directory, tlsAuthority);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    const problem: Problem = badConnection(definition.path, "missing", tlsAuthority);
    throw new DureError(problem);
  }
  return { rejectUnauthorized: tls === "verified", ca: readFileSync(path, "utf8") };
}
