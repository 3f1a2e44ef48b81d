/**
 * A whole federation on this machine, as real processes on loopback: a coordinator and an agent for each hospital, each under a
 * supervisor, with stewards who are thrown away afterwards.
 *
 * For the demonstration, `simulate --processes`, and the tests that kill processes. Everything goes the way it goes between real
 * hospitals: tokens, certificates, loads, proposals, reviews, signatures, sealed results.
 */

import { createServer } from "node:net";
import { join } from "node:path";
import { createEnrolmentToken, initAlliance } from "@dure/coordinator";
import type { StudyResult } from "@dure/federation/coordinator";
import type { OwnRelease } from "@dure/identity";
import { type Clock, DureError, type SecureRandom, type Text, text, toBase64 } from "@dure/kernel";
import { systemClock, systemRandom } from "@dure/machine";
import {
  approveStudy,
  type Connection,
  connectFromHome,
  deliverDecisions,
  enrolSite,
  fetchResult,
  fetchStudy,
  LedgerWriter,
  ownKeysOf,
  proposeStudy,
  readSettings,
  SiteStore,
  sitePaths,
  startRun,
  watchRun,
} from "@dure/site";
import { ingestIntoHome, type LoadReport } from "@dure/site/load";
import type { FrozenStudy } from "@dure/study";
import { SupervisedProcess } from "./supervised-process.ts";

export interface LocalHospital {
  readonly siteId: string;
  readonly organisation: string;
  readonly role: "training" | "external";
  readonly releases: readonly OwnRelease[];
  readonly rows:
    | {
        readonly kind: "exports";
        readonly directory: string;
        readonly mappingPath: string;
        readonly parameters: Readonly<Record<string, string>>;
      }
    | { readonly kind: "flat"; readonly path: string };
}

export interface LocalFederationOptions {
  readonly folder: string;
  readonly hospitals: readonly LocalHospital[];
  /** A PostgreSQL for the coordinator; without it the embedded one. */
  readonly databaseUrl?: string;
  readonly signal: AbortSignal;
  onStep(step: Text): void;
}

export interface LocalRun {
  readonly run: string;
  readonly result: StudyResult;
}

const RESEARCHER = "researcher";
const ALLIANCE = "loopback";
const DAY_MS = 86_400_000;
const SUM_COUNT_MAX = 200;
/** How long the coordinator may take to answer for the first time: an embedded PostgreSQL starts in two to four seconds. */
const START_MS = 60_000;

export class LocalFederation {
  readonly loads = new Map<string, LoadReport>();
  readonly processes = new Map<string, SupervisedProcess>();
  readonly #options: LocalFederationOptions;
  readonly #clock: Clock = systemClock;
  readonly #random: SecureRandom = systemRandom;
  readonly #passphrase: string;
  /** Aborted with its reason when a process does not stay up. */
  readonly #givenUp = new AbortController();

  constructor(options: LocalFederationOptions) {
    this.#options = options;
    this.#passphrase = toBase64(this.#random.bytes(24));
  }

  home(siteId: string): string {
    return join(this.#options.folder, siteId);
  }

  /** Founds the alliance, enrols everybody, loads the hospitals' exports and starts the agents. */
  async start(): Promise<void> {
    const { hospitals, onStep } = this.#options;
    onStep(text("founding the alliance and starting the coordinator", "연합을 만들고 코디네이터를 시작합니다"));
    const coordinatorHome = this.home("coordinator");
    const port = await findFreePort();
    await initAlliance({
      home: coordinatorHome,
      name: ALLIANCE,
      listen: { host: "127.0.0.1", port },
      dnsNames: ["localhost"],
      ...(this.#options.databaseUrl === undefined ? {} : { databaseUrl: this.#options.databaseUrl }),
      clock: this.#clock,
      random: this.#random,
    });
    this.#supervise("coordinator", ["coordinator", "start", "--home", coordinatorHome]);
    onStep(text("enrolling the hospitals with keys made in their own folders", "각 병원 폴더에서 키를 만들어 연합에 가입합니다"));
    await this.#enrol(RESEARCHER, "researcher", "Researchers");
    for (const hospital of hospitals) await this.#enrol(hospital.siteId, "site", hospital.organisation, hospital);
    onStep(text("loading each hospital's exports into its own OMOP store", "각 병원의 내보내기 파일을 자체 OMOP 저장소에 적재합니다"));
    await this.#load();
    onStep(text("starting the hospitals' agents", "병원 에이전트를 시작합니다"));
    for (const { siteId } of hospitals) this.#supervise(siteId, ["site", "start", "--home", this.home(siteId)]);
  }

  /** Proposes, lets every steward decide, runs, and opens the result as the proposer. */
  async runStudy(
    study: FrozenStudy,
    files: readonly { readonly name: string; readonly content: Uint8Array }[],
    onRound: (round: number) => void,
  ): Promise<LocalRun> {
    const { hospitals, onStep, signal } = this.#options;
    const home = this.home(RESEARCHER);
    const [paths, settings] = [sitePaths(home), readSettings(home)];
    const connection = connectFromHome(paths, settings);
    try {
      onStep(
        text(
          "proposing the study; every steward decides (throw-away stewards: all approve)",
          "연구를 제안하고 각 자료 관리자가 결정합니다(일회용 관리자: 모두 승인)",
        ),
      );
      const invitations = hospitals.map(({ siteId, role }) => ({ siteId, role }));
      const hash = await proposeStudy({ connection, paths, settings, study, files, invitations, clock: this.#clock });
      for (const hospital of hospitals) await this.#approve(hospital, hash);
      onStep(text("running: secure sums, then each hospital's own figures", "실행: 보안 합산 후 각 병원의 자체 수치 공개"));
      const run = await startRun({ connection, study: hash, random: this.#random });
      const givenUp = AbortSignal.any([signal, this.#givenUp.signal]);
      const ended = await watchRun({ connection, run, clock: this.#clock, signal: givenUp, onChange: (status) => onRound(status.round) });
      if (ended.status !== "completed" && !ended.stopCode.startsWith("analysis-refused/"))
        throw stopped(run, ended.stopCode, ended.stopSites);
      const result = await this.#patiently(() => fetchResult({ connection, paths, run }));
      return { run, result: result as unknown as StudyResult }; // sealed by our own coordinator, opened under this run's context
    } finally {
      connection.close();
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.processes.values()].map((process) => process.stop()));
  }

  #supervise(name: string, words: readonly string[]): void {
    const onGivenUp = (lines: readonly string[]): void => {
      this.#givenUp.abort(cannotStart(name, lines));
    };
    this.processes.set(name, new SupervisedProcess({ words, onGivenUp }));
  }

  async #enrol(siteId: string, role: "site" | "researcher", organisation: string, hospital?: LocalHospital): Promise<void> {
    const token = await this.#patiently(() =>
      createEnrolmentToken({
        home: this.home("coordinator"),
        role,
        id: siteId,
        validityMs: DAY_MS,
        clock: this.#clock,
        random: this.#random,
      }),
    );
    await this.#patiently(() =>
      enrolSite({
        home: this.home(siteId),
        token,
        organisation,
        stewardPassphrase: this.#passphrase,
        ...(hospital?.rows.kind === "flat" ? { source: { kind: "flat" as const, path: hospital.rows.path } } : {}),
        clock: this.#clock,
        random: this.#random,
      }),
    );
  }

  async #load(): Promise<void> {
    for (const { siteId, rows } of this.#options.hospitals) {
      if (rows.kind !== "exports") continue;
      const { directory, mappingPath, parameters } = rows;
      const { signal } = this.#options;
      const load = { home: this.home(siteId), directory, mappingPath, parameters, clock: this.#clock, random: this.#random, signal };
      this.loads.set(siteId, await ingestIntoHome(load));
    }
  }

  async #approve({ siteId, releases }: LocalHospital, hash: string): Promise<void> {
    const home = this.home(siteId);
    const [paths, settings] = [sitePaths(home), readSettings(home)];
    const store = new SiteStore(paths.decisions);
    const connection: Connection = connectFromHome(paths, settings);
    try {
      const ledger = new LedgerWriter({ store, alliance: settings.alliance, siteId, clock: this.#clock, random: this.#random });
      const fetched = await fetchStudy({ connection, store, own: ownKeysOf(paths, settings), study: hash, clock: this.#clock });
      if (fetched.kind === "refused") throw new DureError(fetched.problems);
      const decision = await approveStudy({
        paths,
        store,
        ledger,
        settings,
        study: hash,
        passphrase: this.#passphrase,
        boardReference: "demonstration",
        expiresAtMs: this.#clock.nowMs() + DAY_MS,
        sumCountMax: SUM_COUNT_MAX,
        minimumCell: fetched.study.frozen.document.privacy.minimumCell,
        releases,
        acceptsInference: false,
        clock: this.#clock,
      });
      if (decision.kind === "refused") throw new DureError(decision.problems);
      await deliverDecisions(connection, store);
    } finally {
      connection.close();
      store.close();
    }
  }

  /** The coordinator may still be starting: faults that say "again" are waited out. */
  async #patiently<Result>(work: () => Promise<Result>): Promise<Result> {
    const untilMs = this.#clock.nowMs() + START_MS;
    for (;;) {
      this.#givenUp.signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        const isTransient = error instanceof DureError && error.retry !== "permanent";
        if (!isTransient || this.#clock.nowMs() > untilMs) throw error;
        await this.#clock.sleep(100, this.#options.signal);
      }
    }
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

const stopped = (run: string, code: string, sites: readonly string[]): DureError =>
  new DureError({
    code: "run/stopped",
    severity: "error",
    place: { run },
    what: text(`The run was stopped: ${code} ${sites.join(", ")}.`, `실행이 중단되었습니다: ${code} ${sites.join(", ")}.`),
    remedy: text("The hospital's own console says why.", "이유는 해당 병원의 콘솔에 있습니다."),
  });

const cannotStart = (name: string, lines: readonly string[]): DureError =>
  new DureError(
    {
      code: "cli/process-does-not-start",
      severity: "error",
      place: { site: name },
      what: text(`The process does not stay up: ${lines.at(-1) ?? ""}`, `프로세스가 유지되지 않습니다: ${lines.at(-1) ?? ""}`),
      remedy: text("Read its last line, above.", "위의 마지막 줄을 확인해 주십시오."),
    },
    { cause: lines.join("\n") },
  );
