/**
 * The coordinator's folder. One coordinator a folder.
 *
 *   coordinator.json        the alliance's name, where to listen, which database
 *   keys/                   root and issuing certificates, issuing key, TLS key and chain, identity key; mode 0600
 *   keys/root-key.pem       signs issuing keys only: its operator takes it offline after `dure alliance init`
 *   store/                  the embedded database, where no PostgreSQL is named
 *   coordinator.lock        held by the one process that runs
 *   coordinator.sock        the operator's console, mode 0600
 */

import { join, resolve } from "node:path";
import { DureError, fromUtf8 } from "@dure/kernel";
import { findPrivateFile, type ProcessLock, takeProcessLock, writePrivateFile } from "@dure/machine";
import { coordinatorProblem } from "../problems.ts";
import type { StoreTarget } from "../store/index.ts";

export interface Listen {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface CoordinatorSettings {
  readonly version: 1;
  readonly alliance: string;
  readonly listen: Listen;
  /** Names and addresses in the TLS certificate; the first is the one that tokens carry. */
  readonly dnsNames: readonly string[];
  /** Absent: the embedded database of this folder. */
  readonly databaseUrl?: string;
}

export interface CoordinatorPaths {
  readonly root: string;
  readonly settings: string;
  readonly rootCertificate: string;
  readonly rootKey: string;
  readonly issuingCertificate: string;
  readonly issuingKey: string;
  readonly tlsKey: string;
  readonly tlsChain: string;
  readonly identitySeed: string;
  readonly store: string;
  readonly lock: string;
  readonly socket: string;
}

export function coordinatorPaths(home: string): CoordinatorPaths {
  const root = resolve(home);
  const key = (name: string): string => join(root, "keys", name);
  return {
    root,
    settings: join(root, "coordinator.json"),
    rootCertificate: key("root-certificate.pem"),
    rootKey: key("root-key.pem"),
    issuingCertificate: key("issuing-certificate.pem"),
    issuingKey: key("issuing-key.pem"),
    tlsKey: key("tls-key.pem"),
    tlsChain: key("tls-chain.pem"),
    identitySeed: key("identity.seed"),
    store: join(root, "store"),
    lock: join(root, "coordinator.lock"),
    socket: join(root, "coordinator.sock"),
  };
}

export function writeSettings(paths: CoordinatorPaths, settings: CoordinatorSettings): void {
  writePrivateFile(paths.settings, `${JSON.stringify(settings, undefined, 2)}\n`);
}

/** @throws DureError `coordinator/not-initialised` where the folder holds no settings, or none that this version reads. */
export function readSettings(paths: CoordinatorPaths): CoordinatorSettings {
  const bytes = findPrivateFile(paths.settings);
  const value = bytes === undefined ? undefined : parseSettings(fromUtf8(bytes));
  if (value === undefined) throw new DureError(coordinatorProblem("not-initialised", { file: paths.root }));
  return value;
}

/** @throws DureError `coordinator/key-absent` naming the file. */
export function readKey(path: string): Uint8Array {
  const bytes = findPrivateFile(path);
  if (bytes === undefined) throw new DureError(coordinatorProblem("key-absent", { file: path }));
  return bytes;
}

export const readKeyText = (path: string): string => fromUtf8(readKey(path));

export const storeTarget = (paths: CoordinatorPaths, settings: CoordinatorSettings): StoreTarget =>
  settings.databaseUrl === undefined ? { kind: "embedded", directory: paths.store } : { kind: "postgres", url: settings.databaseUrl };

/** A predecessor that was just killed, or a command of the operator's that has the store open, may take this long to be gone. */
const HOME_WAIT_MS = 3_000;

/** @throws DureError `coordinator/already-running` where another process holds the folder. */
export function lockHome(paths: CoordinatorPaths): ProcessLock {
  const lock = takeProcessLock(paths.lock, HOME_WAIT_MS);
  if (lock === undefined) throw new DureError(coordinatorProblem("already-running", { file: paths.root }));
  return lock;
}

function parseSettings(json: string): CoordinatorSettings | undefined {
  const value = JSON.parse(json) as CoordinatorSettings; // checked field by field next
  const { version, alliance, listen, dnsNames, databaseUrl } = value;
  const isListen = typeof listen?.host === "string" && Number.isInteger(listen.port) && listen.port >= 0 && listen.port <= 65_535;
  const isNames = Array.isArray(dnsNames) && dnsNames.length > 0 && dnsNames.every((name) => typeof name === "string");
  const isDatabase = databaseUrl === undefined || typeof databaseUrl === "string";
  return version === 1 && typeof alliance === "string" && isListen && isNames && isDatabase ? value : undefined;
}
