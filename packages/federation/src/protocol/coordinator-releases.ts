/** After the last sum: the own releases, each asked for by name and answered once per frozen result. */

import type { OwnRelease } from "@dure/identity";
import { fromBase64, toBase64 } from "@dure/kernel";
import type { RunEffect, RunTools } from "./coordinator-tools.ts";
import type { Headline, HeadlineRequest, LocalModel, NotTakingPart, ToSite } from "./messages.ts";
import { approvalsOf, externalSites, type RunDurable, type RunStage } from "./run-plan.ts";
import { isFigures } from "./run-result.ts";
import { headlineRequestTranscript } from "./signing.ts";
import { sumFromJson } from "./sum-json.ts";

export interface Connections {
  readonly present: ReadonlyMap<string, string>;
  readonly askedAtMs: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

export interface ReleaseStep {
  readonly durable: RunDurable;
  readonly effects: readonly RunEffect[];
  readonly askedSites: readonly string[];
  /** Sites that are to answer and are not connected. */
  readonly missing: readonly string[];
}

/** Sends what is to be asked now; moves to the next stage when everybody has answered. */
export function askForReleases(tools: RunTools, durable: RunDurable, connections: Connections): ReleaseStep {
  const open = sitesToAsk(tools, durable).filter((site) => !durable.answered.includes(site));
  if (open.length === 0) {
    const stage: RunStage = durable.stage === "local-models" ? "headlines" : "ended";
    const status = stage === "ended" ? "completed" : "running";
    return {
      durable: { ...durable, stage, status, answered: [], waitingFor: [], waitingSinceMs: 0 },
      effects: [],
      askedSites: [],
      missing: [],
    };
  }
  const missing = open.filter((site) => !connections.present.has(site));
  const askedSites = open.filter((site) => connections.present.has(site) && isDue(tools, connections, site));
  const effects = askedSites.map((to): RunEffect => ({ kind: "send", to, message: request(tools, durable, to) }));
  return { durable, effects, askedSites, missing };
}

/** Keeps an answer; a second answer to the same request changes nothing. */
export function takeRelease(durable: RunDurable, site: string, message: LocalModel | Headline | NotTakingPart): RunDurable {
  const stage: RunStage =
    message.kind === "local-model" || (message.kind === "not-taking-part" && message.about === "local-model")
      ? "local-models"
      : "headlines";
  const isMember = durable.roster.members.some((member) => member.siteId === site);
  if (durable.stage !== stage || !isMember || durable.answered.includes(site)) return durable;
  const answered = [...durable.answered, site].sort();
  switch (message.kind) {
    case "local-model": {
      const models = message.models
        .filter((model) => model.from === site)
        .map((model) => ({ from: site, to: model.to, box: toBase64(model.box) }));
      return { ...durable, answered, localModels: [...durable.localModels, ...models].sort(byFromAndTo) };
    }
    case "headline": {
      const role = durable.roster.members.find((member) => member.siteId === site)?.role ?? "";
      if (!isFigures(message.figures, site, role)) return { ...durable, answered };
      return { ...durable, answered, headlines: { ...durable.headlines, [site]: message.figures } };
    }
    case "not-taking-part":
      return { ...durable, answered };
  }
}

const byFromAndTo = (a: { from: string; to: string }, b: { from: string; to: string }): number =>
  a.from === b.from ? (a.to < b.to ? -1 : 1) : a.from < b.from ? -1 : 1;

function sitesToAsk(tools: RunTools, durable: RunDurable): readonly string[] {
  const granted = (release: OwnRelease) => (site: string) =>
    tools.plan.approvals.some(({ terms }) => terms.siteId === site && terms.releases.includes(release));
  if (durable.stage === "headlines") return durable.roster.members.map((member) => member.siteId).filter(granted("headline"));
  const isWanted = tools.plan.study.document.evaluation.localModels && externalSites(durable.roster).length > 0;
  return isWanted ? durable.contributors.filter(granted("local-model")) : [];
}

/** Not yet asked in this session, or asked so long ago that the question was lost. */
function isDue(tools: RunTools, connections: Connections, site: string): boolean {
  const askedAtMs = connections.askedAtMs.get(site);
  return askedAtMs === undefined || connections.nowMs - askedAtMs >= tools.plan.timing.phaseMs;
}

function request(tools: RunTools, durable: RunDurable, to: string): ToSite {
  const lastSum = sumFromJson(durable.lastSum);
  if (durable.stage === "local-models") return { kind: "local-model-request", run: tools.plan.run, lastSum, result: durable.result };
  const unsigned: Omit<HeadlineRequest, "signature"> = {
    kind: "headline-request",
    run: tools.plan.run,
    study: tools.plan.study.hash,
    roster: durable.roster,
    approvals: approvalsOf(tools.plan, durable.roster),
    lastSum,
    result: durable.result,
    localModels: durable.localModels.filter((model) => model.to === to).map((model) => ({ ...model, box: fromBase64(model.box) })),
  };
  return { ...unsigned, signature: tools.sign(headlineRequestTranscript(unsigned)) };
}
