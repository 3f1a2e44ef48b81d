/**
 * A PostgreSQL server, 15 or newer, by URL.
 *
 * One coordinator a database: a connection of its own holds an advisory lock for as long as the process lives. The server drops it when
 * the connection ends, which a killed process's does at once, and a vanished machine's after the keep-alives below.
 */

import pg from "pg";
import { CONNECTION_WAIT_MS, quietBrokenConnections, type StoreEngine } from "./engine.ts";
import { storeInUse, storeUnreachable } from "./problems.ts";

/** Connections for transactions; PostgreSQL's own default allows 100 in all. */
const POOL_CONNECTIONS_MAX = 10;

/** First half of the advisory lock's key; the second is the schema, so that two stores may share a database. */
const STORE_LOCK = 7_203_118;

/** How long a predecessor that was just killed may take to be gone, and how often to ask. */
const LOCK_WAIT_MS = 2_000;
const LOCK_POLL_MS = 50;

/** A machine that vanished is noticed after 5 + 3 × 5 seconds. */
const KEEP_ALIVE = "set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3";

export async function openPostgresEngine(url: string): Promise<StoreEngine> {
  const place = placeOf(url);
  const settings = {
    connectionString: url,
    application_name: "dure-coordinator",
    keepAlive: true,
    connectionTimeoutMillis: CONNECTION_WAIT_MS,
  };
  const holder = new pg.Client(settings);
  let isLockLost = false;
  let isReleased = false;
  const lose = (): void => {
    isLockLost = !isReleased;
  };
  holder.on("error", lose);
  holder.on("end", lose);
  const isHeld = await takeAdvisoryLock(holder).catch((cause: unknown) => {
    throw storeUnreachable(place, cause);
  });
  if (!isHeld) {
    await holder.end();
    throw storeInUse(place, undefined);
  }
  const pool = new pg.Pool({ ...settings, max: POOL_CONNECTIONS_MAX });
  quietBrokenConnections(pool);
  const release = async (): Promise<void> => {
    isReleased = true;
    await holder.end();
  };
  return { kind: "postgres", place, pool, isLockLost: () => isLockLost, release };
}

async function takeAdvisoryLock(holder: pg.Client): Promise<boolean> {
  await holder.connect();
  await holder.query(KEEP_ALIVE);
  for (let waitedMs = 0; ; waitedMs += LOCK_POLL_MS) {
    const { rows } = await holder.query<{ held: boolean }>("select pg_try_advisory_lock($1, hashtext(current_schema())) as held", [
      STORE_LOCK,
    ]);
    if (rows[0]?.held === true) return true;
    if (waitedMs >= LOCK_WAIT_MS) return false;
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

/** Host and database: what a person recognises, without the password. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return "postgres";
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
