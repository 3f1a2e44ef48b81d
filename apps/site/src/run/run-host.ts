/**
 * Runs as the hospital's agent lives them: looks up what the steward decided, lets the reducer decide, stores, then acts.
 *
 * Order is everything here. The reducer's durable state and the ledger's entries are on the disk, in one transaction, before any
 * message that they account for leaves.
 */

import {
  type Leaving,
  type LedgerNote,
  recoverSiteRun,
  type SiteEffect,
  type SiteFacts,
  type SiteMessage,
  type SiteRunDurable,
  type SiteRunState,
  type SiteTools,
  stepSite,
  type ToSite,
} from "@dure/federation/protocol";
import { performWork } from "@dure/federation/site";
import type { SealPrivateKey } from "@dure/identity";
import { type Clock, DureError, faultCode, type SecureRandom } from "@dure/kernel";
import type { SiteStore } from "../store/site-store.ts";
import type { LedgerWriter } from "./ledger-writer.ts";
import { findStanding } from "./standing.ts";
import type { TableFreezer } from "./table-freezer.ts";

export interface RunHostOptions {
  readonly siteId: string;
  readonly coordinatorKey: string;
  readonly sealPrivateKey: SealPrivateKey;
  readonly store: SiteStore;
  readonly tables: TableFreezer;
  readonly ledger: LedgerWriter;
  readonly tools: SiteTools;
  readonly random: SecureRandom;
  readonly clock: Clock;
  /** Hands a message to the outbox; it goes out in order. */
  send(message: Leaving): void;
  /** For the hospital's own console: codes, never values. */
  log(entry: { readonly code: string; readonly run: string }): void;
}

type Work = Exclude<SiteEffect, { readonly kind: "send" | "ledger" | "refused" }>;

export class RunHost {
  readonly #options: RunHostOptions;
  readonly #states = new Map<string, SiteRunState>();

  constructor(options: RunHostOptions) {
    this.#options = options;
  }

  /**
   * A fault (a full disk, a store in use, a defect) ends this run's work in memory, not the agent: nothing was sent that was not stored,
   * and the coordinator's next attempt finds the stored state.
   */
  async receive(message: ToSite): Promise<void> {
    const { run } = message;
    try {
      const facts = this.#findFacts(message);
      if (facts !== undefined) await this.#handle(run, { kind: "from-coordinator", message, facts });
      else if (message.kind === "run-ended") this.#endWithoutApproval(run);
      else this.#refuseUnknown(message);
    } catch (error) {
      this.#states.delete(run);
      this.#options.log({ code: faultCode(error), run });
    }
  }

  async #handle(run: string, message: SiteMessage): Promise<void> {
    const before = this.#states.get(run) ?? recoverSiteRun(this.#options.store.findRun(run));
    const { state, effects } = stepSite(this.#options.tools, before, message);
    this.#store(before, state, effects);
    this.#states.set(run, state);
    if (state.durable?.ended === true) this.#forget(run);
    for (const effect of effects) await this.#perform(run, effect);
  }

  #store(before: SiteRunState, after: SiteRunState, effects: readonly SiteEffect[]): void {
    const { store, ledger, clock } = this.#options;
    const notes = effects.flatMap((effect): LedgerNote[] => (effect.kind === "ledger" ? [effect.note] : []));
    const refused = effects.filter((effect) => effect.kind === "refused");
    const isChanged = after.durable !== before.durable && after.durable !== undefined;
    if (!isChanged && notes.length === 0 && refused.length === 0) return;
    store.transaction(() => {
      if (after.durable !== undefined && isChanged) this.#putRun(after.durable);
      for (const note of notes) {
        ledger.appendNote(note);
        if (note.kind === "masked-vector") store.markTableLeft(note.run);
      }
      for (const { run, code } of refused) {
        store.putRefusal({ atMs: clock.nowMs(), run, code });
        ledger.appendRefusal(run, code);
      }
    });
  }

  /** Inside a transaction. A table over which nothing left is no longer compared with others once its run has ended. */
  #putRun(durable: SiteRunDurable): void {
    this.#options.store.putRun(durable);
    if (durable.ended) this.#options.store.dropTableThatNeverLeft(durable.run);
  }

  async #perform(run: string, effect: SiteEffect): Promise<void> {
    switch (effect.kind) {
      case "send":
        return this.#options.send(effect.message);
      case "refused":
        return this.#options.log({ code: effect.code, run });
      case "ledger":
        return;
      default:
        return this.#handle(run, await this.#work(run, effect));
    }
  }

  /**
   * What needs rows. A fault of the data is a code in the hospital's own console, and `not-taking-part` outside, for good. One that
   * passes (another process has the store, the disk is full) costs this attempt only.
   */
  async #work(run: string, effect: Work): Promise<SiteMessage> {
    const about = effect.kind === "contribute" ? "sum" : effect.kind === "compute-headline" ? "headline" : "local-model";
    try {
      const facts = this.#factsOf(run, effect);
      const table = await this.#options.tables.tableOf(run, facts);
      const { sealPrivateKey, random } = this.#options;
      return await performWork({ facts, table, sealPrivateKey, random }, effect);
    } catch (error) {
      if (error instanceof DureError && error.retry !== "transient") return { kind: "no-contribution", run, about, code: error.code };
      throw error;
    }
  }

  #factsOf(run: string, effect: Work): SiteFacts {
    const study = effect.kind === "compute-headline" ? effect.request.study : this.#states.get(run)?.durable?.study;
    const facts = study === undefined ? undefined : this.#standing(study);
    if (facts === undefined) throw new Error(`broken invariant: work for run ${run} without a study`);
    return facts;
  }

  #findFacts(message: ToSite): SiteFacts | undefined {
    const study =
      "study" in message ? message.study : (this.#states.get(message.run)?.durable ?? this.#options.store.findRun(message.run))?.study;
    return study === undefined ? undefined : this.#standing(study);
  }

  #standing(study: string): SiteFacts | undefined {
    const { store, siteId, coordinatorKey, clock } = this.#options;
    return findStanding(store, study, { siteId, coordinatorKey, nowMs: clock.nowMs() });
  }

  /** No approval, no study, no run: one answer. A message of an attempt that this process never saw is simply late. */
  #refuseUnknown(message: ToSite): void {
    const about = message.kind === "headline-request" ? "headline" : message.kind === "local-model-request" ? "local-model" : "sum";
    if (about === "sum" && message.kind !== "open-round") return;
    const { store, ledger, clock, log, send } = this.#options;
    this.#states.delete(message.run); // keys of an attempt that an approval, since withdrawn, began
    store.transaction(() => {
      store.putRefusal({ atMs: clock.nowMs(), run: message.run, code: "no-approval" });
      ledger.appendRefusal(message.run, "no-approval");
    });
    log({ code: "no-approval", run: message.run });
    const { run, round, attempt } = message.kind === "open-round" ? message : { run: message.run, round: 0, attempt: 0 };
    send({ kind: "not-taking-part", run, round, attempt, about });
  }

  /** The steward withdrew while the run went on: its end is stored and its table removed all the same. */
  #endWithoutApproval(run: string): void {
    const { store } = this.#options;
    const durable = store.findRun(run);
    if (durable !== undefined) store.transaction(() => this.#putRun({ ...durable, ended: true }));
    this.#forget(run);
  }

  #forget(run: string): void {
    this.#states.delete(run);
    this.#options.tables.remove(run);
  }
}
