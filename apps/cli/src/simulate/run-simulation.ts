/** A simulation from files to result.json and report.html, through the very code of production. */

import type { OwnRelease } from "@dure/identity";
import { DureError, text } from "@dure/kernel";
import { systemRandom } from "@dure/machine";
import { prepareAnalysisTable } from "@dure/records";
import { type SimulationOutcome, simulate } from "@dure/simulator";
import type { FrozenStudy } from "@dure/study";
import type { SiteRows } from "./sites.ts";

export interface SimulationInput {
  readonly study: FrozenStudy;
  readonly sites: readonly SiteRows[];
  readonly grants: readonly OwnRelease[];
  readonly signal: AbortSignal;
  onRound?(round: number): void;
}

/**
 * `headline` is granted at every site; further releases only where asked for.
 * @throws DureError with the problems of every site's table, or `simulate/too-few-sites`
 */
export async function runSimulation({ study, sites, grants, signal, onRound }: SimulationInput): Promise<SimulationOutcome> {
  assertEnoughSites(study, sites);
  const releases = releasesOf(grants);
  const started = performance.now();
  return simulate({
    study,
    sites: sites.map(({ siteId, role, source }) => ({ siteId, role, releases, table: prepareAnalysisTable(study.document, source) })),
    random: systemRandom,
    elapsedMs: () => performance.now() - started,
    signal,
    ...(onRound === undefined ? {} : { onProgress: (durable) => onRound(durable.round) }),
  });
}

/** @throws DureError `simulate/too-few-sites` */
export function assertEnoughSites(study: FrozenStudy, sites: readonly Pick<SiteRows, "role">[]): void {
  const { minimumSites } = study.document.privacy.secureSum;
  const trainingCount = sites.filter(({ role }) => role === "training").length;
  if (trainingCount < minimumSites) throw tooFewSites(trainingCount, minimumSites);
}

/** `headline` is granted at every site. */
export const releasesOf = (grants: readonly OwnRelease[]): readonly OwnRelease[] => [
  "headline",
  ...grants.filter((grant) => grant !== "headline"),
];

function tooFewSites(found: number, needed: number): DureError {
  return new DureError({
    code: "simulate/too-few-sites",
    severity: "error",
    place: {},
    what: text(
      `the study needs at least ${needed} training hospitals in a sum; there are ${found}.`,
      `연구에는 학습 병원이 최소 ${needed}곳 필요하지만 ${found}곳뿐입니다.`,
    ),
    remedy: text(
      "Name more hospitals, or lower minimumSites in the study (3 at least).",
      "병원을 더 지정하거나 연구의 minimumSites를 낮추십시오(최소 3).",
    ),
  });
}
