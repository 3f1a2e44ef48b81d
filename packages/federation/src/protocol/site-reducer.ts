/**
 * A site's role in a run: `step(state, message) → { state, effects }`.
 *
 * The shell stores `state.durable` and the ledger entries among the effects in one transaction, and only then carries out the rest.
 * Round secrets live in memory and die with the process; a restarted site joins the next attempt with fresh keys and the same vectors.
 */

import { hashApprovals, hashRoster } from "@dure/identity";
import { fromBase64, hashJson, type JsonValue, type SecureRandom, type Sha256, toBase64 } from "@dure/kernel";
import {
  type AttemptContext,
  announceKeys,
  type Contribution,
  eraseSecrets,
  gateContribution,
  hashSurvivorList,
  maskVector,
  type Releasable,
  revealShares,
  SecureSumRefusal,
  type SiteSecrets,
  type SiteSigner,
  sealShares,
  signSurvivors,
} from "@dure/privacy";
import { attemptMembers } from "./coordinator-tools.ts";
import type {
  AttemptId,
  HeadlineRequest,
  KeyList,
  LocalModelRequest,
  OpenRound,
  SealedLocalModel,
  ShareDelivery,
  SurvivorList,
  ToCoordinator,
  ToSite,
  UnmaskRequest,
} from "./messages.ts";
import { externalSites } from "./run-plan.ts";
import { checkGranted, checkHeadlineRequest, checkOpenRound, checkResult, type Refused } from "./site-checks.ts";
import type { SiteFacts, SiteRunDurable } from "./site-durable.ts";

/** Facts about the frozen table that the gate asks for beside the contribution itself. */
export interface ClearContribution {
  readonly contribution: Contribution;
  readonly rowCount: number;
  /** Rows per outcome class, for a classifier. */
  readonly classCounts: readonly [number, number] | undefined;
}

interface SiteAttempt {
  readonly context: AttemptContext;
  readonly secrets: SiteSecrets;
  /** Shares that arrived before the site's own vector was ready. */
  readonly delivery: ShareDelivery | undefined;
}

export interface SiteRunState {
  readonly durable: SiteRunDurable | undefined;
  readonly attempt: SiteAttempt | undefined;
  /** The gated vector of the present round, the same in every attempt. */
  readonly clear: { readonly round: number; readonly encoded: Releasable<Uint8Array> } | undefined;
}

export type SiteMessage =
  | { readonly kind: "from-coordinator"; readonly message: ToSite; readonly facts: SiteFacts }
  | { readonly kind: "contribution"; readonly round: number; readonly clear: ClearContribution; readonly facts: SiteFacts }
  /** The table cannot be built or may not leave (rule e): the code stays in the hospital. */
  | { readonly kind: "no-contribution"; readonly run: string; readonly about: "sum" | "headline" | "local-model"; readonly code: string }
  | { readonly kind: "local-models-sealed"; readonly request: LocalModelRequest; readonly models: readonly SealedLocalModel[] }
  | { readonly kind: "headline-figures"; readonly request: HeadlineRequest; readonly figures: Releasable<JsonValue> };

/** What the ledger says about a message that left. */
export interface LedgerNote {
  readonly kind: "masked-vector" | "own-release" | "refusal";
  readonly run: string;
  readonly study: Sha256 | "";
  readonly round: number;
  readonly attempt: number;
  readonly vectors: readonly { readonly name: string; readonly length: number; readonly encoding: string }[];
  /** The bytes as they left (masked, or a release in the site's own name), for their hash and length. */
  readonly bytes: Uint8Array;
  readonly rules: readonly string[];
}

export type SiteEffect =
  | { readonly kind: "send"; readonly message: ToCoordinator }
  | { readonly kind: "ledger"; readonly note: LedgerNote }
  /** Compute the clear vectors of this state from the frozen table; freeze it first where there is none. */
  | { readonly kind: "contribute"; readonly run: string; readonly round: number; readonly state: JsonValue }
  | { readonly kind: "seal-local-models"; readonly request: LocalModelRequest; readonly recipients: readonly string[] }
  | { readonly kind: "compute-headline"; readonly request: HeadlineRequest }
  /** For the hospital's own console. */
  | { readonly kind: "refused"; readonly run: string; readonly code: string };

export interface SiteStep {
  readonly state: SiteRunState;
  readonly effects: readonly SiteEffect[];
}

export interface SiteTools {
  readonly signer: SiteSigner;
  readonly random: SecureRandom;
}

export const recoverSiteRun = (durable: SiteRunDurable | undefined): SiteRunState => ({ durable, attempt: undefined, clear: undefined });

export function stepSite(tools: SiteTools, state: SiteRunState, message: SiteMessage): SiteStep {
  switch (message.kind) {
    case "from-coordinator":
      return fromCoordinator(tools, state, message.message, message.facts);
    case "contribution":
      return contributed(tools, state, message);
    case "no-contribution":
      return refuse(state, message.run, message.about, message.code);
    case "local-models-sealed":
      return releaseLocalModels(state, message);
    case "headline-figures":
      return releaseHeadline(state, message);
  }
}

function fromCoordinator(tools: SiteTools, state: SiteRunState, message: ToSite, facts: SiteFacts): SiteStep {
  switch (message.kind) {
    case "open-round":
      return openRound(tools, state, message, facts);
    case "local-model-request":
      return localModelRequest(state, message, facts);
    case "headline-request":
      return headlineRequest(state, message, facts);
    case "run-ended":
      return endRun(state);
    default:
      return inAttempt(tools, state, message);
  }
}

function openRound(tools: SiteTools, state: SiteRunState, message: OpenRound, facts: SiteFacts): SiteStep {
  const refused = checkOpenRound(facts, state.durable, message) ?? checkSumCount(state.durable, message, facts);
  if (refused !== undefined) return refuse(state, message.run, "sum", refused);
  if (state.attempt !== undefined) eraseSecrets(state.attempt.secrets);
  const context = attemptContext(message, facts);
  const { secrets, announcement } = announceKeys(context, tools.signer, tools.random);
  const durable = nextDurable(state.durable, message);
  const clear = state.clear?.round === message.round && state.durable?.rosterHash === durable.rosterHash ? state.clear : undefined;
  const { run, round, attempt } = message;
  const effects: SiteEffect[] = [{ kind: "send", message: { kind: "keys", run, round, attempt, announcement } }];
  if (clear === undefined) effects.push({ kind: "contribute", run, round, state: message.state });
  return { state: { durable, attempt: { context, secrets, delivery: undefined }, clear }, effects };
}

/** A round counts once, however many attempts it takes. */
function checkSumCount(durable: SiteRunDurable | undefined, message: OpenRound, facts: SiteFacts): Refused {
  const used = durable?.sumCount ?? 0;
  const isNew = durable === undefined || message.round > durable.lastMaskedRound;
  return isNew && used >= facts.approval.terms.sumCountMax ? "sum-count-used-up" : undefined;
}

function nextDurable(durable: SiteRunDurable | undefined, message: OpenRound): SiteRunDurable {
  const rosterHash = hashRoster(message.roster);
  if (durable === undefined || durable.rosterHash !== rosterHash) {
    return {
      run: message.run,
      study: message.study,
      rosterHash,
      contributors: null,
      round: 0,
      state: message.state,
      sumCount: durable?.sumCount ?? 0,
      lastMaskedRound: durable?.lastMaskedRound ?? -1,
      survivorList: null,
      localModels: null,
      headline: null,
      ended: false,
    };
  }
  if (durable.round === message.round) return durable;
  return {
    ...durable,
    round: message.round,
    state: message.state,
    contributors: durable.contributors ?? message.contributors,
    survivorList: null,
  };
}

function attemptContext(message: OpenRound, facts: SiteFacts): AttemptContext {
  const { run, round, attempt } = message;
  return {
    run,
    round,
    attempt,
    hashes: {
      study: message.study,
      roster: hashRoster(message.roster),
      approvals: hashApprovals(message.approvals),
      state: hashJson(message.state),
      layout: message.layout,
    },
    members: attemptMembers(message.roster, message.contributors),
    minimumSites: facts.study.document.privacy.secureSum.minimumSites,
    exact: facts.part.exact,
    layout: facts.part.layout(message.state),
  };
}

function contributed(tools: SiteTools, state: SiteRunState, message: SiteMessage & { kind: "contribution" }): SiteStep {
  const { durable, attempt } = state;
  if (durable === undefined || attempt === undefined || attempt.context.round !== message.round) return { state, effects: [] };
  const { terms } = message.facts.approval;
  const gated = gateContribution({
    layout: attempt.context.layout,
    contribution: message.clear.contribution,
    siteCount: attempt.context.members.length,
    rowCount: message.clear.rowCount,
    ...(message.clear.classCounts === undefined ? {} : { classCounts: message.clear.classCounts }),
    policy: {
      minimumCell: policyCell(message.facts),
      sumCountMax: terms.sumCountMax,
      sumCountUsed: message.round > durable.lastMaskedRound ? durable.sumCount : durable.sumCount - 1,
    },
  });
  if (gated.kind === "refused") return refuse(state, durable.run, "sum", gated.detail);
  const ready = { ...state, clear: { round: message.round, encoded: gated.released } };
  return attempt.delivery === undefined ? { state: ready, effects: [] } : inAttempt(tools, ready, attempt.delivery);
}

/** The stricter of the study's cell and the hospital's own; 0 only where the study says that its data are public. */
export function policyCell(facts: SiteFacts): number {
  const ofStudy = facts.study.document.privacy.minimumCell;
  return ofStudy === 0 ? 0 : Math.max(ofStudy, facts.approval.terms.minimumCell);
}

function inAttempt(tools: SiteTools, state: SiteRunState, message: KeyList | ShareDelivery | SurvivorList | UnmaskRequest): SiteStep {
  const { attempt } = state;
  if (attempt === undefined || attempt.context.round !== message.round || attempt.context.attempt !== message.attempt)
    return { state, effects: [] };
  try {
    switch (message.kind) {
      case "key-list":
        return shareKeys(tools, state, attempt, message);
      case "share-delivery":
        return mask(state, attempt, message);
      case "survivor-list":
        return sign(tools, state, attempt, message);
      case "unmask-request":
        return reveal(state, attempt, message);
    }
  } catch (error) {
    if (error instanceof SecureSumRefusal) return abort(state, attempt, error);
    throw error;
  }
}

function shareKeys(_tools: SiteTools, state: SiteRunState, attempt: SiteAttempt, message: KeyList): SiteStep {
  const { secrets, shares } = sealShares(attempt.context, attempt.secrets, message.announcements);
  return {
    state: { ...state, attempt: { ...attempt, secrets } },
    effects: [{ kind: "send", message: { kind: "shares", ...idOf(attempt), shares } }],
  };
}

function mask(state: SiteRunState, attempt: SiteAttempt, message: ShareDelivery): SiteStep {
  const { clear, durable } = state;
  if (clear === undefined || durable === undefined) return { state: { ...state, attempt: { ...attempt, delivery: message } }, effects: [] };
  const { secrets, masked } = maskVector(attempt.context, attempt.secrets, message.shares, clear.encoded.value);
  const { round, layout } = attempt.context;
  const isNew = round > durable.lastMaskedRound;
  const note: LedgerNote = {
    kind: "masked-vector",
    ...idOf(attempt),
    study: durable.study,
    vectors: layout.vectors.map(({ name, length, encoding }) => ({ name, length, encoding })),
    bytes: masked.bytes,
    rules: clear.encoded.rules,
  };
  return {
    state: {
      ...state,
      durable: isNew ? { ...durable, sumCount: durable.sumCount + 1, lastMaskedRound: round } : durable,
      attempt: { ...attempt, secrets, delivery: undefined },
    },
    effects: [
      { kind: "ledger", note },
      { kind: "send", message: { kind: "vector", ...idOf(attempt), masked } },
    ],
  };
}

/** The list is stored (with the state) before its signature leaves, and no other list of this round is ever signed. */
function sign(_tools: SiteTools, state: SiteRunState, attempt: SiteAttempt, message: SurvivorList): SiteStep {
  const { durable } = state;
  if (durable === undefined) return { state, effects: [] };
  const hash = hashSurvivorList(message.survivors);
  if (durable.survivorList?.round === message.round && durable.survivorList.hash !== hash) {
    throw new SecureSumRefusal("another-survivor-list");
  }
  const { secrets, signature } = signSurvivors(attempt.context, attempt.secrets, message.survivors);
  return {
    state: { ...state, durable: { ...durable, survivorList: { round: message.round, hash } }, attempt: { ...attempt, secrets } },
    effects: [{ kind: "send", message: { kind: "survivor-signed", ...idOf(attempt), signature } }],
  };
}

function reveal(state: SiteRunState, attempt: SiteAttempt, message: UnmaskRequest): SiteStep {
  const { secrets, shares } = revealShares(attempt.context, attempt.secrets, message.survivors, message.signatures);
  eraseSecrets(secrets);
  return { state: { ...state, attempt: undefined }, effects: [{ kind: "send", message: { kind: "unmask", ...idOf(attempt), shares } }] };
}

function abort(state: SiteRunState, attempt: SiteAttempt, refusal: SecureSumRefusal): SiteStep {
  eraseSecrets(attempt.secrets);
  return {
    state: { ...state, attempt: undefined },
    effects: [
      { kind: "refused", run: attempt.context.run, code: refusal.code },
      { kind: "send", message: { kind: "abort-attempt", ...idOf(attempt), code: refusal.code, accused: refusal.siteId } },
    ],
  };
}

function localModelRequest(state: SiteRunState, message: LocalModelRequest, facts: SiteFacts): SiteStep {
  const { durable } = state;
  const refused = checkGranted(facts, "local-model") ?? checkResult(facts, durable, message.lastSum, message.result);
  if (refused !== undefined || durable === undefined) return refuse(state, message.run, "local-model", refused ?? "result-without-run");
  const result = hashJson(message.result);
  const given = durable.localModels;
  if (given === null) {
    const recipients = externalSites(facts.invitedRoster);
    return { state, effects: [{ kind: "seal-local-models", request: message, recipients }] };
  }
  if (given.result !== result) return refuse(state, message.run, "local-model", "already-answered-for-another-result");
  const models = given.models.map((model) => ({ from: facts.siteId, to: model.to, box: fromBase64(model.box) }));
  return { state, effects: [{ kind: "send", message: { kind: "local-model", run: message.run, models } }] };
}

function releaseLocalModels(state: SiteRunState, message: SiteMessage & { kind: "local-models-sealed" }): SiteStep {
  const { durable } = state;
  if (durable === undefined) return { state, effects: [] };
  const { run, result } = message.request;
  const models = message.models.map((model) => ({ to: model.to, box: toBase64(model.box) }));
  return {
    state: { ...state, durable: { ...durable, localModels: { result: hashJson(result), models } } },
    effects: [
      ...message.models.map((model): SiteEffect => ({ kind: "ledger", note: releaseNote(durable, "local-model", model.box) })),
      { kind: "send", message: { kind: "local-model", run, models: message.models } },
    ],
  };
}

function headlineRequest(state: SiteRunState, message: HeadlineRequest, facts: SiteFacts): SiteStep {
  const refused = checkHeadlineRequest(facts, state.durable, message);
  if (refused !== undefined) return refuse(state, message.run, "headline", refused);
  const given = state.durable?.headline;
  if (given == null) return { state, effects: [{ kind: "compute-headline", request: message }] };
  if (given.result !== hashJson(message.result)) return refuse(state, message.run, "headline", "already-answered-for-another-result");
  return { state, effects: [{ kind: "send", message: { kind: "headline", run: message.run, figures: given.figures } }] };
}

function releaseHeadline(state: SiteRunState, message: SiteMessage & { kind: "headline-figures" }): SiteStep {
  const { request } = message;
  const figures = message.figures.value;
  const durable = state.durable ?? externalDurable(request);
  return {
    state: { ...state, durable: { ...durable, headline: { result: hashJson(request.result), figures } } },
    effects: [
      { kind: "ledger", note: releaseNote(durable, "headline", new TextEncoder().encode(JSON.stringify(figures))) },
      { kind: "send", message: { kind: "headline", run: request.run, figures } },
    ],
  };
}

/** An external site takes part in no sum: its record of the run begins with the frozen result. */
function externalDurable(request: HeadlineRequest): SiteRunDurable {
  return {
    run: request.run,
    study: request.study,
    rosterHash: hashRoster(request.roster),
    contributors: null,
    round: 0,
    state: null,
    sumCount: 0,
    lastMaskedRound: -1,
    survivorList: null,
    localModels: null,
    headline: null,
    ended: false,
  };
}

const releaseNote = (durable: SiteRunDurable, name: string, bytes: Uint8Array): LedgerNote => ({
  kind: "own-release",
  run: durable.run,
  study: durable.study,
  round: durable.round,
  attempt: 0,
  vectors: [{ name, length: 1, encoding: "json" }],
  bytes,
  rules: ["granted-by-steward", "minimum-cell"],
});

function endRun(state: SiteRunState): SiteStep {
  if (state.attempt !== undefined) eraseSecrets(state.attempt.secrets);
  return {
    state: { durable: state.durable === undefined ? undefined : { ...state.durable, ended: true }, attempt: undefined, clear: undefined },
    effects: [],
  };
}

/** One answer outside; the code stays in the hospital's own console and ledger. */
function refuse(state: SiteRunState, run: string, about: "sum" | "headline" | "local-model", code: string): SiteStep {
  if (state.attempt !== undefined) eraseSecrets(state.attempt.secrets);
  return {
    state: { ...state, attempt: undefined },
    effects: [
      { kind: "refused", run, code },
      { kind: "send", message: { kind: "not-taking-part", run, about } },
    ],
  };
}

const idOf = (attempt: SiteAttempt): AttemptId => {
  const { run, round, attempt: number } = attempt.context;
  return { run, round, attempt: number };
};
