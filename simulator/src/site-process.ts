/** A hospital's agent that can be killed: its disk is a text, its table is frozen, everything else dies with it. */

import {
  type Leaving,
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
import { performWork, type SiteWork } from "@dure/federation/site";
import type { AnalysisTable } from "@dure/records";
import type { Faults } from "./faults.ts";

/** What the ledger keeps of one message that left: what, and how many bytes; never the bytes. */
export interface LeftMessage {
  readonly kind: string;
  readonly round: number;
  readonly vectors: readonly string[];
  readonly byteCount: number;
}

export interface SiteSurroundings {
  readonly siteId: string;
  readonly tools: SiteTools;
  readonly table: AnalysisTable;
  readonly faults: Faults;
  readonly work: Omit<SiteWork, "table" | "facts">;
  facts(): SiteFacts;
  send(message: Leaving): void;
}

export class SiteProcess {
  readonly left: LeftMessage[] = [];
  readonly refusals: string[] = [];
  readonly #surroundings: SiteSurroundings;
  #disk: string | undefined;
  #state: SiteRunState | undefined;
  /** Counts the starts: another session is another process. */
  #session = 0;

  constructor(surroundings: SiteSurroundings) {
    this.#surroundings = surroundings;
  }

  get session(): string {
    return String(this.#session);
  }

  get isAlive(): boolean {
    return this.#state !== undefined;
  }

  start(): void {
    this.#session++;
    const durable = this.#disk === undefined ? undefined : (JSON.parse(this.#disk) as SiteRunDurable); // written by #handle only
    this.#state = recoverSiteRun(durable);
  }

  die(): void {
    this.#state = undefined;
  }

  async receive(message: ToSite): Promise<void> {
    await this.#handle({ kind: "from-coordinator", message, facts: this.#surroundings.facts() });
  }

  async #handle(message: SiteMessage): Promise<void> {
    if (this.#state === undefined) return;
    const { state, effects } = stepSite(this.#surroundings.tools, this.#state, message);
    const notes = effects.filter((effect) => effect.kind === "ledger");
    if (state.durable !== this.#state.durable || notes.length > 0) {
      this.#surroundings.faults.store(`${this.#surroundings.siteId} ${causeOf(message)}`, () => {
        this.#disk = state.durable === undefined ? undefined : JSON.stringify(state.durable);
        for (const { note } of notes) {
          this.left.push({
            kind: note.kind,
            round: note.round,
            vectors: note.vectors.map(({ name }) => name),
            byteCount: note.bytes.byteLength,
          });
        }
      });
    }
    this.#state = state;
    for (const effect of effects) await this.#perform(effect);
  }

  async #perform(effect: SiteEffect): Promise<void> {
    const { table, work } = this.#surroundings;
    switch (effect.kind) {
      case "send":
        return this.#surroundings.send(effect.message);
      case "refused":
        this.refusals.push(effect.code);
        return;
      case "ledger":
        return;
      default:
        return this.#handle(await performWork({ ...work, table, facts: this.#surroundings.facts() }, effect));
    }
  }
}

/** What makes a site store something, and in which round. */
function causeOf(message: SiteMessage): string {
  const cause = message.kind === "from-coordinator" ? message.message : message;
  return "round" in cause ? `${cause.kind} ${cause.round}` : cause.kind;
}
