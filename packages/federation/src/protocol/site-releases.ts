/** What a hospital gives in its own name: where the steward granted it, once per frozen result, from then on the same bytes. */

import { hashRoster } from "@dure/identity";
import { canonicalJson, hashJson, type JsonValue, utf8 } from "@dure/kernel";
import { releaseAgain } from "@dure/privacy";
import type { HeadlineRequest, LeavingHeadline, LeavingLocalModel, LocalModelJson, LocalModelRequest } from "./messages.ts";
import { externalSites } from "./run-plan.ts";
import { ownRelease, refuse } from "./site-answers.ts";
import { checkHeadlineRequest, checkLocalModelRequest } from "./site-checks.ts";
import type { SiteFacts, SiteRunDurable } from "./site-durable.ts";
import type { LedgerNote, SiteEffect, SiteMessage, SiteRunState, SiteStep } from "./site-reducer.ts";

export function localModelRequest(state: SiteRunState, message: LocalModelRequest, facts: SiteFacts): SiteStep {
  const refused = checkLocalModelRequest(facts, state.durable, message);
  if (refused !== undefined) return refuse(state, ownRelease(message.run, "local-model"), refused);
  const given = state.durable?.localModels ?? undefined;
  if (given !== undefined) return sendLocalModels(state, message, { given, facts });
  return { state, effects: [{ kind: "seal-local-models", request: message, recipients: externalSites(facts.invitedRoster) }] };
}

interface Given<Answer> {
  readonly given: Answer;
  readonly facts: SiteFacts;
}

/** One answer to one frozen result, for good: the same bytes again, where the grant still stands. */
function sendLocalModels(
  state: SiteRunState,
  { run, result }: LocalModelRequest,
  { given, facts }: Given<NonNullable<SiteRunDurable["localModels"]>>,
): SiteStep {
  const about = ownRelease(run, "local-model");
  if (given.result !== hashJson(result)) return refuse(state, about, "already-answered-for-another-result");
  const value = given.models.map((model): LocalModelJson => ({ from: facts.siteId, ...model }));
  const gated = releaseAgain({ release: "local-model", granted: facts.approval.terms.releases, value });
  if (gated.kind === "refused") return refuse(state, about, gated.detail);
  return { state, effects: releaseEffects(state.durable, { kind: "local-model", run, models: gated.released }) };
}

export function releaseLocalModels(state: SiteRunState, message: SiteMessage & { kind: "local-models-sealed" }): SiteStep {
  const { durable } = state;
  if (durable === undefined || durable.localModels !== null) return { state, effects: [] };
  const { run, result } = message.request;
  const models = message.models.value.map(({ to, box }) => ({ to, box }));
  return {
    state: { ...state, durable: { ...durable, localModels: { result: hashJson(result), models } } },
    effects: releaseEffects(durable, { kind: "local-model", run, models: message.models }),
  };
}

export function headlineRequest(state: SiteRunState, message: HeadlineRequest, facts: SiteFacts): SiteStep {
  const refused = checkHeadlineRequest(facts, state.durable, message);
  if (refused !== undefined) return refuse(state, ownRelease(message.run, "headline"), refused);
  const given = state.durable?.headline ?? undefined;
  if (given !== undefined) return sendHeadline(state, message, { given, facts });
  return { state, effects: [{ kind: "compute-headline", request: message }] };
}

function sendHeadline(
  state: SiteRunState,
  { run, result }: HeadlineRequest,
  { given, facts }: Given<NonNullable<SiteRunDurable["headline"]>>,
): SiteStep {
  const about = ownRelease(run, "headline");
  if (given.result !== hashJson(result)) return refuse(state, about, "already-answered-for-another-result");
  if (holdsBaseline(given.figures) && !facts.approval.terms.releases.includes("baseline-hazard"))
    return refuse(state, about, "release-not-granted");
  const gated = releaseAgain({ release: "headline", granted: facts.approval.terms.releases, value: given.figures });
  if (gated.kind === "refused") return refuse(state, about, gated.detail);
  return { state, effects: releaseEffects(state.durable, { kind: "headline", run, figures: gated.released }) };
}

export function releaseHeadline(state: SiteRunState, { request, figures }: SiteMessage & { kind: "headline-figures" }): SiteStep {
  const durable = state.durable ?? externalDurable(request);
  if (durable.headline !== null) return { state, effects: [] };
  return {
    state: { ...state, durable: { ...durable, headline: { result: hashJson(request.result), figures: figures.value } } },
    effects: releaseEffects(durable, { kind: "headline", run: request.run, figures }),
  };
}

/** The ledger's line, and the message that it accounts for. */
function releaseEffects(durable: SiteRunDurable | undefined, message: LeavingHeadline | LeavingLocalModel): readonly SiteEffect[] {
  const released = message.kind === "headline" ? message.figures : message.models;
  const value: JsonValue = released.value;
  const note: LedgerNote = {
    kind: "own-release",
    run: message.run,
    study: durable?.study ?? "",
    round: durable?.round ?? 0,
    attempt: 0,
    vectors: [message.kind, ...(holdsBaseline(value) ? ["baseline-hazard"] : [])].map((name) => ({ name, length: 1, encoding: "json" })),
    bytes: utf8(canonicalJson(value)),
    rules: released.rules,
  };
  return [
    { kind: "ledger", note },
    { kind: "send", message },
  ];
}

/** A baseline hazard travels with the headline and has a grant and a line in the ledger of its own. */
function holdsBaseline(figures: JsonValue): boolean {
  const isRecord = (value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const evaluation = isRecord(figures) ? figures["evaluation"] : undefined;
  return isRecord(evaluation) && evaluation["baselineHazard"] !== undefined;
}

/** An external site takes part in no sum: its record of the run begins with the frozen result. */
function externalDurable(request: HeadlineRequest): SiteRunDurable {
  return {
    run: request.run,
    study: request.study,
    rosterHash: hashRoster(request.roster),
    contributors: null,
    inferenceAccepted: [],
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
