/**
 * Harrell's C beyond all patients of a hospital: by subgroup, and under the model without this hospital.
 *
 * A subgroup variable is told only where every level has enough events and either nobody or enough without one: as the levels make up all
 * patients, no subtraction gives a smaller cell then. Pairs are of patients of one level. Where a person may have several rows, levels may
 * change over time, and nothing is told by them.
 *
 * The model without this hospital is one Newton step that the hospital takes at home from the shared coefficients, on the sums of the others,
 * which are the shared ones minus its own (`../logistic/without-site.ts`, decision 19). With strata its own sums are its stratum's; with one
 * baseline hazard for all no hospital has sums of its own.
 *
 * Source: Pregibon 1981, Ann Stat 9:705.
 */

import { factorCholesky, invertCholesky, solveCholesky, sum } from "@dure/numerics";
import { type CoxRows, concordanceOf, countPairs, coxContribution, coxLinearPredictor, waldStatistics } from "@dure/statistics";
import type { CoxDesign } from "../../coordinator/cox/design.ts";
import type { ConcordancePair, FrozenCoxModel } from "../../cox-result.ts";
import { type SurvivalRows, sortModelColumns } from "./rows.ts";

type SubgroupConcordance = NonNullable<ConcordancePair["subgroups"]>[number];

/** Levels in the order of the document. */
export function subgroupConcordance(
  { subgroups }: CoxDesign,
  rows: SurvivalRows,
  { eta, minimumCell }: { readonly eta: Float64Array; readonly minimumCell: number },
): readonly SubgroupConcordance[] {
  if (rows.persons !== undefined) return [];
  return subgroups.flatMap(({ variable, levels }, index) => {
    const values = rows.subgroups.subarray(index * rows.rowCount, (index + 1) * rows.rowCount);
    const groups = levels.map((_, level) => pick(rows, eta, values, level));
    const isShown = groups.every(({ n, events }) => events >= Math.max(1, minimumCell) && (n === events || n - events >= minimumCell));
    if (!isShown) return [];
    const found = groups.map(({ outcome, scores }) => concordanceOf(countPairs(outcome, scores)));
    return groups.flatMap(({ n, events }, level): readonly SubgroupConcordance[] => {
      const own = found[level];
      if (own === undefined) return [];
      const gap = level === 0 || found[0] === undefined ? undefined : gapOf(found[0], own);
      return [
        { variable, level: levels[level] ?? "", n, events, estimate: own.estimate, se: own.se, ...(gap === undefined ? {} : { gap }) },
      ];
    });
  });
}

/** Of the levels that are told, for the gate: events, and whoever has none. */
export const cellsOfSubgroups = (subgroups: readonly SubgroupConcordance[]): readonly number[] =>
  subgroups.flatMap(({ n, events }) => [events, ...(n > events ? [n - events] : [])]);

function pick(rows: SurvivalRows, eta: Float64Array, values: Float64Array, level: number) {
  const chosen = Uint32Array.from(values.keys()).filter((row) => values[row] === level);
  const gather = (of: Float64Array): Float64Array => Float64Array.from(chosen, (row) => of[row] ?? Number.NaN);
  const events = gather(rows.events);
  const entries = rows.entries === undefined ? {} : { entries: gather(rows.entries) };
  return { n: chosen.length, events: sum(events), outcome: { times: gather(rows.times), events, ...entries }, scores: gather(eta) };
}

interface Estimate {
  readonly estimate: number;
  readonly se: number;
}

/** Patients of two levels are different patients: the variances add. */
function gapOf(first: Estimate, own: Estimate): SubgroupConcordance["gap"] {
  const [estimate, se] = [own.estimate - first.estimate, Math.hypot(own.se, first.se)];
  return se > 0 ? { estimate, se, p: waldStatistics(estimate, se).p } : undefined;
}

/**
 * @param rows the hospital's training rows on the columns' own units
 * @returns undefined without strata, without a covariance, or where the others' information cannot be solved
 * Numerics: O(n p²).
 */
export function concordanceWithoutSite(design: CoxDesign, rows: SurvivalRows, model: FrozenCoxModel): ConcordancePair["withoutSite"] {
  if (design.grid !== undefined || model.covariance === undefined) return undefined;
  const order = model.coefficients.length;
  const shared = factorCholesky(model.covariance, order);
  if (shared.kind !== "factor") return undefined;
  const own = coxContribution(centred(rows, model), model.coefficients, { ties: design.ties });
  const others = factorCholesky(
    invertCholesky(shared).map((value, cell) => value - (own.information[cell] ?? 0)),
    order,
  );
  if (others.kind !== "factor") return undefined;
  const step = solveCholesky(others, own.gradient);
  const eta = coxLinearPredictor(
    rows,
    model.coefficients.map((value, j) => value - (step[j] ?? 0)),
  );
  const found = concordanceOf(countPairs(rows, eta));
  return found === undefined ? undefined : { estimator: "one-step", estimate: found.estimate, se: found.se };
}

/** Around the model's centre, so that no weight exp(η) is beyond a double; neither gradient nor information changes. */
function centred(rows: SurvivalRows, { centre }: FrozenCoxModel): CoxRows {
  const features = new Float64Array(rows.rowCount * rows.featureCount);
  for (let j = 0; j < rows.featureCount; j++) {
    for (let i = 0; i < rows.rowCount; i++) {
      const cell = j * rows.rowCount + i;
      features[cell] = (rows.features[j * rows.stride + i] ?? Number.NaN) - (centre[j] ?? 0);
    }
  }
  return sortModelColumns({ ...rows, features, stride: rows.rowCount });
}
