/**
 * The folder of a hospital's agent: who it is, its keys, its stores. One agent a folder.
 *
 *   site.json              who this site is and where the coordinator listens
 *   keys/                  identity, seal and TLS keys, the site secret, the key of the person table; mode 0600
 *   steward.json           the steward's key, encrypted by the passphrase: the agent cannot open it
 *   decisions.sqlite       studies, decisions, runs, ledger
 *   clinical.duckdb        the OMOP store; beside its schemas the encrypted key table, of no use without keys/persons.key
 *   intake.duckdb          FHIR and HL7 v2 as it came in, without direct identifiers: what loads are made from
 *   quality.db             results of quality checks; of the last run also ids of some rows at fault
 *   quality-overrides.yaml this hospital's own thresholds of quality checks
 *   mapping-review.sqlite  lists of codes, suggestions and decisions on them
 *   frozen/                frozen analysis tables of running studies
 */

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { DureError, fromUtf8, type JsonValue, text } from "@dure/kernel";
import { findPrivateFile, writePrivateFile } from "@dure/machine";

export interface SiteSettings {
  readonly version: 1;
  /** Empty, like the four fields of the alliance, while the hospital is of none. */
  readonly siteId: string;
  readonly organisation: string;
  /** `site` keeps records and takes part; `researcher` proposes and reads results. */
  readonly role: "site" | "researcher";
  readonly alliance: string;
  /** Such as https://dure.example.org:7443. */
  readonly coordinatorUrl: string;
  /** Raw Ed25519 public key, base64url. */
  readonly coordinatorKey: string;
  readonly stewardKey: string;
  /** `store`: the OMOP store of this folder. `flat`: a file that already has the research table's columns. */
  readonly source: { readonly kind: "store" } | { readonly kind: "flat"; readonly path: string };
}

export interface SitePaths {
  readonly root: string;
  readonly settings: string;
  readonly identitySeed: string;
  readonly sealSeed: string;
  readonly tlsKey: string;
  readonly tlsChain: string;
  readonly allianceRoot: string;
  readonly revocationList: string;
  readonly siteSecret: string;
  readonly personKey: string;
  readonly steward: string;
  readonly decisions: string;
  readonly clinical: string;
  readonly mappingReview: string;
  readonly intake: string;
  readonly quality: string;
  readonly qualityOverrides: string;
  readonly frozen: string;
  readonly agentLock: string;
}

export function sitePaths(home: string): SitePaths {
  const root = resolve(home);
  const key = (name: string): string => join(root, "keys", name);
  return {
    root,
    settings: join(root, "site.json"),
    identitySeed: key("identity.seed"),
    sealSeed: key("seal.seed"),
    tlsKey: key("tls-key.pem"),
    tlsChain: key("tls-chain.pem"),
    allianceRoot: key("alliance-root.pem"),
    revocationList: key("revocation-list.pem"),
    siteSecret: key("site.secret"),
    personKey: key("persons.key"),
    steward: join(root, "steward.json"),
    decisions: join(root, "decisions.sqlite"),
    clinical: join(root, "clinical.duckdb"),
    mappingReview: join(root, "mapping-review.sqlite"),
    intake: join(root, "intake.duckdb"),
    quality: join(root, "quality.db"),
    qualityOverrides: join(root, "quality-overrides.yaml"),
    frozen: join(root, "frozen"),
    agentLock: join(root, "agent.lock"),
  };
}

export function makeSiteHome(home: string): SitePaths {
  const paths = sitePaths(home);
  mkdirSync(join(paths.root, "keys"), { recursive: true, mode: 0o700 });
  return paths;
}

export function writeSettings(paths: SitePaths, settings: SiteSettings): void {
  writePrivateFile(paths.settings, `${JSON.stringify(settings, undefined, 2)}\n`);
}

/** @throws DureError `site/not-enrolled` where the folder belongs to no site. */
export function readSettings(home: string): SiteSettings {
  const paths = sitePaths(home);
  const bytes = findPrivateFile(paths.settings);
  if (bytes === undefined) throw notEnrolled(paths.root);
  const value = JSON.parse(fromUtf8(bytes)) as JsonValue; // JSON.parse gives JSON values only
  if (!isSettings(value)) throw notEnrolled(paths.root);
  return value;
}

/** Of a site that has joined an alliance. @throws DureError `site/not-enrolled`, `site/no-alliance` */
export function readMemberSettings(home: string): SiteSettings {
  const settings = readSettings(home);
  if (settings.alliance === "") throw noAlliance(resolve(home));
  return settings;
}

/** @throws DureError `site/key-absent` naming the file. */
export function readKey(path: string): Uint8Array {
  const bytes = findPrivateFile(path);
  if (bytes === undefined) throw keyAbsent(path);
  return bytes;
}

export const readKeyText = (path: string): string => fromUtf8(readKey(path));

const textFields = ["siteId", "organisation", "role", "alliance", "coordinatorUrl", "coordinatorKey", "stewardKey"] as const;

function isSettings(value: unknown): value is SiteSettings {
  if (typeof value !== "object" || value === null) return false;
  const settings = value as Record<string, unknown>; // fields are checked next
  return (
    settings["version"] === 1 && textFields.every((name) => typeof settings[name] === "string") && typeof settings["source"] === "object"
  );
}

function notEnrolled(root: string): DureError {
  return new DureError({
    code: "site/not-enrolled",
    severity: "error",
    place: { file: root },
    what: text("This folder belongs to no site.", "기관의 폴더가 아닙니다."),
    remedy: text(
      "Make it one: dure site init --home FOLDER --organisation NAME for one hospital by itself, or dure site enrol with a token of an alliance.",
      "먼저 폴더를 만들어 주십시오: 한 병원에서 쓰시려면 dure site init --home 폴더 --organisation 이름, 연합에 가입하시려면 토큰과 함께 dure site enrol.",
    ),
  });
}

function noAlliance(root: string): DureError {
  return new DureError({
    code: "site/no-alliance",
    severity: "error",
    place: { file: root },
    what: text(
      "This hospital has joined no alliance: nothing can be asked of it, and nothing has left it.",
      "연합에 가입하지 않은 병원입니다. 외부의 요청을 받을 수 없으며, 밖으로 나간 자료도 없습니다.",
    ),
    remedy: text(
      "To join one with the same folder: dure site enrol --home FOLDER --token TOKEN, with a token from the alliance's operator.",
      "같은 폴더로 가입하시려면: dure site enrol --home 폴더 --token 토큰 (토큰은 연합 운영자가 발급합니다).",
    ),
  });
}

function keyAbsent(path: string): DureError {
  return new DureError({
    code: "site/key-absent",
    severity: "error",
    place: { file: path },
    what: text("A key of this site is missing.", "이 기관의 키 파일이 없습니다."),
    remedy: text("Restore the folder from its backup, or enrol again.", "백업에서 폴더를 복원하거나 다시 등록해 주십시오."),
  });
}
