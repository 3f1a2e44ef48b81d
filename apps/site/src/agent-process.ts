/** The agent of one folder, put together: lock, keys, stores, line, runs. */

import { createSigner, parseSealPrivateKey, parseSigningPrivateKey } from "@dure/identity";
import { type Clock, DureError, type SecureRandom, text } from "@dure/kernel";
import { type ProcessLock, takeProcessLock } from "@dure/machine";
import { Agent } from "./agent.ts";
import { type Connection, connectFromHome } from "./alliance/connection.ts";
import { installRenewed, refreshRevocationList, renewWhenDue } from "./alliance/renewal.ts";
import { answerCount } from "./count/answer-count.ts";
import { readKey, readMemberSettings, type SitePaths, type SiteSettings, sitePaths } from "./home/site-home.ts";
import { publishCheckpoint, witnessOthers } from "./ledger/checkpoints.ts";
import { LedgerWriter } from "./run/ledger-writer.ts";
import { RunHost } from "./run/run-host.ts";
import { tableSourceOf } from "./run/store-source.ts";
import { TableFreezer } from "./run/table-freezer.ts";
import { deliverDecisions } from "./steward/decide.ts";
import { FrozenTables } from "./store/frozen-table.ts";
import { SiteStore } from "./store/site-store.ts";

export interface AgentProcessOptions {
  readonly home: string;
  readonly clock: Clock;
  readonly random: SecureRandom;
  readonly signal: AbortSignal;
  log(entry: Readonly<Record<string, string | number>>): void;
}

/**
 * Runs until the signal aborts.
 * @throws DureError `site/agent-running` when another agent holds the folder
 */
export async function runAgent(options: AgentProcessOptions): Promise<void> {
  const settings = readMemberSettings(options.home);
  const paths = sitePaths(options.home);
  const lock = lockHome(paths, settings);
  const store = new SiteStore(paths.decisions);
  try {
    while (!options.signal.aborted) await connectAndRun({ ...options, settings, paths, store });
  } finally {
    store.close();
    lock.release();
  }
}

interface Opened extends AgentProcessOptions {
  readonly settings: SiteSettings;
  readonly paths: SitePaths;
  readonly store: SiteStore;
}

/** Until the signal aborts, or there is a new certificate: then the line is opened again with it. */
async function connectAndRun(opened: Opened): Promise<void> {
  const { paths, settings, signal } = opened;
  installRenewed(paths);
  const connection = connectFromHome(paths, settings);
  const renewed = new AbortController();
  try {
    const parts = { ...opened, connection, signal: AbortSignal.any([signal, renewed.signal]), onRenewed: () => renewed.abort() };
    await agentOf(parts).run();
  } finally {
    connection.close();
  }
}

interface Parts extends Opened {
  readonly connection: Connection;
  onRenewed(): void;
}

function agentOf(parts: Parts): Agent {
  const { settings, paths, store, connection, clock, random, signal, log } = parts;
  const { siteId, alliance } = settings;
  const identity = parseSigningPrivateKey(readKey(paths.identitySeed));
  const siteSecret = readKey(paths.siteSecret);
  const ledger = new LedgerWriter({ store, alliance, siteId, clock, random });
  const source = tableSourceOf(settings, paths.clinical);
  const host = new RunHost({
    siteId,
    coordinatorKey: settings.coordinatorKey,
    sealPrivateKey: parseSealPrivateKey(readKey(paths.sealSeed)),
    store,
    tables: new TableFreezer({ store, files: new FrozenTables(paths.frozen), source, ledger, siteSecret, clock }),
    ledger,
    tools: { signer: createSigner(siteId, identity), random },
    random,
    clock,
    send: (message) => agent.send(message),
    log,
  });
  const agent: Agent = new Agent({
    connection,
    clock,
    random,
    signal,
    onRunMessage: (message) => host.receive(message),
    onCountQuestion: (question) =>
      answerCount({ question, store, source, siteSecret, clock, siteId, stewardKey: settings.stewardKey, ledger }),
    onHousekeeping: async () => {
      await deliverDecisions(connection, store);
      if (await renewWhenDue({ paths, connection, clock, random })) parts.onRenewed();
      await refreshRevocationList({ paths, connection });
      await publishCheckpoint({ connection, store, ledger, identity });
      await witnessOthers({ connection, store, siteId, alliance, identity, clock });
    },
    log,
  });
  return agent;
}

function lockHome(paths: SitePaths, settings: SiteSettings): ProcessLock {
  const lock = takeProcessLock(paths.agentLock);
  if (lock !== undefined) return lock;
  throw new DureError({
    code: "site/agent-running",
    severity: "error",
    place: { site: settings.siteId, file: paths.root },
    what: text("Another agent already runs on this folder.", "이 폴더에서 다른 에이전트가 이미 실행 중입니다."),
    remedy: text("Use the one that runs, or stop it first.", "실행 중인 에이전트를 사용하거나 먼저 종료해 주십시오."),
  });
}
