/** For tests only: a hospital's agent over real TLS, with the very reducer and gate of production and a disk in memory. */

import { Code, ConnectError } from "@connectrpc/connect";
import { coordinatorPartFor } from "@dure/federation/coordinator";
import { recoverSiteRun, type SiteFacts, type SiteMessage, type SiteRunState, stepSite, type ToSite } from "@dure/federation/protocol";
import { performWork } from "@dure/federation/site";
import { type Approval, createSigner, hashRoster, type OwnRelease, type Roster, signApproval } from "@dure/identity";
import { toHex } from "@dure/kernel";
import { parseFrozen } from "@dure/study";
import { readRoster, readToSite, writeToCoordinator } from "@dure/wire";
import { clock, connect, json, random, type TestConnection, type TestMember } from "./testing.ts";
import { inventedTable } from "./testing-study.ts";

export interface TestSiteOptions {
  readonly url: string;
  readonly rootPem: string;
  readonly member: TestMember;
  readonly coordinatorKey: string;
  readonly seed: number;
}

const DAY_MS = 86_400_000;

export class TestSite {
  readonly #options: TestSiteOptions;
  readonly #connection: TestConnection;
  readonly #table: ReturnType<typeof inventedTable>;
  readonly #states = new Map<string, SiteRunState>();
  readonly refusals: string[] = [];
  readonly counted: string[] = [];
  #approval: Approval | undefined;
  #roster: Roster | undefined;
  #canonical: string | undefined;
  #session = "";
  #stopping = new AbortController();
  #polling: Promise<void> = Promise.resolve();
  #posting: Promise<void> = Promise.resolve();

  constructor(options: TestSiteOptions) {
    this.#options = options;
    this.#connection = connect(options.url, options.rootPem, options.member);
    this.#table = inventedTable(options.seed);
  }

  get member(): TestMember {
    return this.#options.member;
  }

  get session(): string {
    return this.#session;
  }

  get connection(): TestConnection {
    return this.#connection;
  }

  /** Fetches the study and signs it with the steward's key. */
  async approve(study: string, releases: readonly OwnRelease[]): Promise<string> {
    const { member } = this.#options;
    const fetched = await this.#connection.studies.getStudy({ study });
    this.#canonical = fetched.canonicalStudyJson;
    this.#roster = readRoster(fetched.rosterJson);
    const frozen = parseFrozen(JSON.parse(fetched.canonicalStudyJson));
    const nowMs = clock.nowMs();
    this.#approval = signApproval(
      {
        siteId: member.id,
        study: frozen.hash,
        invitedRoster: hashRoster(this.#roster),
        boardReference: "IRB-1",
        expiresAtMs: nowMs + DAY_MS,
        sumCountMax: 200,
        minimumCell: frozen.document.privacy.minimumCell,
        releases,
        acceptsInference: false,
        decidedAtMs: nowMs,
      },
      member.steward.privateKey,
    );
    return (await this.#connection.studies.decide({ decisionJson: json(this.#approval) })).state;
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#session = toHex(random.bytes(8));
    this.#polling = this.#poll(this.#session, this.#stopping.signal);
  }

  /** As when the process is killed: what was in memory is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#polling;
    for (const [run, state] of this.#states) this.#states.set(run, recoverSiteRun(state.durable));
  }

  async close(): Promise<void> {
    await this.stop();
    this.#connection.close();
  }

  async #poll(session: string, signal: AbortSignal): Promise<void> {
    let acknowledged = 0n;
    while (!signal.aborted) {
      try {
        const { deliveries } = await this.#connection.sites.poll({ session, acknowledged, waitMs: 5_000 }, { signal });
        for (const { number, content } of deliveries) {
          if (number <= acknowledged) continue;
          if (content.case === "toSite") await this.#receive(session, readToSite(content.value));
          if (content.case === "countQuestion") await this.#answer(session, content.value.question);
          acknowledged = number;
        }
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
        if (!signal.aborted) await clock.sleep(100);
      }
    }
  }

  async #answer(session: string, question: string): Promise<void> {
    this.counted.push(question);
    await this.#connection.sites.post({ session, content: { case: "countReply", value: { question, answer: "120" } } });
  }

  async #receive(session: string, message: ToSite): Promise<void> {
    await this.#handle(session, message.run, { kind: "from-coordinator", message, facts: this.#facts() });
  }

  async #handle(session: string, run: string, message: SiteMessage): Promise<void> {
    const tools = { signer: createSigner(this.#options.member.id, this.#options.member.identity.privateKey), random };
    const { state, effects } = stepSite(tools, this.#states.get(run) ?? recoverSiteRun(undefined), message);
    this.#states.set(run, state);
    for (const effect of effects) {
      if (effect.kind === "send") this.#post(session, writeToCoordinator(effect.message));
      else if (effect.kind === "refused") this.refusals.push(effect.code);
      else if (effect.kind !== "ledger") {
        const work = { facts: this.#facts(), table: this.#table, sealPrivateKey: this.#options.member.seal.privateKey, random };
        await this.#handle(session, run, await performWork(work, effect));
      }
    }
  }

  /** In order, and tried again until it is accepted or refused, as the agent does. */
  #post(session: string, value: ReturnType<typeof writeToCoordinator>): void {
    this.#posting = this.#posting.then(async () => {
      while (!this.#stopping.signal.aborted) {
        try {
          await this.#connection.sites.post({ session, content: { case: "toCoordinator", value } });
          return;
        } catch (error) {
          if (ConnectError.from(error).code !== Code.Unavailable) return;
          await clock.sleep(100);
        }
      }
    });
  }

  #facts(): SiteFacts {
    if (this.#approval === undefined || this.#roster === undefined || this.#canonical === undefined) throw new Error("not approved");
    const study = parseFrozen(JSON.parse(this.#canonical));
    return {
      siteId: this.#options.member.id,
      study,
      part: coordinatorPartFor(study.document),
      approval: this.#approval,
      invitedRoster: this.#roster,
      coordinatorKey: this.#options.coordinatorKey,
      nowMs: clock.nowMs(),
      earlierRuns: [],
    };
  }
}
