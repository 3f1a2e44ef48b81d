/**
 * The work of a run that needs rows: a site's shell hands over what the reducer asked for and gets the reducer's next message.
 *
 * Production and simulator call the same function; only where the table comes from differs.
 */

import { openSealed, type RosterMember, type SealPrivateKey, sealTo } from "@dure/identity";
import { canonicalJson, fromUtf8, type JsonValue, type SecureRandom, toBase64, transcript, utf8 } from "@dure/kernel";
import { gateRelease } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { HeadlineRequest, LocalModelJson, LocalModelRequest } from "../protocol/messages.ts";
import { isTraining } from "../protocol/site-checks.ts";
import type { SiteFacts } from "../protocol/site-durable.ts";
import { policyCell, type SiteEffect, type SiteMessage } from "../protocol/site-reducer.ts";
import type { BaselineFigures, SiteFigures } from "./figures.ts";
import { localModelsFor, siteFiguresFor, sitePartFor } from "./registry.ts";
import { trainingCounts } from "./training-counts.ts";

export interface SiteWork {
  readonly facts: SiteFacts;
  /** The run's frozen table. */
  readonly table: AnalysisTable;
  readonly sealPrivateKey: SealPrivateKey;
  readonly random: SecureRandom;
}

export type WorkEffect = Extract<SiteEffect, { readonly kind: "contribute" | "seal-local-models" | "compute-headline" }>;

/**
 * Fails: a DureError where a sealed model is not of this study; the caller answers `no-contribution`.
 * Disclosure: what comes back has not passed the gate yet, except headline figures and sealed models, which have.
 */
export function performWork(work: SiteWork, effect: WorkEffect): Promise<SiteMessage> {
  switch (effect.kind) {
    case "contribute":
      return contribute(work, effect);
    case "seal-local-models":
      return sealLocalModels(work, effect.request, effect.recipients);
    case "compute-headline":
      return computeHeadline(work, effect.request);
  }
}

async function contribute({ facts, table }: SiteWork, effect: WorkEffect & { kind: "contribute" }): Promise<SiteMessage> {
  const contribution = await sitePartFor(facts.study.document).contribute(effect.state, table);
  const clear = { contribution, ...trainingCounts(facts.study.document, table) };
  return { kind: "contribution", round: effect.round, clear, facts };
}

/** A local fit that does not converge is no model, and some analyses make none: the answer is then an empty list. */
async function sealLocalModels(work: SiteWork, request: LocalModelRequest, recipients: readonly string[]): Promise<SiteMessage> {
  const { facts, table, random } = work;
  const model = await localModelsFor(facts.study.document)?.fit(facts.study.document, table, request.result);
  const members = facts.invitedRoster.members.filter((member) => recipients.includes(member.siteId));
  const seal = (to: RosterMember, model: JsonValue): LocalModelJson => ({
    from: facts.siteId,
    to: to.siteId,
    box: toBase64(
      sealTo({
        recipients: [to.sealKey],
        plaintext: utf8(canonicalJson(model)),
        context: localModelContext(request.run, facts.siteId, to.siteId),
        random,
      }),
    ),
  });
  const value = model === undefined ? [] : members.map((member) => seal(member, model));
  const { rowCount, classCounts = [] } = trainingCounts(facts.study.document, table);
  const { releases } = facts.approval.terms;
  const cells = [rowCount, ...classCounts];
  const gated = gateRelease({ release: "local-model", granted: releases, value, cells, minimumCell: policyCell(facts) });
  if (gated.kind === "refused") return { kind: "no-contribution", run: request.run, about: "local-model", code: gated.detail };
  return { kind: "local-models-sealed", request, models: gated.released };
}

const localModelContext = (run: string, from: string, to: string): Uint8Array => transcript("dure local-model 1", run, from, to);

async function computeHeadline(work: SiteWork, request: HeadlineRequest): Promise<SiteMessage> {
  const { facts, table } = work;
  const study = facts.study.document;
  const figures = await siteFiguresFor(study)(study, {
    table,
    site: facts.siteId,
    role: isTraining(request.roster, facts.siteId) ? "training" : "external",
    minimumCell: policyCell(facts),
    result: request.result,
    releasedModels: () => openModels(work, request),
  });
  if (figures === undefined) return { kind: "no-contribution", run: request.run, about: "headline", code: "gate/too-few-in-a-class" };
  const { releases } = facts.approval.terms;
  const baselineHazard = releasedBaseline(facts, figures);
  const evaluation = { ...figures.evaluation, ...(baselineHazard === undefined ? {} : { baselineHazard }) };
  const value: JsonValue = { evaluation, localOnExternal: figures.localOnExternal };
  const gated = gateRelease({ release: "headline", granted: releases, value, cells: cellsOf(figures), minimumCell: policyCell(facts) });
  if (gated.kind === "refused") return { kind: "no-contribution", run: request.run, about: "headline", code: gated.detail };
  return { kind: "headline-figures", request, figures: gated.released };
}

/** A release of its own name: the steward grants it beside the headline, in whose message it travels. */
function releasedBaseline(facts: SiteFacts, { baseline }: SiteFigures): BaselineFigures["at"] | undefined {
  if (baseline === undefined) return undefined;
  const { releases } = facts.approval.terms;
  const { at: value, cells } = baseline;
  const gated = gateRelease({ release: "baseline-hazard", granted: releases, value, cells, minimumCell: policyCell(facts) });
  return gated.kind === "released" ? gated.released.value : undefined;
}

/** A box that is not for this site, or not of this study, is left out: one hospital's fault does not take the others' comparison away. */
function openModels({ facts, sealPrivateKey }: SiteWork, request: HeadlineRequest): ReadonlyMap<string, JsonValue> {
  const models = new Map<string, JsonValue>();
  for (const { from, to, box } of request.localModels) {
    const opened = to === facts.siteId ? openSealed(sealPrivateKey, box, localModelContext(request.run, from, to)) : undefined;
    if (opened?.kind !== "opened") continue;
    const model = readModel(facts.study.document, opened.plaintext, request.result);
    if (model !== undefined) models.set(from, model);
  }
  return models;
}

function readModel(study: StudyDocument, plaintext: Uint8Array, result: JsonValue): JsonValue | undefined {
  try {
    const value = JSON.parse(fromUtf8(plaintext)) as JsonValue; // JSON.parse gives JSON values only; the form is checked next
    return localModelsFor(study)?.parse(study, value, result);
  } catch {
    return undefined; // bytes that are no JSON, or no model of this study
  }
}

const cellsOf = ({ evaluation: { n, events, calibration }, cells = [] }: SiteFigures): readonly number[] => [
  n,
  events,
  // A survival analysis may have no censored row; where nobody is, nobody is shown.
  ...(n > events ? [n - events] : []),
  ...(calibration?.bins ?? []).map((bin) => bin.n),
  ...cells,
];
