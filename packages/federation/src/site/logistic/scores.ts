/** One site's score histograms: of the full fit, and of the patients whom each fold's fit left out. */

import { sum } from "@dure/numerics";
import type { Contribution } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import { linearPredictor, squaredErrors } from "@dure/statistics";
import type { LogisticDesign } from "../../coordinator/logistic/design.ts";
import { foldFits } from "../../coordinator/logistic/fits.ts";
import { hasOutOfFold, judgedSubgroups, levelHistogram } from "../../coordinator/logistic/out-of-fold.ts";
import { scoreBin, scoreBinCount } from "../../coordinator/logistic/score-bins.ts";
import type { Fit, PhaseState } from "../../coordinator/logistic/state.ts";
import { columnOf } from "../gathered-columns.ts";
import type { TrainingRows } from "./training-rows.ts";

export function countScores(
  design: LogisticDesign,
  state: PhaseState<"scores">,
  { training, table }: { readonly training: TrainingRows; readonly table: AnalysisTable },
): Contribution {
  const { outcome } = training.rows;
  const apparent = countHistograms(linearPredictor(training.rows, paramsOf(state.fits[0])), outcome);
  const vectors = new Map<string, Float64Array>(Object.entries(apparent));
  if (!hasOutOfFold(state)) return { vectors, influence: [] };
  const eta = outOfFoldEta(state, training);
  const add = (name: string, isIn: (row: number) => boolean): void => {
    for (const [of, counts] of Object.entries(countHistograms(eta, outcome, isIn))) vectors.set(`${name}/${of}`, counts);
  };
  add("outOfFold", () => true);
  vectors.set("outOfFold/squaredErrors", Float64Array.of(sum(squaredErrors(eta, outcome))));
  for (const group of judgedSubgroups(design, state.counts.subgroups)) {
    const values = columnOf(table, group.variable);
    for (const level of group.levels.keys()) {
      add(`outOfFold ${levelHistogram(group, level)}`, (row) => values[training.tableRows[row] ?? 0] === level);
    }
  }
  return { vectors, influence: [] };
}

/** Rows by level and class of every subgroup variable. */
export function countSubgroups(design: LogisticDesign, table: AnalysisTable, { rows, tableRows }: TrainingRows): Float64Array {
  const cells = design.subgroups.flatMap(({ variable, levels }) => {
    const values = columnOf(table, variable);
    const counts = new Array<number>(2 * levels.length).fill(0);
    tableRows.forEach((tableRow, row) => {
      const cell = 2 * (values[tableRow] ?? 0) + (rows.outcome[row] === 1 ? 1 : 0);
      counts[cell] = (counts[cell] ?? 0) + 1;
    });
    return counts;
  });
  return Float64Array.from(cells);
}

/** Every row scored by the fit that left its fold out. */
function outOfFoldEta(state: PhaseState<"scores">, { rows, foldStarts }: TrainingRows): Float64Array {
  const eta = new Float64Array(rows.rowCount);
  foldFits(state.fits).forEach((fit, fold) => {
    const [from = 0, to = 0] = [foldStarts[fold], foldStarts[fold + 1]];
    if (from === to) return;
    const part = { ...rows, rowCount: to - from, features: rows.features.subarray(from), outcome: rows.outcome.subarray(from, to) };
    eta.set(linearPredictor(part, paramsOf(fit)), from);
  });
  return eta;
}

function paramsOf(fit: Fit | undefined): readonly number[] {
  if (fit?.newton.kind !== "converged") throw new Error("scores are summed of fits that converged");
  return fit.newton.params;
}

function countHistograms(eta: Float64Array, outcome: Float64Array, isIn: (row: number) => boolean = () => true) {
  const negatives = new Float64Array(scoreBinCount);
  const positives = new Float64Array(scoreBinCount);
  eta.forEach((value, row) => {
    if (!isIn(row)) return;
    const counts = outcome[row] === 1 ? positives : negatives;
    const bin = scoreBin(value);
    counts[bin] = (counts[bin] ?? 0) + 1;
  });
  return { negatives, positives };
}
