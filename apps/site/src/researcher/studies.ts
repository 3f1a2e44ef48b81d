/** What a researcher does from an enrolled folder: propose, start, watch, read the result. */

import {
  hashRoster,
  makeRoster,
  openSealed,
  parseSealPrivateKey,
  parseSigningPrivateKey,
  type Roster,
  type SiteRole,
  sealKeyPair,
  signProposal,
} from "@dure/identity";
import { type Clock, canonicalJson, DureError, fromUtf8, type JsonValue, type SecureRandom, text, toHex } from "@dure/kernel";
import type { FrozenStudy } from "@dure/study";
import { parseJson, readRoster, resultContext, type alliance as wire, writeRoster } from "@dure/wire";
import type { Connection } from "../alliance/connection.ts";
import { readKey, type SitePaths, type SiteSettings } from "../home/site-home.ts";

export interface Invitation {
  readonly siteId: string;
  readonly role: SiteRole;
}

export interface ProposalOptions {
  readonly connection: Connection;
  readonly paths: SitePaths;
  readonly settings: SiteSettings;
  readonly study: FrozenStudy;
  readonly files: readonly { readonly name: string; readonly content: Uint8Array }[];
  readonly invitations: readonly Invitation[];
  readonly clock: Clock;
}

/** @throws DureError `study/unknown-hospital` naming every invited id that is no active member */
export async function proposeStudy(options: ProposalOptions): Promise<string> {
  const { connection, paths, settings, study, clock } = options;
  const roster = await invitedRoster(connection, options.invitations);
  const terms = {
    proposer: settings.siteId,
    proposerSealKey: sealKeyPair(readKey(paths.sealSeed)).publicKey,
    study: study.hash,
    invitedRoster: hashRoster(roster),
    proposedAtMs: clock.nowMs(),
  };
  const proposal = signProposal(terms, parseSigningPrivateKey(readKey(paths.identitySeed)));
  const answer = await connection.studies.propose({
    canonicalStudyJson: canonicalJson(study.canonical),
    proposalJson: canonicalJson(proposal as unknown as JsonValue), // JSON by its type's own promise
    rosterJson: writeRoster(roster),
    files: options.files.map(({ name, content }) => ({ name, content })),
  });
  return answer.study;
}

async function invitedRoster(connection: Connection, invitations: readonly Invitation[]): Promise<Roster> {
  const { memberJson } = await connection.studies.listMembers({});
  const known = new Map(memberJson.flatMap((json) => readRoster(`{"members":[${json}]}`).members).map((member) => [member.siteId, member]));
  const unknown = invitations.filter(({ siteId }) => !known.has(siteId));
  if (unknown.length > 0)
    throw unknownHospitals(
      unknown.map(({ siteId }) => siteId),
      [...known.keys()],
    );
  return makeRoster(
    invitations.flatMap(({ siteId, role }) => [known.get(siteId)].flatMap((member) => (member === undefined ? [] : [{ ...member, role }]))),
  );
}

export interface StartOptions {
  readonly connection: Connection;
  readonly study: string;
  readonly random: SecureRandom;
}

export async function startRun({ connection, study, random }: StartOptions): Promise<string> {
  const { run } = await connection.studies.startRun({ study, idempotencyKey: toHex(random.bytes(16)) });
  return run;
}

export interface WatchOptions {
  readonly connection: Connection;
  readonly run: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  onChange?(status: wire.GetRunResponse): void;
}

const WATCH_MS = 500;
const AWAY_MS = 1_000;

/** Resolves when the run has ended, completed or stopped. */
export async function watchRun({ connection, run, clock, signal, onChange }: WatchOptions): Promise<wire.GetRunResponse> {
  let last = "";
  for (;;) {
    const status = await askPatiently(() => connection.studies.getRun({ run }, signal === undefined ? {} : { signal }), clock, signal);
    const now = `${status.status} ${status.stage} ${status.round} ${status.waitingFor.join()}`;
    if (now !== last) onChange?.(status);
    last = now;
    if (status.status === "completed" || status.status === "stopped") return status;
    await clock.sleep(WATCH_MS, signal);
  }
}

/** A run goes on whether somebody watches or not: a coordinator that is away for a while is asked again. */
async function askPatiently<Answer>(ask: () => Promise<Answer>, clock: Clock, signal: AbortSignal | undefined): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof DureError) || error.retry === "permanent") throw error;
      await clock.sleep(AWAY_MS, signal);
    }
  }
}

/** The result as JSON, opened with this folder's seal key. @throws DureError `study/result-not-for-us` */
export async function fetchResult({
  connection,
  paths,
  run,
}: {
  readonly connection: Connection;
  readonly paths: SitePaths;
  readonly run: string;
}): Promise<JsonValue> {
  const { sealedResult } = await connection.studies.getResult({ run });
  const opened = openSealed(parseSealPrivateKey(readKey(paths.sealSeed)), sealedResult, resultContext(run));
  if (opened.kind === "refused") throw notForUs(run);
  return parseJson(fromUtf8(opened.plaintext));
}

function unknownHospitals(unknown: readonly string[], known: readonly string[]): DureError {
  return new DureError({
    code: "study/unknown-hospital",
    severity: "error",
    place: {},
    what: text(
      `Not members of the alliance: ${unknown.join(", ")}. Members: ${known.join(", ")}.`,
      `연합 회원이 아닙니다: ${unknown.join(", ")}. 회원: ${known.join(", ")}.`,
    ),
    remedy: text("Invite members only, by their id.", "회원만 아이디로 초대해 주십시오."),
  });
}

function notForUs(run: string): DureError {
  return new DureError({
    code: "study/result-not-for-us",
    severity: "error",
    place: { run },
    what: text("The result is not sealed to this folder's key.", "이 결과는 이 폴더의 키로 열 수 없습니다."),
    remedy: text("Only the proposer and the hospitals that agreed can read it.", "제안자와 동의한 병원만 결과를 읽을 수 있습니다."),
  });
}
