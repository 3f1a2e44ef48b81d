/** The operator's commands, whether the coordinator runs (then it carries them out) or not (then the store is opened for them). */

import { existsSync, renameSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { certificateFingerprint } from "@dure/identity";
import { type Clock, DureError, type SecureRandom } from "@dure/kernel";
import { takeProcessLock } from "@dure/machine";
import {
  type CoordinatorPaths,
  type CoordinatorSettings,
  coordinatorPaths,
  lockHome,
  readKeyText,
  readSettings,
  storeTarget,
} from "../home/coordinator-home.ts";
import { coordinatorProblem } from "../problems.ts";
import { type BackupReport, type CoordinatorStore, openCoordinatorStore, restoreStore } from "../store/index.ts";
import {
  type AdminSurroundings,
  backUpIn,
  createTokenIn,
  type Invitation,
  type RevocationOrder,
  type RevokedMember,
  revokeIn,
} from "./commands.ts";
import { type ConsoleCommands, command } from "./console.ts";
import { socketPath } from "./socket-path.ts";

export interface Operator {
  readonly home: string;
  readonly clock: Clock;
  readonly random: SecureRandom;
}

export interface BackupFile {
  readonly file: string;
}

/**
 * One line, `dure-enrol-…`: shown once, stored nowhere.
 * @throws DureError `coordinator/not-initialised`, `coordinator/bad-invitation`, `coordinator/member-exists`, `coordinator/no-port`; transient
 *   `coordinator/console-unreachable` while the coordinator starts or stops; and those of the store
 */
export const createEnrolmentToken = ({ home, clock, random, ...invitation }: Operator & Invitation): Promise<string> =>
  administer({ home, clock, random }, "create-token", invitation, createTokenIn);

/** Out of the alliance for good. A run that needs the hospital stops. @throws DureError `coordinator/unknown-member`, as above */
export const revokeMember = ({ home, clock, random, ...order }: Operator & RevocationOrder): Promise<RevokedMember> =>
  administer({ home, clock, random }, "revoke-member", order, revokeIn);

/**
 * The store as it stands at one moment, also while the coordinator runs. The keys are not in it: keep a copy of `keys/` apart.
 * @throws DureError `store/backup-unreadable`, as above
 */
export const backupCoordinator = ({ file, ...operator }: Operator & BackupFile): Promise<BackupReport> =>
  administer(operator, "back-up", resolve(file), backUpIn);

/**
 * Puts a backup in the place of the store, which is kept beside it (`store.before-restore-…`). A database server's must be empty.
 * @throws DureError `coordinator/already-running`, `coordinator/other-alliance`, `store/not-empty`, `store/backup-damaged`, …
 */
export async function restoreCoordinator({ home, file, clock }: Pick<Operator, "home" | "clock"> & BackupFile): Promise<BackupReport> {
  const paths = coordinatorPaths(home);
  const settings = readSettings(paths);
  const lock = lockHome(paths);
  try {
    return settings.databaseUrl === undefined
      ? await restoreBeside(paths, file, clock.nowMs())
      : await restoreInto(paths, await openCoordinatorStore(storeTarget(paths, settings)), file);
  } finally {
    lock.release();
  }
}

/** What a running coordinator's console knows, beside what it does after a revocation. */
export function consoleCommands(surroundings: AdminSurroundings, onRevoked: (id: string) => Promise<void>): ConsoleCommands {
  return {
    "create-token": (argument) => createTokenIn(surroundings, argument as Invitation), // checked there, field by field
    "revoke-member": async (argument) => {
      const revoked = await revokeIn(surroundings, argument as RevocationOrder); // as above
      await onRevoked(revoked.id);
      return revoked;
    },
    "back-up": (argument) => backUpIn(surroundings, String(argument)),
  };
}

const HOLD_WAIT_MS = 200;

async function administer<Argument, Value>(
  operator: Operator,
  name: string,
  argument: Argument,
  work: (surroundings: AdminSurroundings, argument: Argument) => Promise<Value>,
): Promise<Value> {
  const paths = coordinatorPaths(operator.home);
  const settings = readSettings(paths);
  const answer = await command(socketPath(paths), name, argument);
  if (answer !== undefined) return answer.value as Value; // the same function gave it, in the coordinator's process
  const lock = takeProcessLock(paths.lock, HOLD_WAIT_MS);
  // It is starting, or stopping: a moment later it listens, or is gone.
  if (lock === undefined) throw new DureError(coordinatorProblem("console-unreachable"), { retry: "transient" });
  try {
    const store = await openCoordinatorStore(storeTarget(paths, settings));
    try {
      return await work(surroundingsOf(operator, paths, settings, store), argument);
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}

function surroundingsOf(
  { clock, random }: Operator,
  paths: CoordinatorPaths,
  settings: CoordinatorSettings,
  store: CoordinatorStore,
): AdminSurroundings {
  const { alliance, listen } = settings;
  const url = listen.port === 0 ? undefined : publicUrl(settings, listen.port);
  return { store, alliance, root: readKeyText(paths.rootCertificate), url, clock, random };
}

/** The address that hospitals use: the first name in the certificate. */
export function publicUrl({ dnsNames }: Pick<CoordinatorSettings, "dnsNames">, port: number): string {
  const [host = "localhost"] = dnsNames;
  return `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Into a new directory first: a backup that turns out to be damaged leaves the present store as it is. */
async function restoreBeside(paths: CoordinatorPaths, file: string, nowMs: number): Promise<BackupReport> {
  const directory = `${paths.store}.restoring`;
  rmSync(directory, { recursive: true, force: true });
  const report = await restoreInto(paths, await openCoordinatorStore({ kind: "embedded", directory }), file);
  if (existsSync(paths.store)) renameSync(paths.store, `${paths.store}.before-restore-${nowMs}`);
  renameSync(directory, paths.store);
  return report;
}

async function restoreInto(paths: CoordinatorPaths, store: CoordinatorStore, file: string): Promise<BackupReport> {
  try {
    const report = await restoreStore(store, resolve(file));
    await assertSameAlliance(paths, store);
    return report;
  } finally {
    await store.close();
  }
}

/** @throws DureError `coordinator/other-alliance` where the store does not belong to this folder's root. */
export async function assertSameAlliance(paths: CoordinatorPaths, store: CoordinatorStore): Promise<void> {
  const found = await store.transaction("read alliance", (tx) => store.repositories.alliance.find(tx));
  const fingerprint = certificateFingerprint(readKeyText(paths.rootCertificate));
  if (found?.rootFingerprint !== fingerprint) throw new DureError(coordinatorProblem("other-alliance", { file: paths.root }));
}
