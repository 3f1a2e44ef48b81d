/**
 * What a site says of a classifier beyond its AUC: precision, Brier score, decisions at thresholds, net benefit, calibration, and the same
 * by subgroup. Of rows that the model was not fitted to.
 *
 * Everything that counts rows by risk is told at the same cuts, with at least the minimum cell of rows of either class between any two
 * (`keepCuts`); where a study asks for decisions, bins of calibration end at those cuts too. Subgroups have the cuts that every level of
 * the variable can bear, and a variable with a level below the minimum cell is left out whole: no subtraction gives a smaller cell.
 */

import { logistic, sum } from "@dure/numerics";
import type { AnalysisTable } from "@dure/records";
import {
  aucDeLong,
  brierScore,
  calibrationBins,
  calibrationBinsBetween,
  classifierPerformance,
  countByRisk,
  fitInterceptWithOffset,
  groupDecisions,
  recalibrate,
  waldStatistics,
} from "@dure/statistics";
import type { ClassifierFigures, SubgroupFigures } from "../../classifier-result.ts";
import type { LogisticDesign } from "../../coordinator/logistic/design.ts";
import type { Subgroup } from "../../coordinator/subgroups.ts";
import type { SiteEvaluation } from "../../result.ts";
import { columnOf } from "../gathered-columns.ts";

export interface ScoredRows {
  /** Linear predictor of log-odds. */
  readonly eta: Float64Array;
  readonly outcome: Float64Array;
  /** Row of the table by row here. */
  readonly tableRows: Uint32Array;
  readonly table: AnalysisTable;
  readonly minimumCell: number;
}

export type RiskFigures = Pick<SiteEvaluation, "calibration" | "performance" | "subgroups">;

/** Undefined figures are left out. Both classes hold the minimum cell. O(n log n × subgroup variables). */
export function riskFigures(design: Pick<LogisticDesign, "performance" | "subgroups">, scored: ScoredRows): RiskFigures {
  const { eta, outcome, minimumCell } = scored;
  const performance = classifierPerformance(eta, outcome, { ...design.performance, minimumCell });
  const recalibration = recalibrate(eta, outcome);
  const cuts = toldCuts(performance);
  const asksForDecisions = design.performance.decisionCurve || design.performance.thresholds.length > 0;
  const bins = asksForDecisions ? calibrationBinsBetween(eta, outcome, cuts) : calibrationBins(eta, outcome, minimumCell);
  const recalibrated = recalibration === undefined ? undefined : afterRecalibration(eta, outcome, recalibration.slope);
  const subgroups = design.subgroups.flatMap((group) => subgroupFigures(design, group, scored));
  return {
    ...(recalibration === undefined || bins.length === 0 ? {} : { calibration: { bins, ...recalibration } }),
    ...(performance === undefined ? {} : { performance: { ...performance, ...(recalibrated === undefined ? {} : { recalibrated }) } }),
    ...(subgroups.length === 0 ? {} : { subgroups }),
  };
}

/** The model that the hospital would use itself: logit P = intercept + slope × η, fitted on these very patients. */
function afterRecalibration(eta: Float64Array, outcome: Float64Array, slope: number): ClassifierFigures["recalibrated"] {
  const offset = eta.map((value) => slope * value);
  const intercept = fitInterceptWithOffset(outcome, offset);
  if (intercept === undefined) return undefined;
  return {
    intercept,
    slope,
    brier: brierScore(
      offset.map((value) => intercept + value),
      outcome,
    ),
  };
}

/** Patients of either class at every level that is told: for the gate. */
export const cellsOfRisk = ({ subgroups = [] }: RiskFigures): readonly number[] =>
  subgroups.flatMap(({ n, events }) => [events, n - events]);

function toldCuts(performance: ClassifierFigures | undefined): readonly number[] {
  const told = [...(performance?.decisions ?? []), ...(performance?.decisionCurve ?? [])].map(({ threshold }) => threshold);
  return [...new Set(told)].sort((a, b) => a - b);
}

/** Levels in the order of the document; none where one has too few rows of a class. */
function subgroupFigures(
  { performance }: Pick<LogisticDesign, "performance">,
  { variable, levels }: Subgroup,
  scored: ScoredRows,
): readonly SubgroupFigures[] {
  const values = columnOf(scored.table, variable);
  const groups = levels.map((_, level) => pick(scored, (tableRow) => values[tableRow] === level));
  const cellMin = Math.max(1, scored.minimumCell);
  const isShown = groups.every(({ outcome }) => {
    const events = sum(outcome);
    return events >= cellMin && outcome.length - events >= cellMin;
  });
  if (!isShown) return [];
  const counted = groups.map(
    ({ eta, outcome }) =>
      (cuts: readonly number[]) =>
        countByRisk(eta, outcome, cuts),
  );
  const decisions = groupDecisions(counted, { ...performance, minimumCell: scored.minimumCell });
  const areas = groups.map(({ eta, outcome }) => aucDeLong(eta, outcome));
  return groups.flatMap(({ eta, outcome }, i): readonly SubgroupFigures[] => {
    const area = areas[i];
    if (area === undefined) return [];
    return [
      {
        variable,
        level: levels[i] ?? "",
        n: eta.length,
        events: sum(outcome),
        auc: area.auc,
        ...(area.se === undefined ? {} : { aucSe: area.se }),
        brier: brierScore(eta, outcome),
        observedToExpected: sum(outcome) / sum(eta.map(logistic)),
        decisions: decisions[i] ?? [],
        ...(i === 0 ? {} : gapOf(areas[0], area)),
      },
    ];
  });
}

type Area = ReturnType<typeof aucDeLong>;

/** Patients of two levels are different patients: the variances add. */
function gapOf(first: Area, own: Area): Pick<SubgroupFigures, "aucGap"> {
  if (first?.se === undefined || own?.se === undefined) return {};
  const [estimate, se] = [own.auc - first.auc, Math.hypot(own.se, first.se)];
  return se > 0 ? { aucGap: { estimate, se, p: waldStatistics(estimate, se).p } } : {};
}

function pick({ eta, outcome, tableRows }: ScoredRows, isIn: (tableRow: number) => boolean) {
  const rows = Uint32Array.from(tableRows.keys()).filter((row) => isIn(tableRows[row] ?? 0));
  return { eta: Float64Array.from(rows, (row) => eta[row] ?? 0), outcome: Float64Array.from(rows, (row) => outcome[row] ?? 0) };
}
