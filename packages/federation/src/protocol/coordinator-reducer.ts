/**
 * The coordinator's role in a run: `step(state, message) → { state, effects }`.
 *
 * The shell stores `state.durable` when it changed, and only then carries out the effects. After a crash it begins again from what was
 * stored: the round's next attempt has fresh keys and the sites' same clear vectors, so the run ends in the same bytes whenever and
 * wherever it was killed.
 */

import { hashApprovals, hashRoster, makeRoster } from "@dure/identity";
import type { JsonValue } from "@dure/kernel";
import { hashJson } from "@dure/kernel";
import { type AttemptContext, decodeSum, type Sum, sumToJson } from "@dure/privacy";
import { type Attempt, type AttemptStep, beginAttempt, outstanding, phaseOver, receive } from "./coordinator-attempt.ts";
import { askForReleases, takeRelease } from "./coordinator-releases.ts";
import { attemptMembers, type RecordEntry, type RunEffect, type RunTools } from "./coordinator-tools.ts";
import type { OpenRound, ToCoordinator } from "./messages.ts";
import { approvalsOf, type RunDurable, type StopReason, trainingSites } from "./run-plan.ts";
import { openRoundTranscript } from "./signing.ts";
import { sumFromJson } from "./sum-json.ts";

export interface RunState {
  readonly durable: RunDurable;
  readonly attempt: Attempt | undefined;
  /** Sites that are connected, with the session that each drew at its start: another session is another process. */
  readonly present: ReadonlyMap<string, string>;
  /** When each site was last asked for a release, in its present session. */
  readonly askedAtMs: ReadonlyMap<string, number>;
  readonly retryAtMs: number;
  readonly failureCount: number;
  /** Since when somebody who is needed has been away. */
  readonly missingSinceMs: number | undefined;
  /** Since when attempts have failed for want of an answer, without a sum in between: a site may be connected and yet silent. */
  readonly unansweredSinceMs: number | undefined;
  /** Since when this process listens: nobody is given up before it had time to connect again. */
  readonly listeningSinceMs: number | undefined;
}

export type RunMessage =
  | { readonly kind: "tick" }
  | { readonly kind: "site-present"; readonly site: string; readonly session: string }
  | { readonly kind: "site-away"; readonly site: string }
  | { readonly kind: "site-withdrew"; readonly site: string }
  | { readonly kind: "from-site"; readonly site: string; readonly message: ToCoordinator };

export interface RunStep {
  readonly state: RunState;
  readonly effects: readonly RunEffect[];
}

/** The first durable state of a run. */
export function beginRun(tools: RunTools): RunDurable {
  const { roster } = tools.plan;
  const contributors = trainingSites(roster);
  return {
    status: "running",
    stage: "sums",
    roster,
    contributors,
    absent: [],
    round: 0,
    attempt: 0,
    state: tools.part.begin(contributors),
    lastSum: null,
    result: null,
    localModels: [],
    answered: [],
    headlines: {},
    waitingFor: [],
    waitingSinceMs: 0,
    stopReason: null,
  };
}

/** After a start or a crash: nobody is connected yet, no attempt is open. */
export function recoverRun(durable: RunDurable): RunState {
  return {
    durable,
    attempt: undefined,
    present: new Map(),
    askedAtMs: new Map(),
    retryAtMs: 0,
    failureCount: 0,
    missingSinceMs: undefined,
    unansweredSinceMs: undefined,
    listeningSinceMs: undefined,
  };
}

export function stepRun(tools: RunTools, before: RunState, message: RunMessage, nowMs: number): RunStep {
  if (before.durable.stage === "ended") return { state: before, effects: [] };
  const handled = handle(tools, { ...before, listeningSinceMs: before.listeningSinceMs ?? nowMs }, message, nowMs);
  const advanced = advance(tools, handled.state, nowMs);
  return { state: advanced.state, effects: [...handled.effects, ...advanced.effects] };
}

function handle(tools: RunTools, state: RunState, message: RunMessage, nowMs: number): RunStep {
  switch (message.kind) {
    case "tick":
      return afterPhase(tools, state, nowMs);
    case "site-present":
      return arrive(tools, state, message, nowMs);
    case "site-away": {
      const present = new Map(state.present);
      present.delete(message.site);
      return { state: { ...state, present }, effects: [] };
    }
    case "site-withdrew":
      return leave(tools, state, message.site, "withdrawn");
    case "from-site":
      return fromSite(tools, state, message.site, message.message, nowMs);
  }
}

function arrive(tools: RunTools, state: RunState, message: { site: string; session: string }, nowMs: number): RunStep {
  const known = state.present.get(message.site);
  if (known === message.session) return { state, effects: [] };
  const present = new Map(state.present).set(message.site, message.session);
  const askedAtMs = new Map(state.askedAtMs);
  askedAtMs.delete(message.site);
  const arrived = { ...state, present, askedAtMs };
  const wasInAttempt = state.attempt?.context.members.some((member) => member.siteId === message.site) === true;
  return wasInAttempt
    ? failAttempt(tools, arrived, { code: "site-restarted", sites: [message.site] }, nowMs)
    : { state: arrived, effects: [] };
}

function fromSite(tools: RunTools, state: RunState, site: string, message: ToCoordinator, nowMs: number): RunStep {
  switch (message.kind) {
    case "local-model":
    case "headline":
      return { state: { ...state, durable: takeRelease(state.durable, site, message) }, effects: [] };
    case "not-taking-part":
      if (message.about !== "sum") return { state: { ...state, durable: takeRelease(state.durable, site, message) }, effects: [] };
      if (!isOfAttempt(state, message) || !state.durable.contributors.includes(site)) return { state, effects: [] };
      return leave(tools, state, site, "not-taking-part");
    case "abort-attempt": {
      if (!isOfAttempt(state, message) || !state.durable.contributors.includes(site)) return { state, effects: [] };
      const sites = message.accused === undefined ? [site] : [site, message.accused];
      return failAttempt(tools, state, { code: message.code, sites }, nowMs);
    }
    default:
      if (state.attempt === undefined || !isOfAttempt(state, message)) return { state, effects: [] };
      return afterStep(tools, state, receive(state.attempt, site, message, nowMs + tools.plan.timing.phaseMs), nowMs);
  }
}

const isOfAttempt = (state: RunState, message: { round: number; attempt: number }): boolean =>
  state.attempt?.context.round === message.round && state.attempt.context.attempt === message.attempt;

function afterPhase(tools: RunTools, state: RunState, nowMs: number): RunStep {
  if (state.attempt === undefined || nowMs < state.attempt.deadlineMs) return { state, effects: [] };
  return afterStep(tools, state, phaseOver(state.attempt, nowMs + tools.plan.timing.phaseMs), nowMs);
}

function afterStep(tools: RunTools, state: RunState, result: AttemptStep, nowMs: number): RunStep {
  switch (result.kind) {
    case "going-on":
      return { state, effects: result.send.map(({ to, message }) => ({ kind: "send", to, message })) };
    case "failed":
      return failAttempt(tools, state, result, nowMs);
    case "opened":
      return absorb(tools, state, result.encodedSum, nowMs);
  }
}

/** Throws the attempt away; the next one follows after a pause that doubles with every failure in a row. */
function failAttempt(tools: RunTools, state: RunState, failure: { code: string; sites: readonly string[] }, nowMs: number): RunStep {
  if (state.attempt === undefined) return { state, effects: [] };
  const { round, attempt } = state.attempt.context;
  const pauseMs = Math.min(30_000, tools.plan.timing.retryMs * 2 ** Math.min(state.failureCount, 16));
  const failed = { ...state, attempt: undefined, retryAtMs: nowMs + pauseMs, failureCount: state.failureCount + 1 };
  const entry: RecordEntry = { code: `attempt-failed/${failure.code}`, round, attempt, sites: failure.sites };
  const waited = failure.code === "site-away" ? waitForAnswers(tools, failed, failure.sites, nowMs) : { state: failed, effects: [] };
  return { state: waited.state, effects: [{ kind: "record", entry }, ...waited.effects] };
}

/** The phase that these sites let pass was their deadline. They count as away until they call again. */
function waitForAnswers(tools: RunTools, state: RunState, sites: readonly string[], nowMs: number): RunStep {
  const unansweredSinceMs = state.unansweredSinceMs ?? nowMs;
  const present = new Map(state.present);
  for (const site of sites) present.delete(site);
  if (nowMs - unansweredSinceMs >= tools.plan.timing.patienceMs) return stop(tools, state, { code: "patience-over", sites, columns: [] });
  return beginWaiting({ ...state, present, unansweredSinceMs }, sites, unansweredSinceMs);
}

function absorb(tools: RunTools, state: RunState, encodedSum: Uint8Array, nowMs: number): RunStep {
  const attempt = state.attempt;
  if (attempt === undefined) return { state, effects: [] };
  let sum: Sum;
  try {
    sum = decodeSum(attempt.context.layout, encodedSum, attempt.survivors.length);
  } catch {
    return failAttempt(tools, state, { code: "sum-beyond-bounds", sites: [] }, nowMs);
  }
  const absorbed = tools.part.absorb(state.durable.state, sum);
  const { round } = state.durable;
  const opened: RunEffect = {
    kind: "record",
    entry: { code: "sum-opened", round, attempt: state.durable.attempt, sites: attempt.survivors },
  };
  const going = { ...state, attempt: undefined, failureCount: 0, retryAtMs: nowMs, unansweredSinceMs: undefined };
  const durable: RunDurable = {
    ...state.durable,
    lastSum: sumToJson(sum),
    contributors: tools.part.exact && round === 0 ? attempt.survivors : state.durable.contributors,
  };
  switch (absorbed.kind) {
    case "continue":
      return { state: { ...going, durable: { ...durable, round: round + 1, attempt: 0, state: absorbed.state } }, effects: [opened] };
    case "done":
      return {
        state: { ...going, durable: { ...durable, round: round + 1, stage: "local-models", result: absorbed.result } },
        effects: [opened],
      };
    case "refused": {
      const reason = { code: `analysis-refused/${absorbed.refusal.code}`, sites: [], columns: absorbed.refusal.columns };
      const stopped = stop(tools, { ...going, durable }, reason);
      return { state: stopped.state, effects: [opened, ...stopped.effects] };
    }
  }
}

/** A site goes for good: before the first sum the run may go on without it, later an exact one stops. */
function leave(tools: RunTools, state: RunState, site: string, code: string): RunStep {
  const { durable } = state;
  if (!durable.roster.members.some((member) => member.siteId === site)) return { state, effects: [] };
  if (durable.lastSum !== null && (tools.part.exact || code === "withdrawn"))
    return stop(tools, state, { code, sites: [site], columns: [] });
  return leaveOut(tools, state, [site], code);
}

function leaveOut(tools: RunTools, state: RunState, sites: readonly string[], code: string): RunStep {
  const { durable } = state;
  const roster = makeRoster(durable.roster.members.filter((member) => !sites.includes(member.siteId)));
  const contributors = trainingSites(roster);
  if (contributors.length < tools.plan.study.document.privacy.secureSum.minimumSites) {
    return stop(tools, state, { code: "too-few-sites", sites, columns: [] });
  }
  const absent = [...durable.absent, ...sites].sort();
  const next: RunDurable = {
    ...durable,
    roster,
    contributors,
    absent,
    state: tools.part.begin(contributors),
    status: "running",
    waitingFor: [],
  };
  const entry: RecordEntry = { code: `left-out/${code}`, round: durable.round, attempt: durable.attempt, sites };
  return {
    state: { ...state, durable: next, attempt: undefined, missingSinceMs: undefined, unansweredSinceMs: undefined },
    effects: [{ kind: "record", entry }],
  };
}

function stop(tools: RunTools, state: RunState, reason: StopReason): RunStep {
  const { durable } = state;
  const entry: RecordEntry = { code: `stopped/${reason.code}`, round: durable.round, attempt: durable.attempt, sites: reason.sites };
  return {
    state: { ...state, attempt: undefined, durable: { ...durable, status: "stopped", stage: "ended", stopReason: reason } },
    effects: [{ kind: "record", entry }, ...tellEnd(tools, "stopped")],
  };
}

/** Also those who were left out: a hospital keeps a frozen table, and counts the run as in progress, until it hears of the end. */
function tellEnd(tools: RunTools, outcome: "completed" | "stopped"): readonly RunEffect[] {
  const { run, roster } = tools.plan;
  return roster.members.map((member) => ({ kind: "send", to: member.siteId, message: { kind: "run-ended", run, outcome } }));
}

/** What can be done now without waiting for a message: open an attempt, ask for releases, wait, give up. */
function advance(tools: RunTools, state: RunState, nowMs: number): RunStep {
  const { durable } = state;
  if (durable.stage === "ended") return { state, effects: [] };
  if (durable.stage === "sums")
    return state.attempt === undefined && nowMs >= state.retryAtMs ? advanceSums(tools, state, nowMs) : watch(tools, state, nowMs);
  const asked = askForReleases(tools, durable, { present: state.present, askedAtMs: state.askedAtMs, nowMs });
  const askedAtMs = new Map(state.askedAtMs);
  for (const site of asked.askedSites) askedAtMs.set(site, nowMs);
  const next = {
    ...state,
    durable: asked.durable,
    askedAtMs: asked.durable.stage === durable.stage ? askedAtMs : new Map<string, number>(),
  };
  if (asked.durable.stage === "ended") {
    const entry: RecordEntry = { code: "completed", round: durable.round, attempt: durable.attempt, sites: [] };
    return { state: next, effects: [{ kind: "record", entry }, ...tellEnd(tools, "completed")] };
  }
  if (asked.durable.stage !== durable.stage) return advance(tools, next, nowMs);
  const waited = waitFor(tools, next, asked.missing, nowMs);
  return { state: waited.state, effects: [...asked.effects, ...waited.effects] };
}

function watch(tools: RunTools, state: RunState, nowMs: number): RunStep {
  const needed = state.attempt === undefined ? state.durable.contributors : outstanding(state.attempt);
  return waitFor(
    tools,
    state,
    needed.filter((site) => !state.present.has(site)),
    nowMs,
  );
}

function advanceSums(tools: RunTools, state: RunState, nowMs: number): RunStep {
  const missing = state.durable.contributors.filter((site) => !state.present.has(site));
  if (missing.length === 0) return openAttempt(tools, state, nowMs);
  const isBeforeFirstSum = state.durable.lastSum === null;
  const isLate = nowMs >= tools.plan.startedAtMs + tools.plan.timing.joinMs && hasListened(tools, state, nowMs);
  if (isBeforeFirstSum && isLate) return leaveOut(tools, state, missing, "absent");
  return waitFor(tools, state, missing, nowMs);
}

/** Longer than a site's poll takes to come round: who is not here by now is away. */
const hasListened = (tools: RunTools, state: RunState, nowMs: number): boolean =>
  nowMs - (state.listeningSinceMs ?? nowMs) >= tools.plan.timing.phaseMs;

/** A site away past its deadline makes the run `waiting`; past the run's patience it is stopped. */
function waitFor(tools: RunTools, state: RunState, missing: readonly string[], nowMs: number): RunStep {
  if (missing.length === 0) return { state: settle(state), effects: [] };
  const { phaseMs, patienceMs } = tools.plan.timing;
  const sinceMs = state.durable.status === "waiting" ? state.durable.waitingSinceMs : (state.missingSinceMs ?? nowMs);
  const waiting = { ...state, missingSinceMs: sinceMs };
  if (nowMs - sinceMs >= patienceMs && hasListened(tools, state, nowMs))
    return stop(tools, waiting, { code: "patience-over", sites: missing, columns: [] });
  if (nowMs - sinceMs < phaseMs || sameSites(state.durable.waitingFor, missing)) return { state: waiting, effects: [] };
  return beginWaiting(waiting, missing, sinceMs);
}

function beginWaiting(state: RunState, missing: readonly string[], sinceMs: number): RunStep {
  const durable: RunDurable = { ...state.durable, status: "waiting", waitingFor: missing, waitingSinceMs: sinceMs };
  const entry: RecordEntry = { code: "waiting", round: durable.round, attempt: durable.attempt, sites: missing };
  return { state: { ...state, durable }, effects: [{ kind: "record", entry }] };
}

const sameSites = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((site, i) => site === b[i]);

function settle(state: RunState): RunState {
  if (state.durable.status !== "waiting") return state.missingSinceMs === undefined ? state : { ...state, missingSinceMs: undefined };
  return { ...state, missingSinceMs: undefined, durable: { ...state.durable, status: "running", waitingFor: [], waitingSinceMs: 0 } };
}

function openAttempt(tools: RunTools, settled: RunState, nowMs: number): RunStep {
  const state = settle(settled);
  const durable: RunDurable = { ...state.durable, attempt: state.durable.attempt + 1 };
  const context = attemptContext(tools, durable);
  const deadlineMs = nowMs + tools.plan.timing.phaseMs;
  const unsigned: Omit<OpenRound, "signature"> = {
    kind: "open-round",
    run: tools.plan.run,
    round: durable.round,
    attempt: durable.attempt,
    study: tools.plan.study.hash,
    roster: durable.roster,
    approvals: approvalsOf(tools.plan, durable.roster),
    contributors: durable.contributors,
    state: durable.state,
    lastSum: durable.lastSum === null || durable.round === 0 ? undefined : sumFromJson(durable.lastSum),
    layout: context.hashes.layout,
    deadlineMs,
  };
  const message: OpenRound = { ...unsigned, signature: tools.sign(openRoundTranscript(unsigned)) };
  return {
    state: { ...state, durable, attempt: beginAttempt(context, deadlineMs) },
    effects: durable.contributors.map((to) => ({ kind: "send", to, message })),
  };
}

function attemptContext(tools: RunTools, durable: RunDurable): AttemptContext {
  const layout = tools.part.layout(durable.state);
  return {
    run: tools.plan.run,
    round: durable.round,
    attempt: durable.attempt,
    hashes: {
      study: tools.plan.study.hash,
      roster: hashRoster(durable.roster),
      approvals: hashApprovals(approvalsOf(tools.plan, durable.roster)),
      state: hashJson(durable.state),
      layout: hashJson(layout as unknown as JsonValue), // a layout is JSON by its type's own promise
    },
    members: attemptMembers(durable.roster, durable.contributors),
    minimumSites: tools.plan.study.document.privacy.secureSum.minimumSites,
    exact: tools.part.exact,
    layout,
  };
}
