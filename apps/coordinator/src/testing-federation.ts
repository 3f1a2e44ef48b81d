/** For tests only: a coordinator, a researcher and hospitals that are ready for a study. */

import { readFileSync } from "node:fs";
import { hashRoster, makeRoster, openSealed, type Roster, signingKeyPair, signProposal } from "@dure/identity";
import { fromUtf8 } from "@dure/kernel";
import type { FrozenStudy } from "@dure/study";
import { readRoster, resultContext, type alliance as wire } from "@dure/wire";
import { coordinatorPaths } from "./home/coordinator-home.ts";
import { clock, connect, enrolMember, json, type TestConnection, type TestHome, type TestMember } from "./testing.ts";
import { TestSite } from "./testing-site.ts";
import { tableFile } from "./testing-study.ts";

const siteIds = ["andong", "boryeong", "chuncheon", "daegu"] as const;

export class TestFederation {
  readonly home: TestHome;
  readonly url: string;
  readonly researcher: TestMember;
  readonly connection: TestConnection;
  readonly sites: ReadonlyMap<string, TestSite>;

  constructor(home: TestHome, url: string, researcher: TestMember, sites: ReadonlyMap<string, TestSite>) {
    this.home = home;
    this.url = url;
    this.researcher = researcher;
    this.sites = sites;
    this.connection = connect(url, home.rootPem, researcher);
  }

  /** One researcher; three training hospitals and, as the last, an external one. */
  static async enrol(home: TestHome, url: string): Promise<TestFederation> {
    const researcher = await enrolMember(home, url, { id: "researcher", role: "researcher" });
    const seed = new Uint8Array(readFileSync(coordinatorPaths(home.home).identitySeed));
    const coordinatorKey = signingKeyPair(seed).publicKey;
    const sites = new Map<string, TestSite>();
    for (const [index, id] of siteIds.entries()) {
      const member = await enrolMember(home, url, { id });
      sites.set(id, new TestSite({ url, rootPem: home.rootPem, member, coordinatorKey, seed: index + 1 }));
    }
    return new TestFederation(home, url, researcher, sites);
  }

  site(id: string): TestSite {
    const site = this.sites.get(id);
    if (site === undefined) throw new Error(`no site ${id}`);
    return site;
  }

  async roster(): Promise<Roster> {
    const { memberJson } = await this.connection.studies.listMembers({});
    const members = memberJson.flatMap((member) => readRoster(`{"members":[${member}]}`).members);
    return makeRoster(
      members
        .filter(({ siteId }) => siteIds.some((id) => id === siteId))
        .map((member) => ({ ...member, role: member.siteId === "daegu" ? "external" : "training" })),
    );
  }

  async proposal(study: FrozenStudy, changes: { readonly roster?: Roster } = {}) {
    const roster = changes.roster ?? (await this.roster());
    const terms = {
      study: study.hash,
      invitedRoster: hashRoster(roster),
      proposer: this.researcher.id,
      proposerSealKey: this.researcher.seal.publicKey,
      proposedAtMs: clock.nowMs(),
    };
    return {
      canonicalStudyJson: json(study.canonical),
      proposalJson: json(signProposal(terms, this.researcher.identity.privateKey)),
      rosterJson: json(roster),
      files: [tableFile].map(({ name, content }) => ({ name, content: content.slice() })),
    };
  }

  async propose(study: FrozenStudy): Promise<void> {
    await this.connection.studies.propose(await this.proposal(study));
  }

  async approveAll(study: FrozenStudy): Promise<string> {
    let state = "";
    for (const [id, site] of this.sites)
      state = await site.approve(study.hash, id === "daegu" ? ["headline"] : ["headline", "local-model"]);
    return state;
  }

  startRun(study: FrozenStudy, idempotencyKey = "0123456789abcdef"): Promise<wire.StartRunResponse> {
    return this.connection.studies.startRun({ study: study.hash, idempotencyKey });
  }

  /** Waits until `isThere`; faults of the line are waited out, as a coordinator may be restarting. */
  async watch(run: string, isThere: (status: wire.GetRunResponse) => boolean, limitMs = 60_000): Promise<wire.GetRunResponse> {
    const endMs = clock.nowMs() + limitMs;
    for (;;) {
      const status = await this.connection.studies.getRun({ run }).catch(() => undefined);
      if (status !== undefined && isThere(status)) return status;
      if (clock.nowMs() > endMs) throw new Error(`the run stands at ${status?.status} ${status?.stage} ${status?.round}`);
      await clock.sleep(20);
    }
  }

  /** The result as this member's seal key opens it. */
  async result(
    run: string,
    reader: { readonly connection: TestConnection; readonly member: TestMember } = { connection: this.connection, member: this.researcher },
  ) {
    const { sealedResult } = await reader.connection.studies.getResult({ run });
    const opened = openSealed(reader.member.seal.privateKey, sealedResult, resultContext(run));
    if (opened.kind === "refused") throw new Error(`the result does not open: ${opened.code}`);
    return JSON.parse(fromUtf8(opened.plaintext));
  }

  startSites(): void {
    for (const site of this.sites.values()) site.start();
  }

  async close(): Promise<void> {
    await Promise.all([...this.sites.values()].map((site) => site.close()));
    this.connection.close();
  }
}

export const hasEnded = ({ status }: wire.GetRunResponse): boolean => status === "completed" || status === "stopped";
