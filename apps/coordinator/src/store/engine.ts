/** What both databases give the store: one pool of connections, and the certainty that no other process uses the same store. */

import type pg from "pg";
import type { StorePlace } from "./problems.ts";

export interface StoreEngine {
  readonly kind: "postgres" | "embedded";
  readonly place: StorePlace;
  readonly pool: pg.Pool;
  /** True once another process may hold the store; nothing more may be written. */
  isLockLost(): boolean;
  /** Called after the pool has ended: closes the database where it is ours, then lets go of the lock. */
  release(): Promise<void>;
}

/** How long a transaction waits for a connection. On one connection a longer wait means that somebody forgot to pass the transaction on. */
export const CONNECTION_WAIT_MS = 10_000;

/**
 * A connection that breaks while a transaction holds it reports that to the transaction, and once more as a bare `error` event, which
 * would end the process if nobody listened.
 */
export function quietBrokenConnections(pool: pg.Pool): void {
  pool.on("connect", (client) => client.on("error", () => undefined));
  pool.on("error", () => undefined);
}
