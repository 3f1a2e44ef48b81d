/**
 * A site's role in a run: `step(state, message) → { state, effects }`.
 *
 * The shell stores `state.durable` and the ledger entries among the effects in one transaction, and only then carries out the rest.
 * Round secrets live in memory and die with the process; a restarted site joins the next attempt with fresh keys and the same vectors.
 */

import { type Approval, hashApprovals, hashRoster } from "@dure/identity";
import { hashJson, type JsonValue, type SecureRandom, type Sha256 } from "@dure/kernel";
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
import { attemptMembers, signsAtOnce } from "./coordinator-tools.ts";
import type {
  AttemptId,
  HeadlineRequest,
  KeyList,
  Leaving,
  LocalModelJson,
  LocalModelRequest,
  OpenRound,
  ShareDelivery,
  SurvivorList,
  ToSite,
  UnmaskRequest,
} from "./messages.ts";
import { idOf, questionOf, refuse } from "./site-answers.ts";
import { acceptingInference, checkEarlierRuns, checkOpenRound } from "./site-checks.ts";
import type { SiteFacts, SiteRunDurable } from "./site-durable.ts";
import { headlineRequest, localModelRequest, releaseHeadline, releaseLocalModels } from "./site-releases.ts";

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
  /** As they were checked when the attempt was opened. */
  readonly approvals: readonly Approval[];
  /** Shares that arrived before the site's own vector was ready. */
  readonly delivery: ShareDelivery | undefined;
}

export interface SiteRunState {
  readonly durable: SiteRunDurable | undefined;
  readonly attempt: SiteAttempt | undefined;
  /** The last attempt that this process drew keys for: an earlier one of the same round, or the same again, came late. */
  readonly opened: { readonly round: number; readonly attempt: number } | undefined;
  /** The gated vector of the present round, the same in every attempt. */
  readonly clear: { readonly round: number; readonly encoded: Releasable<Uint8Array> } | undefined;
}

export type SiteMessage =
  | { readonly kind: "from-coordinator"; readonly message: ToSite; readonly facts: SiteFacts }
  | { readonly kind: "contribution"; readonly round: number; readonly clear: ClearContribution; readonly facts: SiteFacts }
  /** The table cannot be built or may not leave (rule e): the code stays in the hospital. */
  | { readonly kind: "no-contribution"; readonly run: string; readonly about: "sum" | "headline" | "local-model"; readonly code: string }
  | { readonly kind: "local-models-sealed"; readonly request: LocalModelRequest; readonly models: Releasable<readonly LocalModelJson[]> }
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
  | { readonly kind: "send"; readonly message: Leaving }
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

export const recoverSiteRun = (durable: SiteRunDurable | undefined): SiteRunState => ({
  durable,
  attempt: undefined,
  opened: undefined,
  clear: undefined,
});

export function stepSite(tools: SiteTools, state: SiteRunState, message: SiteMessage): SiteStep {
  switch (message.kind) {
    case "from-coordinator":
      return fromCoordinator(tools, state, message.message, message.facts);
    case "contribution":
      return contributed(state, message);
    case "no-contribution":
      return refuse(state, questionOf(state, message), message.code);
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
      return inAttempt(state, message, facts);
  }
}

function openRound(tools: SiteTools, state: SiteRunState, message: OpenRound, facts: SiteFacts): SiteStep {
  if (isLate(state, message)) return { state, effects: [] };
  const refused = checkOpenRound(facts, state.durable, message);
  if (refused !== undefined) return refuse(state, { ...idOf(message), about: "sum" }, refused);
  if (state.attempt !== undefined) eraseSecrets(state.attempt.secrets);
  const context = attemptContext(message, facts);
  const { secrets, announcement } = announceKeys(context, tools.signer, tools.random);
  const durable = nextDurable(state.durable, message);
  const clear = state.clear?.round === message.round && state.durable?.rosterHash === durable.rosterHash ? state.clear : undefined;
  const { run, round, approvals } = message;
  const effects: SiteEffect[] = [{ kind: "send", message: { kind: "keys", ...idOf(message), announcement } }];
  if (clear === undefined) effects.push({ kind: "contribute", run, round, state: message.state });
  const attempt: SiteAttempt = { context, secrets, approvals, delivery: undefined };
  return { state: { durable, attempt, opened: { round, attempt: message.attempt }, clear }, effects };
}

const isLate = ({ opened }: SiteRunState, message: AttemptId): boolean =>
  opened !== undefined && opened.round === message.round && message.attempt <= opened.attempt;

function nextDurable(durable: SiteRunDurable | undefined, message: OpenRound): SiteRunDurable {
  const rosterHash = hashRoster(message.roster);
  if (durable === undefined || durable.rosterHash !== rosterHash) {
    return {
      run: message.run,
      study: message.study,
      rosterHash,
      contributors: null,
      inferenceAccepted: [],
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

function contributed(state: SiteRunState, message: SiteMessage & { kind: "contribution" }): SiteStep {
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
  if (gated.kind === "refused") return refuse(state, { ...idOf(attempt.context), about: "sum" }, gated.detail);
  const ready = { ...state, clear: { round: message.round, encoded: gated.released } };
  return attempt.delivery === undefined ? { state: ready, effects: [] } : inAttempt(ready, attempt.delivery, message.facts);
}

/** The stricter of the study's cell and the hospital's own; 0 only where the study says that its data are public. */
export function policyCell(facts: SiteFacts): number {
  const ofStudy = facts.study.document.privacy.minimumCell;
  return ofStudy === 0 ? 0 : Math.max(ofStudy, facts.approval.terms.minimumCell);
}

type InAttempt = KeyList | ShareDelivery | SurvivorList | UnmaskRequest;

function inAttempt(state: SiteRunState, message: InAttempt, facts: SiteFacts): SiteStep {
  const { attempt } = state;
  if (attempt === undefined || !isSameAttempt(attempt.context, message)) return { state, effects: [] };
  try {
    switch (message.kind) {
      case "key-list":
        return shareKeys(state, attempt, message);
      case "share-delivery":
        return maskAndSign(state, { attempt, message, facts });
      case "survivor-list":
        return sign(state, { attempt, survivors: message.survivors, facts });
      case "unmask-request":
        return reveal(state, attempt, message);
    }
  } catch (error) {
    if (error instanceof SecureSumRefusal) return abort(state, attempt, error);
    throw error;
  }
}

function shareKeys(state: SiteRunState, attempt: SiteAttempt, message: KeyList): SiteStep {
  const { secrets, shares } = sealShares(attempt.context, attempt.secrets, message.announcements);
  return {
    state: { ...state, attempt: { ...attempt, secrets } },
    effects: [{ kind: "send", message: { kind: "shares", ...idOf(attempt.context), shares } }],
  };
}

/**
 * After the first sum of an exact analysis there is one survivor list only, that of all contributors: the site signs it together with
 * its vector, and the round has one exchange less. Before it, the list waits for the vectors, as a hospital that is away may still be
 * left out.
 */
function maskAndSign(
  state: SiteRunState,
  { attempt, message, facts }: { attempt: SiteAttempt; message: ShareDelivery; facts: SiteFacts },
): SiteStep {
  const masked = mask(state, attempt, message);
  const after = masked.state.attempt;
  if (after === undefined || after.delivery !== undefined || !signsAtOnce(after.context)) return masked;
  const survivors = after.context.members.map((member) => member.siteId);
  const signed = sign(masked.state, { attempt: after, survivors, facts });
  // A refusal to sign is a refusal to send.
  return signed.state.attempt === undefined ? signed : { state: signed.state, effects: [...masked.effects, ...signed.effects] };
}

function mask(state: SiteRunState, attempt: SiteAttempt, message: ShareDelivery): SiteStep {
  const { clear, durable } = state;
  if (clear === undefined || durable === undefined) return { state: { ...state, attempt: { ...attempt, delivery: message } }, effects: [] };
  const { secrets, masked } = maskVector(attempt.context, attempt.secrets, message.shares, clear.encoded);
  const { round, layout } = attempt.context;
  const isNew = round > durable.lastMaskedRound;
  const note: LedgerNote = {
    kind: "masked-vector",
    ...idOf(attempt.context),
    study: durable.study,
    vectors: layout.vectors.map(({ name, length, encoding }) => ({ name, length, encoding })),
    bytes: masked.value.bytes,
    rules: masked.rules,
  };
  return {
    state: {
      ...state,
      durable: isNew ? { ...durable, sumCount: durable.sumCount + 1, lastMaskedRound: round } : durable,
      attempt: { ...attempt, secrets, delivery: undefined },
    },
    effects: [
      { kind: "ledger", note },
      { kind: "send", message: { kind: "vector", ...idOf(attempt.context), masked } },
    ],
  };
}

/** The list is stored (with the state) before its signature leaves, and no other list of this round is ever signed. */
function sign(
  state: SiteRunState,
  { attempt, survivors, facts }: { attempt: SiteAttempt; survivors: readonly string[]; facts: SiteFacts },
): SiteStep {
  const { durable } = state;
  if (durable === undefined) return { state, effects: [] };
  const { context, approvals } = attempt;
  const { round } = context;
  const hash = hashSurvivorList(survivors);
  if (durable.survivorList?.round === round && durable.survivorList.hash !== hash) {
    throw new SecureSumRefusal("another-survivor-list");
  }
  const members = context.members.map((member) => member.siteId);
  const refused = checkEarlierRuns(facts, members, approvals);
  if (refused !== undefined) return refuse(state, { ...idOf(context), about: "sum" }, refused);
  const { secrets, signature } = signSurvivors(context, attempt.secrets, survivors);
  const isFirst = context.exact && durable.contributors === null;
  const fixed = isFirst ? { contributors: members, inferenceAccepted: acceptingInference(approvals) } : {};
  return {
    state: {
      ...state,
      durable: { ...durable, ...fixed, survivorList: { round, hash } },
      attempt: { ...attempt, secrets },
    },
    effects: [{ kind: "send", message: { kind: "survivor-signed", ...idOf(context), signature } }],
  };
}

function reveal(state: SiteRunState, attempt: SiteAttempt, message: UnmaskRequest): SiteStep {
  const { secrets, shares } = revealShares(attempt.context, attempt.secrets, message.survivors, message.signatures);
  eraseSecrets(secrets);
  return {
    state: { ...state, attempt: undefined },
    effects: [{ kind: "send", message: { kind: "unmask", ...idOf(attempt.context), shares } }],
  };
}

function abort(state: SiteRunState, attempt: SiteAttempt, refusal: SecureSumRefusal): SiteStep {
  eraseSecrets(attempt.secrets);
  return {
    state: { ...state, attempt: undefined },
    effects: [
      { kind: "refused", run: attempt.context.run, code: refusal.code },
      { kind: "send", message: { kind: "abort-attempt", ...idOf(attempt.context), code: refusal.code, accused: refusal.siteId } },
    ],
  };
}

function endRun(state: SiteRunState): SiteStep {
  if (state.attempt !== undefined) eraseSecrets(state.attempt.secrets);
  return {
    state: {
      durable: state.durable === undefined ? undefined : { ...state.durable, ended: true },
      attempt: undefined,
      opened: undefined,
      clear: undefined,
    },
    effects: [],
  };
}

const isSameAttempt = (a: AttemptId, b: AttemptId): boolean => a.run === b.run && a.round === b.round && a.attempt === b.attempt;
