/** The runs under way in this process: taken up again at the start, told who comes and goes and that time passes, let go when they end. */

import type { RunMessage, Sign } from "@dure/federation/protocol";
import { assert, type Clock, faultCode, type SecureRandom } from "@dure/kernel";
import type { CoordinatorLog } from "../log.ts";
import type { Mailboxes } from "../mailbox/mailboxes.ts";
import type { CoordinatorStore, StoredRunMessage } from "../store/index.ts";
import { listRowsMax } from "../store/limits.ts";
import { type LoadedRun, loadRun } from "./plan-document.ts";
import { letterOf, type RecordedEntry, RunDriver } from "./run-driver.ts";

export interface RunRegistryOptions {
  readonly store: CoordinatorStore;
  readonly mailboxes: Mailboxes;
  readonly clock: Clock;
  readonly random: SecureRandom;
  readonly log: CoordinatorLog;
  readonly sign: Sign;
}

/** Endings that a hospital which is away has still to hear of; the oldest are forgotten first. */
const UNTOLD_ENDINGS_MAX = 1_000;

export class RunRegistry {
  readonly #options: RunRegistryOptions;
  readonly #drivers = new Map<string, RunDriver>();
  #untold: { readonly site: string; readonly run: string; readonly outcome: "completed" | "stopped" }[] = [];
  #isStopped = false;

  constructor(options: RunRegistryOptions) {
    this.#options = options;
  }

  /** The coordinator's signature under what it opens. */
  get sign(): Sign {
    return this.#options.sign;
  }

  /** Takes up every run that had not ended when the last process did. A run that cannot be read is named in the log, and the others go on. */
  async resume(): Promise<void> {
    const { store, log } = this.#options;
    const runs = await store.transaction("list active runs", (tx) =>
      store.repositories.runs.list(tx, { statuses: ["running", "waiting"] }),
    );
    for (const { runId } of runs) {
      try {
        await this.take(runId);
        log.info({ code: "coordinator/run-resumed", run: runId });
      } catch (cause) {
        log.error({ code: "coordinator/run-not-resumed", run: runId, fault: faultCode(cause) });
      }
    }
  }

  /** Begins to drive a run that stands in the store. Repeated calls change nothing. */
  async take(run: string): Promise<void> {
    if (this.#drivers.has(run)) return;
    const { loaded, record } = await this.#load(run);
    if (this.#drivers.has(run) || this.#isStopped || loaded.durable.stage === "ended") return;
    const reload = async (): Promise<LoadedRun> => (await this.#load(run)).loaded;
    const driver: RunDriver = new RunDriver({ ...this.#options, loaded, record, reload, onEnded: () => this.#end(driver) });
    this.#drivers.set(run, driver);
    for (const [site, session] of this.#options.mailboxes.present())
      if (driver.has(site)) driver.tell({ kind: "site-present", site, session });
    driver.tell({ kind: "tick" });
  }

  find(run: string): RunDriver | undefined {
    return this.#drivers.get(run);
  }

  findOfStudy(study: string): RunDriver | undefined {
    return [...this.#drivers.values()].find((driver) => driver.study === study);
  }

  /** A hospital is connected; in a new session it first hears of the runs that ended without it. */
  arrived(site: string, session: string, isNew: boolean): void {
    this.#tellAll(site, { kind: "site-present", site, session });
    if (!isNew) return;
    for (const { run, outcome } of this.#untold.filter((ending) => ending.site === site))
      this.#options.mailboxes.put(site, letterOf({ kind: "run-ended", run, outcome }));
    this.#untold = this.#untold.filter((ending) => ending.site !== site);
  }

  left(site: string): void {
    this.#tellAll(site, { kind: "site-away", site });
  }

  /** For good: out of one study, or out of the alliance. */
  withdrew(site: string, study?: string): void {
    for (const driver of this.#drivers.values())
      if (driver.has(site) && (study === undefined || driver.study === study)) driver.tell({ kind: "site-withdrew", site });
  }

  tick(): void {
    for (const driver of this.#drivers.values()) driver.tick();
  }

  /** Steps under way are finished; what follows from them is for the next process. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#drivers.values()].map((driver) => driver.stop()));
  }

  #tellAll(site: string, message: RunMessage): void {
    for (const driver of this.#drivers.values()) if (driver.has(site)) driver.tell(message);
  }

  #end(driver: RunDriver): void {
    const { run, durable } = driver;
    this.#drivers.delete(run);
    const outcome = durable.status === "completed" ? "completed" : "stopped";
    const away = durable.roster.members.filter(({ siteId }) => this.#options.mailboxes.sessionOf(siteId) === undefined);
    this.#untold = [...this.#untold, ...away.map(({ siteId }) => ({ site: siteId, run, outcome }) as const)].slice(-UNTOLD_ENDINGS_MAX);
  }

  #load(runId: string): Promise<{ readonly loaded: LoadedRun; readonly record: readonly RecordedEntry[] }> {
    const { store, sign } = this.#options;
    const { runs } = store.repositories;
    return store.transaction("read run", async (tx) => {
      const run = await runs.find(tx, runId);
      assert(run !== undefined, "a run that is taken up stands in the store");
      const loaded = await loadRun(tx, store.repositories, { run, sign });
      return { loaded, record: await readRecord((after) => runs.record(tx, runId, after)) };
    });
  }
}

/** The whole record, page by page. */
export async function readRecord(page: (after: number) => Promise<readonly StoredRunMessage[]>): Promise<readonly RecordedEntry[]> {
  const record: RecordedEntry[] = [];
  for (let after = 0; ; ) {
    const messages = await page(after);
    record.push(...messages.map(entryOf));
    if (messages.length < listRowsMax) return record;
    after = messages.at(-1)?.sequence ?? after;
  }
}

function entryOf({ kind, round, attempt, detail, atMs }: StoredRunMessage): RecordedEntry {
  const { sites } = detail as unknown as { readonly sites: readonly string[] }; // run-writer.ts wrote it
  return { code: kind, round: round ?? 0, attempt: attempt ?? 0, sites, atMs };
}
