/**
 * Discrimination, calibration and decisions of all training hospitals together: score histograms by class of patients whom the scoring
 * model was not fitted to, over all and by subgroup.
 *
 * Every patient is scored by the model that left the patient's fold out, as at each hospital. Without all five such models there are no
 * such figures. A subgroup variable takes part where every level has at least the minimum cell of either class.
 */

import type { Sum, VectorLayout } from "@dure/privacy";
import { aucFromHistograms, countByRiskOfHistograms, groupDecisions, pooledPerformance } from "@dure/statistics";
import type { PooledClassifierFigures, PooledSubgroupFigures } from "../../classifier-result.ts";
import type { Subgroup } from "../subgroups.ts";
import { entry, readVector } from "../sum-reading.ts";
import type { LogisticDesign } from "./design.ts";
import { foldFits } from "./fits.ts";
import { scoreBinCount } from "./score-bins.ts";
import type { PhaseState } from "./state.ts";

/** Whether every fold has a model that left it out. */
export const hasOutOfFold = ({ fits }: PhaseState<"scores">): boolean => {
  const folds = foldFits(fits);
  return folds.length > 0 && folds.every((fit) => fit?.newton.kind === "converged");
};

/** Names of the histograms of one subgroup's level. */
export const levelHistogram = ({ variable, levels }: Subgroup, level: number): string => `${variable}=${levels[level]}`;

/** Subgroup variables whose levels all have enough patients with and without the outcome. */
export function judgedSubgroups({ subgroups, minimumCell }: LogisticDesign, counts: readonly number[]): readonly Subgroup[] {
  let next = 0;
  return subgroups.filter(({ levels }) => {
    const cells = counts.slice(next, next + 2 * levels.length);
    next += cells.length;
    return cells.every((cell) => cell >= Math.max(1, minimumCell));
  });
}

export function outOfFoldLayout(design: LogisticDesign, state: PhaseState<"scores">): readonly VectorLayout[] {
  if (!hasOutOfFold(state)) return [];
  const { n } = state.counts;
  const histograms = (name: string): readonly VectorLayout[] => [
    { name: `${name}/negatives`, length: scoreBinCount, encoding: "histogram", bound: n },
    { name: `${name}/positives`, length: scoreBinCount, encoding: "histogram", bound: n },
  ];
  const groups = judgedSubgroups(design, state.counts.subgroups);
  return [
    ...histograms("outOfFold"),
    // (risk − outcome)² is at most 1 a row.
    { name: "outOfFold/squaredErrors", length: 1, encoding: "wide", bound: n + 1 },
    ...groups.flatMap((group) => group.levels.flatMap((_, level) => histograms(`outOfFold ${levelHistogram(group, level)}`))),
  ];
}

/** Undefined where there is no model for a fold. */
export function readOutOfFold(design: LogisticDesign, state: PhaseState<"scores">, sum: Sum): PooledClassifierFigures | undefined {
  if (!hasOutOfFold(state)) return undefined;
  const { minimumCell, performance } = design;
  const histograms = (name: string) => ({
    negatives: readVector(sum, `${name}/negatives`, scoreBinCount),
    positives: readVector(sum, `${name}/positives`, scoreBinCount),
  });
  const squaredErrors = entry(readVector(sum, "outOfFold/squaredErrors", 1), 0);
  const whole = pooledPerformance({ ...histograms("outOfFold"), squaredErrors }, { ...performance, minimumCell });
  if (whole === undefined) return undefined;
  const subgroups = judgedSubgroups(design, state.counts.subgroups).flatMap((group) =>
    levelFigures(design, group, (level) => histograms(`outOfFold ${levelHistogram(group, level)}`)),
  );
  return { ...whole, ...(subgroups.length === 0 ? {} : { subgroups }) };
}

interface Histograms {
  readonly negatives: readonly number[];
  readonly positives: readonly number[];
}

function levelFigures(
  { performance, minimumCell }: LogisticDesign,
  { variable, levels }: Subgroup,
  histogramsOf: (level: number) => Histograms,
): readonly PooledSubgroupFigures[] {
  const histograms = levels.map((_, level) => histogramsOf(level));
  const decisions = groupDecisions(
    histograms.map(
      ({ negatives, positives }) =>
        (cuts) =>
          countByRiskOfHistograms(negatives, positives, cuts),
    ),
    { ...performance, minimumCell },
  );
  return levels.flatMap((level, i) => {
    const { negatives = [], positives = [] } = histograms[i] ?? {};
    const area = aucFromHistograms(positives, negatives);
    if (area === undefined) return [];
    const [zeros, events] = [total(negatives), total(positives)];
    return [{ variable, level, n: zeros + events, events, auc: area.auc, aucBound: area.bound, decisions: decisions[i] ?? [] }];
  });
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
