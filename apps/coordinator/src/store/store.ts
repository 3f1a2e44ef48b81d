/**
 * The coordinator's store: what it must remember when it is killed.
 *
 * A piece of work is one named transaction. Repositories take the transaction as their first argument, so that one piece of work may use
 * several of them and is stored whole or not at all. Transactions are serializable: they behave as if they ran one after another, and one
 * that cannot is run again from its start. So what runs inside must have no other effect: messages are sent after the transaction ended.
 * Every write may be repeated after an ambiguous failure; it then says `repeated`.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { assert } from "@dure/kernel";
import { CamelCasePlugin, type ControlledTransaction, Kysely, PostgresDialect } from "kysely";
import { openEmbeddedEngine } from "./embedded-engine.ts";
import type { StoreEngine } from "./engine.ts";
import { classifyFault, type FaultContext, gaveWay } from "./faults.ts";
import { latestSchema, migrateTo } from "./migrate.ts";
import { openPostgresEngine } from "./postgres-engine.ts";
import { type StorePlace, storeClosed, storeContended, storeLockLost, storeUnreachable } from "./problems.ts";
import { type CoordinatorRepositories, repositories } from "./repositories.ts";
import type { CoordinatorTables, StoreTransaction } from "./tables.ts";

export type StoreTarget =
  /** `postgres://user:password@host:port/database`, PostgreSQL 15 or newer. */
  | { readonly kind: "postgres"; readonly url: string }
  /** A directory that the store makes and owns. */
  | { readonly kind: "embedded"; readonly directory: string };

export interface CoordinatorStore {
  readonly kind: StoreTarget["kind"];
  readonly place: StorePlace;
  readonly repositories: CoordinatorRepositories;
  /**
   * Runs `work` in one serializable transaction and commits it. `work` may run more than once and must have no effect but on `tx`.
   * An error that `work` throws rolls everything back and passes through.
   *
   * @param name verb and object, such as `save run state`; appears in errors
   * @throws DureError `store/unreachable`, `store/contended`, `store/full` (transient: nothing stored), `store/outcome-unknown`
   *   (ambiguous: repeat it), `store/refused`, `store/lock-lost`, `store/closed` (permanent)
   */
  transaction<Value>(name: string, work: (tx: StoreTransaction) => Promise<Value>): Promise<Value>;
  /** Waits for open transactions, then lets go of the store. May be called twice. */
  close(): Promise<void>;
}

/** Times that a transaction gives way to others before it is reported; with ten connections three are already rare. */
const ATTEMPTS_MAX = 10;

/**
 * Opens a store, makes or migrates its schema, and holds it against every other process until closed or until this process ends.
 *
 * @throws DureError `store/in-use`, `store/unreachable`, `store/directory-unusable`, `store/too-new`, `store/migration-changed`
 */
export async function openCoordinatorStore(target: StoreTarget): Promise<CoordinatorStore> {
  const engine = target.kind === "embedded" ? await openEmbeddedEngine(target.directory) : await openPostgresEngine(target.url);
  const plugins = [new CamelCasePlugin({ maintainNestedObjectKeys: true })];
  const db = new Kysely<CoordinatorTables>({ dialect: new PostgresDialect({ pool: engine.pool }), plugins });
  const store = new SqlCoordinatorStore(engine, db);
  try {
    await migrateTo(db, latestSchema, engine.place);
  } catch (cause) {
    await store.close();
    throw classifyFault(cause, { place: engine.place, transaction: "migrate schema", phase: "body", isBroken: false }) ?? cause;
  }
  return store;
}

/** The name of the transaction that the current call runs in. */
const current = new AsyncLocalStorage<string>();

class SqlCoordinatorStore implements CoordinatorStore {
  readonly repositories = repositories;
  readonly #engine: StoreEngine;
  readonly #db: Kysely<CoordinatorTables>;
  #closing: Promise<void> | undefined;

  constructor(engine: StoreEngine, db: Kysely<CoordinatorTables>) {
    this.#engine = engine;
    this.#db = db;
  }

  get kind(): StoreTarget["kind"] {
    return this.#engine.kind;
  }

  get place(): StorePlace {
    return this.#engine.place;
  }

  async transaction<Value>(name: string, work: (tx: StoreTransaction) => Promise<Value>): Promise<Value> {
    const outer = current.getStore();
    assert(outer === undefined, `"${name}" opens a transaction inside "${outer}"; pass the handle on`);
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(name, work);
      if (outcome.kind === "committed") return outcome.value;
      if (attempt === ATTEMPTS_MAX) throw storeContended(this.place, name, outcome.cause);
    }
  }

  async #attempt<Value>(name: string, work: (tx: StoreTransaction) => Promise<Value>): Promise<Attempt<Value>> {
    const tx = await this.#begin();
    let phase: FaultContext["phase"] = "body";
    try {
      const value = await current.run(name, () => work(tx));
      phase = "commit";
      await tx.commit().execute();
      return { kind: "committed", value };
    } catch (cause) {
      const isBroken = !(await rollBack(tx));
      if (!isBroken && gaveWay(cause)) return { kind: "gave-way", cause };
      throw classifyFault(cause, { place: this.place, transaction: name, phase, isBroken }) ?? cause;
    }
  }

  async #begin(): Promise<ControlledTransaction<CoordinatorTables>> {
    if (this.#closing !== undefined) throw storeClosed(this.place);
    if (this.#engine.isLockLost()) throw storeLockLost(this.place);
    try {
      return await this.#db.startTransaction().setIsolationLevel("serializable").execute();
    } catch (cause) {
      throw storeUnreachable(this.place, cause);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#letGo();
    return this.#closing;
  }

  async #letGo(): Promise<void> {
    try {
      await this.#db.destroy();
    } finally {
      await this.#engine.release();
    }
  }
}

type Attempt<Value> = { readonly kind: "committed"; readonly value: Value } | { readonly kind: "gave-way"; readonly cause: unknown };

/** Also gives the connection back to the pool. False where the connection is gone. */
async function rollBack(tx: ControlledTransaction<CoordinatorTables>): Promise<boolean> {
  try {
    await tx.rollback().execute();
    return true;
  } catch {
    return false;
  }
}
