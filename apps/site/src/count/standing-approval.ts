/**
 * The standing approval for feasibility counts: who may ask how many patients this hospital could bring, over which columns of which
 * research tables, how often, and until when. Without one, nobody gets an answer.
 *
 * The steward signs it like a decision, so that nothing that merely writes to the site's store can open the hospital. Closing it needs
 * no key.
 */

import { type SigningPrivateKey, signingKeyPair, signMessage, verifySignature } from "@dure/identity";
import {
  type Clock,
  canonicalJson,
  fromBase64,
  hashJson,
  type JsonValue,
  type Problem,
  type Text,
  text,
  toBase64,
  transcript,
} from "@dure/kernel";
import type { SitePaths, SiteSettings } from "../home/site-home.ts";
import type { LedgerWriter } from "../run/ledger-writer.ts";
import { openStewardKeyOf } from "../steward/steward-key.ts";
import type { SiteStore } from "../store/site-store.ts";

export type StandingTerms = {
  readonly siteId: string;
  /** Member ids, or anybody whom the alliance has enrolled. */
  readonly askers: "any-member" | readonly string[];
  /** Columns that a question may read, by research table. */
  readonly tables: { readonly [table: string]: readonly string[] };
  /** Of one asker, 1 to 20. */
  readonly questionsPerDayMax: number;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
  readonly decidedAtMs: number;
};

/** `signature`: Ed25519 by the steward over the transcript of "dure standing approval 1" and the canonical terms, base64url. */
export type StandingApproval = { readonly terms: StandingTerms; readonly stewardKey: string; readonly signature: string };

export interface StandingApprovalOptions {
  readonly paths: Pick<SitePaths, "steward">;
  readonly store: SiteStore;
  readonly ledger: LedgerWriter;
  readonly settings: Pick<SiteSettings, "siteId" | "stewardKey">;
  readonly passphrase: string;
  readonly clock: Clock;
  readonly askers: StandingTerms["askers"];
  readonly tables: StandingTerms["tables"];
  readonly questionsPerDayMax: number;
  readonly expiresAtMs: number;
}

export type StandingOutcome =
  | { readonly kind: "set"; readonly approval: StandingApproval }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

/** Noise that is the same for the same patients keeps repeated questions harmless; many *different* ones still wear it down. */
export const QUESTIONS_PER_DAY_MAX = 20;

const SETTING = "standing-approval";
const VERSION = "dure standing approval 1";

/** All problems at once; replaces the one before. */
export async function setStandingApproval(options: StandingApprovalOptions): Promise<StandingOutcome> {
  const { paths, store, ledger, settings, passphrase, clock, askers, tables, questionsPerDayMax, expiresAtMs } = options;
  const terms = { siteId: settings.siteId, askers, tables, questionsPerDayMax, expiresAtMs, decidedAtMs: clock.nowMs() };
  const problems = checkStandingTerms(terms);
  if (problems.length > 0) return { kind: "refused", problems };
  const opened = await openStewardKeyOf({ paths, passphrase, publicKey: settings.stewardKey });
  if (opened.kind === "refused") return opened;
  const approval = signStandingApproval(terms, opened.key);
  store.transaction(() => {
    store.putSetting(SETTING, approval);
    ledger.append({ kind: "decision", objectSha256: hashJson(approval), details: ["standing-approval", "approved"] });
  });
  return { kind: "set", approval };
}

/** From now on nobody gets an answer. */
export function removeStandingApproval({ store, ledger }: Pick<StandingApprovalOptions, "store" | "ledger">): void {
  store.transaction(() => {
    store.putSetting(SETTING, null);
    ledger.append({ kind: "decision", details: ["standing-approval", "withdrawn"] });
  });
}

/** As it is stored; undefined where there is none. Whether it is signed, `isStandingApprovalSigned` says. */
export function findStandingApproval(store: SiteStore): StandingApproval | undefined {
  const value = store.findSetting(SETTING);
  return value === undefined || value === null ? undefined : parseStandingApproval(value);
}

export function signStandingApproval(terms: StandingTerms, stewardPrivateKey: SigningPrivateKey): StandingApproval {
  const signature = signMessage(stewardPrivateKey, transcript(VERSION, canonicalJson(terms)));
  return { terms, stewardKey: signingKeyPair(stewardPrivateKey).publicKey, signature: toBase64(signature) };
}

export function isStandingApprovalSigned({ terms, stewardKey, signature }: StandingApproval): boolean {
  if (!/^[A-Za-z0-9_-]{86}$/.test(signature)) return false;
  const message = transcript(VERSION, canonicalJson(terms));
  return verifySignature({ publicKey: stewardKey, message, signature: fromBase64(signature) });
}

function checkStandingTerms(terms: StandingTerms): readonly Problem[] {
  const problems: Problem[] = [];
  const { askers, tables, questionsPerDayMax, expiresAtMs, decidedAtMs } = terms;
  if (askers !== "any-member" && askers.length === 0) problems.push(standingProblem("nobody-may-ask"));
  if (!Object.values(tables).some((columns) => columns.length > 0)) problems.push(standingProblem("no-columns"));
  if (!Number.isSafeInteger(questionsPerDayMax) || questionsPerDayMax < 1 || questionsPerDayMax > QUESTIONS_PER_DAY_MAX)
    problems.push(standingProblem("questions-a-day"));
  if (!Number.isSafeInteger(expiresAtMs) || expiresAtMs <= decidedAtMs) problems.push(standingProblem("expiry"));
  return problems;
}

function parseStandingApproval(value: JsonValue): StandingApproval | undefined {
  const { terms, stewardKey, signature } = fieldsOf(value);
  const { siteId, askers, tables, questionsPerDayMax, expiresAtMs, decidedAtMs } = fieldsOf(terms);
  const isText = (field: unknown): field is string => typeof field === "string";
  const isNumber = (field: unknown): field is number => typeof field === "number";
  const isList = (field: unknown): field is readonly string[] => Array.isArray(field) && field.every(isText);
  if (!isText(stewardKey) || !isText(signature) || !isText(siteId)) return undefined;
  if (!isNumber(questionsPerDayMax) || !isNumber(expiresAtMs) || !isNumber(decidedAtMs)) return undefined;
  const admitted: StandingTerms["askers"] | undefined = askers === "any-member" ? "any-member" : isList(askers) ? askers : undefined;
  if (admitted === undefined) return undefined;
  const columns = Object.entries(fieldsOf(tables));
  if (!columns.every((entry): entry is [string, readonly string[]] => isList(entry[1]))) return undefined;
  const checked = { siteId, askers: admitted, tables: Object.fromEntries(columns), questionsPerDayMax, expiresAtMs, decidedAtMs };
  return { terms: checked, stewardKey, signature };
}

function fieldsOf(value: unknown): { readonly [field: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

const words = {
  "nobody-may-ask": [
    text("The standing approval names nobody who may ask.", "상시 승인에 질의할 수 있는 회원이 없습니다."),
    text("Name members, or allow any member.", "회원을 지정하거나 모든 회원에게 허용해 주십시오."),
  ],
  "no-columns": [
    text("The standing approval names no column that may be counted by.", "상시 승인에 집계에 쓸 수 있는 열이 없습니다."),
    text("Name at least one column of a research table.", "연구용 표의 열을 하나 이상 지정해 주십시오."),
  ],
  "questions-a-day": [
    text(
      `Questions a day and asker are not a whole number from 1 to ${QUESTIONS_PER_DAY_MAX}.`,
      `질의자별 하루 질의 수가 1 이상 ${QUESTIONS_PER_DAY_MAX} 이하의 정수가 아닙니다.`,
    ),
    text("Choose a number in that range.", "이 범위에서 정해 주십시오."),
  ],
  expiry: [
    text("The standing approval does not expire in the future.", "상시 승인의 만료 시각이 현재보다 뒤가 아닙니다."),
    text("Choose a later date.", "더 뒤의 날짜를 정해 주십시오."),
  ],
} as const satisfies Record<string, readonly [what: Text, remedy: Text]>;

function standingProblem(flaw: keyof typeof words): Problem {
  const [what, remedy] = words[flaw];
  return { code: `standing-approval/${flaw}`, severity: "error", place: {}, what, remedy };
}
