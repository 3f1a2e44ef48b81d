/**
 * Logistic regression over hospitals, the half that sees rows. A contribution is a function of the public state and the frozen table
 * alone: the same vector whichever attempt, process or thread count asks for it.
 */

import { unreachable } from "@dure/kernel";
import type { Contribution, Influence } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import { LogisticAccumulator, type LogisticContribution, linearPredictor } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../../analysis.ts";
import { type LogisticDesign, logisticDesign } from "../../coordinator/logistic/design.ts";
import { runningFits } from "../../coordinator/logistic/fits.ts";
import { scoreBin, scoreBinCount } from "../../coordinator/logistic/scores.ts";
import type { Fit, LogisticState, PhaseState } from "../../coordinator/logistic/state.ts";
import type { Standardisation } from "../../coordinator/standardisation.ts";
import { combineRows, mapRows, sumCentred, sumMoments } from "../feature-rows.ts";
import { countRows } from "./counts.ts";
import { type TrainingRows, trainingRows } from "./training-rows.ts";

export function logisticRegressionSite(study: StudyDocument): SitePart<LogisticState, AnalysisTable> {
  const design = logisticDesign(study);
  const memory = rememberRows(design);
  return { contribute: (state, table) => contribute(design, memory, { state, table }) };
}

interface Request {
  readonly state: LogisticState;
  readonly table: AnalysisTable;
}

function contribute(design: LogisticDesign, memory: RowMemory, request: Request): Contribution {
  const { state, table } = request;
  switch (state.phase) {
    case "counts":
      return { vectors: countRows(design, table, memory.training(table)), influence: [] };
    case "moments":
      return sumMoments(memory.training(table).rows);
    case "centred":
      return sumCentred(mapRows(memory.training(table).rows, state.centre));
    case "newton":
      return contributeFits(design, state, memory.standardised(table, state.standardisation));
    case "scores":
      return countScores(state, memory.standardised(table, state.standardisation));
    default:
      return unreachable(state);
  }
}

function contributeFits(design: LogisticDesign, state: PhaseState<"newton">, training: TrainingRows): Contribution {
  const vectors = new Map<string, Float64Array>();
  const influence: Influence[] = [];
  for (const fit of runningFits(state)) {
    const { rowCount, sums } = sumFit(fit, training);
    vectors.set(`${fit.name}/logLikelihood`, Float64Array.of(sums.logLikelihood));
    vectors.set(`${fit.name}/gradient`, sums.gradient);
    vectors.set(`${fit.name}/information`, sums.information);
    vectors.set(`${fit.name}/extremes`, Float64Array.from(sums.extremeCounts));
    influence.push({
      what: fit.name,
      rowCount,
      totalRowCount: fit.n,
      parameterCount: design.terms.length,
      weightSum: sums.weightSum,
      weightSquareSum: sums.weightSquareSum,
      linearPredictorMax: sums.linearPredictorMax,
    });
  }
  return { vectors, influence };
}

function sumFit(fit: Fit, training: TrainingRows): { readonly rowCount: number; readonly sums: LogisticContribution } {
  if (fit.newton.kind !== "running") throw new Error("only a running fit asks for sums");
  const accumulator = new LogisticAccumulator(fit.newton.trial);
  let rowCount = 0;
  for (let fold = 0; fold + 1 < training.foldStarts.length; fold++) {
    if (fold === fit.leftOut) continue;
    const from = training.foldStarts[fold] ?? 0;
    const to = training.foldStarts[fold + 1] ?? 0;
    accumulator.add(training.rows, from, to);
    rowCount += to - from;
  }
  return { rowCount, sums: accumulator.result() };
}

function countScores(state: PhaseState<"scores">, training: TrainingRows): Contribution {
  const newton = state.fits[0]?.newton;
  if (newton?.kind !== "converged") throw new Error("scores are summed of a fit that converged");
  const negatives = new Float64Array(scoreBinCount);
  const positives = new Float64Array(scoreBinCount);
  linearPredictor(training.rows, newton.params).forEach((eta, i) => {
    const counts = training.rows.outcome[i] === 1 ? positives : negatives;
    const bin = scoreBin(eta);
    counts[bin] = (counts[bin] ?? 0) + 1;
  });
  const vectors = new Map([
    ["negatives", negatives],
    ["positives", positives],
  ]);
  return { vectors, influence: [] };
}

interface RowMemory {
  training(table: AnalysisTable): TrainingRows;
  standardised(table: AnalysisTable, standardisation: Standardisation): TrainingRows;
}

/** Grouping rows by fold and standardising them give the same answer in every round: done once for a table. */
function rememberRows(design: LogisticDesign): RowMemory {
  const grouped = new WeakMap<AnalysisTable, TrainingRows>();
  const scaled = new WeakMap<AnalysisTable, { readonly key: string; readonly rows: TrainingRows }>();
  const training = (table: AnalysisTable): TrainingRows => {
    const rows = grouped.get(table) ?? trainingRows(design, table);
    grouped.set(table, rows);
    return rows;
  };
  const standardised = (table: AnalysisTable, standardisation: Standardisation): TrainingRows => {
    const key = JSON.stringify(standardisation);
    const before = scaled.get(table);
    if (before?.key === key) return before.rows;
    const own = training(table);
    const map = { means: standardisation.means, scales: standardisation.standardDeviations };
    const rows = { ...own, rows: combineRows(mapRows(own.rows, map), standardisation.basis) };
    scaled.set(table, { key, rows });
    return rows;
  };
  return { training, standardised };
}
