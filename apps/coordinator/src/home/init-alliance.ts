/** Founding an alliance: its certificate authority, the coordinator's own certificate and keys, and an empty store that knows the root. */

import { existsSync, mkdirSync, rmSync } from "node:fs";
import { type Alliance, certificateFingerprint, createAlliance, createSigningKey, createTlsKey } from "@dure/identity";
import { type Clock, DureError, type SecureRandom, type Sha256 } from "@dure/kernel";
import { writePrivateFile } from "@dure/machine";
import { coordinatorProblem } from "../problems.ts";
import { openCoordinatorStore, type StoreTarget } from "../store/index.ts";
import { type CoordinatorPaths, coordinatorPaths, type Listen, lockHome, storeTarget, writeSettings } from "./coordinator-home.ts";
import { issueServerChain } from "./server-certificate.ts";

export interface InitOptions {
  readonly home: string;
  /** Letters, digits, ".", "_", "-"; at most 63: it stands in every certificate. */
  readonly name: string;
  readonly listen: Listen;
  /** Names and addresses under which hospitals reach the coordinator; at least one. */
  readonly dnsNames: readonly string[];
  /** `postgres://…`; without it the database is embedded in the folder. */
  readonly databaseUrl?: string;
  readonly clock: Clock;
  readonly random: SecureRandom;
}

export interface FoundedAlliance {
  readonly name: string;
  /** What hospitals compare with the one in their token. */
  readonly rootFingerprint: Sha256;
  /** To be taken offline: whoever has it can make a new coordinator for this alliance. */
  readonly rootKeyFile: string;
  /** Raw Ed25519 public key of the coordinator, base64url. */
  readonly coordinatorKey: string;
}

/**
 * @throws DureError `coordinator/already-initialised`, `coordinator/no-dns-name`, `identity/alliance-name`, and those of the store.
 * The settings are written last: a folder without them may be initialised again. A database server's is then to be emptied first.
 */
export async function initAlliance(options: InitOptions): Promise<FoundedAlliance> {
  const { name, listen, dnsNames, databaseUrl, clock, random } = options;
  const paths = coordinatorPaths(options.home);
  if (existsSync(paths.settings)) throw new DureError(coordinatorProblem("already-initialised", { file: paths.root }));
  if (dnsNames.length === 0) throw new DureError(coordinatorProblem("no-dns-name"));
  const nowMs = clock.nowMs();
  const alliance = await createAlliance({ name, nowMs, random });
  mkdirSync(paths.root, { recursive: true, mode: 0o700 });
  const lock = lockHome(paths);
  try {
    const settings = { version: 1 as const, alliance: name, listen, dnsNames, ...(databaseUrl === undefined ? {} : { databaseUrl }) };
    const coordinatorKey = writeKeys(paths, alliance, random);
    await issueServerChain({ paths, settings, nowMs, random });
    const target = storeTarget(paths, settings);
    if ((await establish(alliance, { name, nowMs, target })) === "other") await establishAnew(alliance, { name, nowMs, target });
    writeSettings(paths, settings);
    return { name, rootFingerprint: certificateFingerprint(alliance.root.certificate), rootKeyFile: paths.rootKey, coordinatorKey };
  } finally {
    lock.release();
  }
}

function writeKeys(paths: CoordinatorPaths, { root, issuing }: Alliance, random: SecureRandom): string {
  const identity = createSigningKey(random);
  writePrivateFile(paths.rootCertificate, root.certificate);
  writePrivateFile(paths.rootKey, root.privateKey);
  writePrivateFile(paths.issuingCertificate, issuing.certificate);
  writePrivateFile(paths.issuingKey, issuing.privateKey);
  writePrivateFile(paths.tlsKey, createTlsKey(random));
  writePrivateFile(paths.identitySeed, identity.privateKey);
  return identity.publicKey;
}

interface Establishment {
  readonly name: string;
  readonly nowMs: number;
  readonly target: StoreTarget;
}

/** What an interrupted founding left in the folder is thrown away: without settings nothing ever ran on it. */
async function establishAnew(alliance: Alliance, establishment: Establishment): Promise<void> {
  const { target } = establishment;
  if (target.kind === "postgres") throw new DureError(coordinatorProblem("other-alliance"));
  rmSync(target.directory, { recursive: true });
  await establish(alliance, establishment);
}

async function establish({ root, issuing }: Alliance, { name, nowMs, target }: Establishment): Promise<"established" | "other"> {
  const store = await openCoordinatorStore(target);
  try {
    const row = {
      name,
      rootFingerprint: certificateFingerprint(root.certificate),
      rootCertificate: root.certificate,
      issuingCertificate: issuing.certificate,
      establishedAtMs: nowMs,
    };
    const outcome = await store.transaction("establish alliance", (tx) => store.repositories.alliance.establish(tx, row));
    return outcome.kind === "conflict" ? "other" : "established";
  } finally {
    await store.close();
  }
}
