/**
 * Logistic regression over hospitals, the half that sees rows. A contribution is a function of the public state and the frozen table
 * alone: the same vector whichever attempt, process or thread count asks for it.
 */

import { unreachable } from "@dure/kernel";
import type { Contribution, Influence } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import { LogisticAccumulator, type LogisticContribution } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../../analysis.ts";
import { type LogisticDesign, logisticDesign } from "../../coordinator/logistic/design.ts";
import { runningFits } from "../../coordinator/logistic/fits.ts";
import type { Fit, LogisticState, PhaseState } from "../../coordinator/logistic/state.ts";
import type { Standardisation } from "../../coordinator/standardisation.ts";
import { standardiseRows, sumCentred, sumMoments } from "../feature-rows.ts";
import { countRows } from "./counts.ts";
import { countScores } from "./scores.ts";
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
      return sumCentred(memory.training(table).rows, state.centre);
    case "newton":
      return contributeFits(design, state, memory.standardised(table, state.standardisation));
    case "scores":
      return countScores(design, state, { training: memory.standardised(table, state.standardisation), table });
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
    // The rows turn into these: no round before asks for them again, and if one did, they would be gathered anew.
    grouped.delete(table);
    const rows = { ...own, rows: standardiseRows(own.rows, standardisation, own.rows.features) };
    scaled.set(table, { key, rows });
    return rows;
  };
  return { training, standardised };
}
