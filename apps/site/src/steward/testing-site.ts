/** For tests only: hospitals with their keys, a proposed study on generated rows, a site's folder, and a coordinator in this process. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import {
  createSealKey,
  createSigningKey,
  createStewardKey,
  hashRoster,
  makeRoster,
  openStewardKey,
  type RosterMember,
  type SealKeyPair,
  type SigningKeyPair,
  type SiteRole,
  type StewardKeyFile,
  signingKeyPair,
  signProposal,
} from "@dure/identity";
import { type Clock, canonicalJson, type JsonValue, SeededRandom, utf8 } from "@dure/kernel";
import { systemRandom as random, writePrivateFile } from "@dure/machine";
import type { SourceColumn } from "@dure/records";
import { type FrozenStudy, freezeStudy, parseStudy } from "@dure/study";
import { alliance as wire, writeRoster } from "@dure/wire";
import type { Connection } from "../alliance/connection.ts";
import { makeSiteHome, type SitePaths, type SiteSettings } from "../home/site-home.ts";
import { LedgerWriter } from "../run/ledger-writer.ts";
import type { TableSource } from "../run/table-source.ts";
import { SiteStore } from "../store/site-store.ts";
import { fetchStudy, type OwnKeys, type StudyAnswer } from "./fetch-study.ts";

export const alliance = "test-alliance";
export const nowMs = 1_790_000_000_000;
export const passphrase = "four words and a river";

/** Deriving a key from a passphrase takes a second, so all hospitals of a test file share one steward's file. */
let stewardFile: StewardKeyFile | undefined;
let stewardKey: SigningKeyPair | undefined;

export interface TestHospital {
  readonly member: RosterMember;
  readonly identity: SigningKeyPair;
  readonly seal: SealKeyPair;
}

export function testHospital(
  siteId: string,
  role: SiteRole = "training",
  steward: string = createSigningKey(random).publicKey,
): TestHospital {
  const [identity, seal] = [createSigningKey(random), createSealKey(random)];
  const keys = { identityKey: identity.publicKey, sealKey: seal.publicKey, stewardKey: steward };
  return { member: { siteId, organisation: `Organisation of ${siteId}`, role, ...keys }, identity, seal };
}

/** A clock that a test sets. */
export function testClock(startMs: number = nowMs): Clock & { set(ms: number): void } {
  let now = startMs;
  return {
    nowMs: () => now,
    sleep: async () => undefined,
    set: (ms) => {
      now = ms;
    },
  };
}

const tableDocument = `dureTable: 1
id: toy
version: 1
title: { en: Toy, ko: 장난감 }
description: { en: Generated rows., ko: 생성한 행. }
columns:
  age: { type: number, description: { en: Age., ko: 나이. } }
  treated: { type: boolean, description: { en: Treated., ko: 치료. } }
  site_code: { type: text, description: { en: A code., ko: 코드. } }
  y: { type: boolean, description: { en: Outcome., ko: 결과. } }
`;

export const tableFile = { name: "tables/toy.yaml", content: utf8(tableDocument) };

export interface ToyOptions {
  readonly include?: string;
  readonly minimumCell?: number;
  readonly title?: string;
  readonly holdout?: string;
  readonly localModels?: boolean;
  /** What the study asks of `age10`, as YAML in one line. */
  readonly ageQuality?: string;
}

export function toyStudy(options: ToyOptions = {}): FrozenStudy {
  const { include, minimumCell = 5, title = "A toy study", holdout, localModels = true, ageQuality } = options;
  const document = parseStudy(`dure: 1
id: toy-study
title: ${title}
purpose: scientific-research
data:
  table: toy
${include === undefined ? "" : `  include: ${include}\n`}${holdout === undefined ? "" : `  split: { holdout: ${holdout} }\n`}  variables:
    y: { role: outcome, type: boolean }
    age10: { role: feature, type: number, from: (age - 60) / 10${ageQuality === undefined ? "" : `, quality: ${ageQuality}`} }
    treated: { role: feature, type: boolean }
analysis: { kind: logistic-regression }
evaluation: { localModels: ${localModels}, intervals: delong }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: ${minimumCell} }
`);
  return freezeStudy(document, (name) => (name === tableFile.name ? tableFile.content : undefined));
}

export interface ToyRows {
  readonly rowCount: number;
  readonly seed?: number;
  /** Rows whose age is missing, from the first. */
  readonly ageMissing?: number;
  /** Rows with the outcome; without it about half. */
  readonly events?: number;
  readonly keyPrefix?: string;
}

/** Rows that no file holds: the source of a hospital, generated. */
export function toySource(rows: ToyRows): TableSource {
  const { rowCount, seed = 1, ageMissing = 0, events, keyPrefix = "row" } = rows;
  const draw = new SeededRandom(seed);
  const age = Float64Array.from({ length: rowCount }, () => 60 + 10 * draw.normal());
  const treated = Float64Array.from({ length: rowCount }, () => draw.below(2));
  const y = Float64Array.from(age, (value, i) =>
    events === undefined ? Number(draw.uniform() < 1 / (1 + Math.exp(-(value - 60) / 20 - 0.3 * (treated[i] ?? 0)))) : Number(i < events),
  );
  const full = new Uint8Array(rowCount);
  const number = (values: Float64Array, missing = full): SourceColumn => ({ kind: "number", values, missing });
  const source = {
    rowKeys: Array.from({ length: rowCount }, (_, i) => `${keyPrefix}-${String(i).padStart(6, "0")}`),
    columns: new Map<string, SourceColumn>([
      [
        "age",
        number(
          age,
          Uint8Array.from({ length: rowCount }, (_, i) => Number(i < ageMissing)),
        ),
      ],
      ["treated", number(treated)],
      ["site_code", { kind: "text", values: new Array<string>(rowCount).fill("a"), missing: full }],
      ["y", number(y)],
    ]),
  };
  return { read: async () => ({ source, excluded: [], evidence: new Map(), snapshot: 3, snapshotHash: "0".repeat(64) }) };
}

export interface TestSite extends Disposable {
  readonly paths: SitePaths;
  readonly store: SiteStore;
  readonly ledger: LedgerWriter;
  readonly settings: SiteSettings;
  readonly clock: ReturnType<typeof testClock>;
  readonly own: OwnKeys;
  readonly hospital: TestHospital;
  /** This one first; the last one validates. */
  readonly hospitals: readonly TestHospital[];
}

/** hospital-1 of five, enrolled in a temporary folder. */
export async function testSite(role: SiteRole = "training"): Promise<TestSite> {
  stewardFile ??= await createStewardKey(passphrase, random);
  stewardKey ??= signingKeyPair(await openStewardKey(stewardFile, passphrase));
  const hospital = testHospital("hospital-1", role, stewardFile.publicKey);
  const others = [2, 3, 4].map((i) => testHospital(`hospital-${i}`));
  const hospitals = [hospital, ...others, testHospital("hospital-5", role === "training" ? "external" : "training")];
  const root = mkdtempSync(join(tmpdir(), "dure-site-"));
  const paths = makeSiteHome(root);
  writePrivateFile(paths.identitySeed, hospital.identity.privateKey);
  writePrivateFile(paths.sealSeed, hospital.seal.privateKey);
  writePrivateFile(paths.steward, JSON.stringify(stewardFile));
  const clock = testClock();
  const store = new SiteStore(paths.decisions);
  const { siteId, organisation, identityKey, sealKey } = hospital.member;
  return {
    paths,
    store,
    ledger: new LedgerWriter({ store, alliance, siteId, clock, random }),
    settings: {
      version: 1,
      siteId,
      organisation,
      role: "site",
      alliance,
      coordinatorUrl: "https://coordinator.test",
      coordinatorKey: createSigningKey(random).publicKey,
      stewardKey: stewardFile.publicKey,
      source: { kind: "store" },
    },
    clock,
    own: { siteId, identityKey, sealKey, stewardKey: stewardFile.publicKey },
    hospital,
    hospitals,
    [Symbol.dispose]: () => {
      store.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The private half of the steward's key that every test site shares. */
export function testStewardKey(): SigningKeyPair {
  if (stewardKey === undefined) throw new Error("make a test site first");
  return stewardKey;
}

const proposer = createSigningKey(random);

/** As the coordinator would hand it out. */
export function proposed(study: FrozenStudy, members: readonly RosterMember[], files: StudyAnswer["files"] = [tableFile]): StudyAnswer {
  const roster = makeRoster(members);
  const proposal = signProposal(
    {
      study: study.hash,
      invitedRoster: hashRoster(roster),
      proposer: "researcher-1",
      proposerSealKey: createSealKey(random).publicKey,
      proposedAtMs: nowMs - 1000,
    },
    proposer.privateKey,
  );
  return {
    canonicalStudyJson: canonicalJson(study.canonical),
    proposalJson: canonicalJson(proposal as unknown as JsonValue),
    rosterJson: writeRoster(roster),
    files,
  };
}

/** What a coordinator holds, without checks: it is not believed anyway. */
export interface TestCoordinator {
  readonly connection: Pick<Connection, "studies" | "sites">;
  readonly studies: Map<string, StudyAnswer>;
  readonly decisions: string[];
  /** Ledger documents by site. */
  readonly checkpoints: Map<string, string[]>;
  /** Code that the next calls fail with. */
  failWith: Code | undefined;
}

/** Connect's own router in this process: requests and answers are real messages. */
export function testCoordinator(): TestCoordinator {
  const studies = new Map<string, StudyAnswer>();
  const decisions: string[] = [];
  const checkpoints = new Map<string, string[]>();
  const guard = (): void => {
    if (coordinator.failWith !== undefined) throw new ConnectError("as the test says", coordinator.failWith);
  };
  const transport = createRouterTransport((router) => {
    router.service(wire.StudyService, {
      getStudy: ({ study }) => {
        guard();
        const answer = studies.get(study);
        if (answer === undefined) throw new ConnectError("no such study", Code.NotFound);
        return { ...answer, files: [...answer.files], state: "recruiting" };
      },
      listStudies: () => ({
        studies: [...studies.keys()].map((study) => ({
          study,
          id: "toy-study",
          title: "A toy study",
          state: "recruiting",
          proposer: "r-1",
        })),
      }),
      decide: ({ decisionJson }) => {
        guard();
        decisions.push(decisionJson);
        return { state: "recruiting" };
      },
    });
    router.service(wire.SiteService, {
      postCheckpoint: ({ checkpointJson }) => {
        guard();
        const { site } = JSON.parse(checkpointJson) as { site: string };
        const list = checkpoints.get(site) ?? [];
        if (!list.includes(checkpointJson)) checkpoints.set(site, [...list, checkpointJson]);
        return {};
      },
      listCheckpoints: ({ site }) => {
        guard();
        return { checkpointJson: checkpoints.get(site) ?? [] };
      },
    });
  });
  const connection = { studies: createClient(wire.StudyService, transport), sites: createClient(wire.SiteService, transport) };
  const coordinator: TestCoordinator = { connection, studies, decisions, checkpoints, failWith: undefined };
  return coordinator;
}

/** hospital-1, which has fetched the study and decided nothing yet. */
export async function siteWithStudy(study: FrozenStudy, role: SiteRole = "training"): Promise<TestSite> {
  const site = await testSite(role);
  const coordinator = testCoordinator();
  const members = site.hospitals.map(({ member }) => member);
  coordinator.studies.set(study.hash, proposed(study, members));
  await fetchStudy({ connection: coordinator.connection, store: site.store, own: site.own, study: study.hash, clock: site.clock });
  return site;
}
