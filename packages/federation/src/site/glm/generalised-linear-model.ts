/**
 * Generalised linear models over hospitals, the half that sees rows. A contribution is a function of the public state and the frozen table
 * alone: the same vectors whichever attempt or process asks for them.
 */

import { unreachable } from "@dure/kernel";
import { sum } from "@dure/numerics";
import type { Contribution, Influence } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import { type GlmContribution, type GlmRows, glmConstant } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../../analysis.ts";
import { supportedColumns } from "../../coordinator/column-support.ts";
import { foldCount } from "../../coordinator/folds.ts";
import { asksForVariation, classCount } from "../../coordinator/glm/counts.ts";
import { type GlmDesign, glmDesign, isBinary, isCounted } from "../../coordinator/glm/design.ts";
import { boundsOf, runningFits, unitOf } from "../../coordinator/glm/fits.ts";
import type { GlmKnown, GlmPhase, GlmState } from "../../coordinator/glm/state.ts";
import { hasExposure } from "../../coordinator/glm/totals.ts";
import { featureColumn, sumCentred, sumMoments } from "../feature-rows.ts";
import { levelSites } from "../level-sites.ts";
import { countExcluded, countOffMode, type Range } from "../row-counts.ts";
import { sumFit } from "./fits.ts";
import { contributeJudged, contributePath, contributePenalised } from "./penalised.ts";
import { fitRows, type GlmTrainingRows, glmTrainingRows, withoutOffset } from "./rows.ts";
import { contributeSummary } from "./summary.ts";

export function glmSite(study: StudyDocument): SitePart<GlmState, AnalysisTable> {
  const design = glmDesign(study);
  const memory = rememberRows(design);
  return { contribute: (state, table) => contribute(design, memory, { state, table }) };
}

interface Request {
  readonly state: GlmState;
  readonly table: AnalysisTable;
}

function contribute(design: GlmDesign, memory: RowMemory, { state, table }: Request): Contribution {
  switch (state.phase) {
    case "counts":
      return { vectors: countRows(design, table, memory.training(table)), influence: [] };
    case "moments":
      return sumOutcomes(design, memory.training(table).rows);
    case "centred":
      return sumDeviations(design, state, memory.training(table).rows);
    case "newton":
      return contributeFits(design, state, memory.scaled(table, state).rows);
    case "summary":
      return contributeSummary(design, state, memory.scaled(table, state).rows);
    case "path":
      return contributePath(design, state, memory.scaled(table, state));
    case "penalised":
      return contributePenalised(design, state, memory.scaled(table, state));
    case "judged":
      return contributeJudged(design, state, memory.scaled(table, state));
    default:
      return unreachable(state);
  }
}

function countRows(design: GlmDesign, table: AnalysisTable, training: GlmTrainingRows): ReadonlyMap<string, Float64Array> {
  const { rows, foldStarts } = training;
  const whole = { from: 0, to: rows.rowCount };
  const vectors = new Map([
    ["outcomeRows", Float64Array.from(countClasses(design, rows, whole))],
    ["excluded", countExcluded(design, table)],
    ["support", Float64Array.from(countSupport(design, rows, whole))],
    ...levelSites(design, rows),
  ]);
  if (asksForVariation(design))
    vectors.set(
      "hospitalsVarying",
      Float64Array.from(design.features, (_, j) => Number(varies(featureColumn(rows, j)))),
    );
  if (!design.hasFolds) return vectors;
  const folds = Array.from({ length: foldCount }, (_, fold): Range => ({ from: foldStarts[fold] ?? 0, to: foldStarts[fold + 1] ?? 0 }));
  vectors.set("foldRows", Float64Array.from(folds.flatMap((range) => countClasses(design, rows, range))));
  vectors.set("foldSupport", Float64Array.from(folds.flatMap((range) => countSupport(design, rows, range))));
  return vectors;
}

const varies = (column: Float64Array): boolean => column.some((value) => value !== column[0]);

/** 0 or 1 by row: with the outcome, or with a count above 0; all 0 where there is one class. */
const classOf = (design: GlmDesign, y: number): number => Number((isBinary(design) && y === 1) || (isCounted(design) && y > 0));

function countClasses(design: GlmDesign, { outcome }: GlmRows, { from, to }: Range): readonly number[] {
  const counts = new Array<number>(classCount(design)).fill(0);
  for (let i = from; i < to; i++) {
    const own = classOf(design, outcome[i] ?? 0);
    counts[own] = (counts[own] ?? 0) + 1;
  }
  return counts;
}

function countSupport(design: GlmDesign, rows: GlmRows, range: Range): readonly number[] {
  const classes = classCount(design);
  return supportedColumns(design).flatMap(({ type }, j) => {
    const column = featureColumn(rows, j);
    if (type === "number") return [countOffMode(column, range)];
    const cells = new Array<number>(2 * classes).fill(0);
    for (let i = range.from; i < range.to; i++) {
      const cell = (column[i] === 1 ? classes : 0) + classOf(design, rows.outcome[i] ?? 0);
      cells[cell] = (cells[cell] ?? 0) + 1;
    }
    return cells;
  });
}

function sumOutcomes(design: GlmDesign, rows: GlmRows): Contribution {
  const { vectors, influence } = sumMoments(rows);
  const { outcome, weights, offset } = rows;
  const own = withoutOffset(design, rows).outcome;
  const weigh = (value: (i: number) => number): number => sum(outcome.map((_, i) => (weights?.[i] ?? 1) * value(i)));
  const totals = Float64Array.of(
    weigh(() => 1),
    weigh((i) => weights?.[i] ?? 1),
    weigh((i) => own[i] ?? 0),
    weigh((i) => Math.abs(own[i] ?? 0)),
    weigh((i) => offset?.[i] ?? 0),
    sum(outcome.map((y, i) => glmConstant(design.model, y, weights?.[i] ?? 1))),
  );
  return { vectors: new Map([...vectors, ["outcome", totals]]), influence };
}

function sumDeviations(design: GlmDesign, { centre, rough }: GlmPhase<"centred">, rows: GlmRows): Contribution {
  const { vectors, influence } = sumCentred(rows, centre);
  const { offset = new Float64Array(), weights } = rows;
  const weight = (i: number): number => weights?.[i] ?? 1;
  const around = withoutOffset(design, rows).outcome.map((y) => (y - rough.centre) / rough.scale);
  const spread = sum(around.map((value, i) => weight(i) * value * value));
  const own = new Map([...vectors, ["outcomeSpread", Float64Array.of(spread)]]);
  if (hasExposure(design)) own.set("exposure", Float64Array.of(sum(offset.map((value, i) => weight(i) * Math.exp(value - rough.offset)))));
  return { vectors: own, influence };
}

function contributeFits(design: GlmDesign, state: GlmPhase<"newton">, rows: GlmRows): Contribution {
  const vectors = new Map<string, Float64Array>();
  const influence: Influence[] = [];
  for (const fit of runningFits(state.fits)) {
    const { contribution, hasEffect } = sumFit(design, { state, rows, fit });
    const sums = withinBounds(design, state, contribution);
    const unit = unitOf(design, state);
    vectors.set(`${fit.name}/logLikelihood`, Float64Array.of(sums.logLikelihood / unit));
    vectors.set(
      `${fit.name}/gradient`,
      sums.gradient.map((value) => value / unit),
    );
    vectors.set(
      `${fit.name}/information`,
      sums.information.map((value) => value / unit),
    );
    vectors.set(`${fit.name}/extremes`, Float64Array.from(sums.extremeCounts));
    vectors.set(`${fit.name}/outside`, Float64Array.of(sums.outsideCount));
    if (fit.isByHospital) vectors.set(`${fit.name}/withoutEffect`, Float64Array.of(hasEffect ? 0 : 1));
    // Rows that leave zeros leave nothing to dominate.
    if (sums.weightSum > 0)
      influence.push(
        influenceOf(fit.name, sums, { rows, state, parameterCount: fit.newton.kind === "running" ? fit.newton.trial.length : 0 }),
      );
  }
  return { vectors, influence };
}

interface Behind {
  readonly rows: GlmRows;
  readonly state: Pick<GlmKnown, "counts">;
  readonly parameterCount: number;
}

const influenceOf = (what: string, sums: GlmContribution, { rows, state, parameterCount }: Behind): Influence => ({
  what,
  rowCount: rows.rowCount,
  totalRowCount: state.counts.n,
  parameterCount,
  weightSum: sums.weightSum,
  weightSquareSum: sums.weightSquareSum,
  linearPredictorMax: sums.linearPredictorMax,
});

/** At a trial point whose sums go beyond what a good fit's can, this hospital says so and adds nothing: the fit steps back. */
export function withinBounds(design: GlmDesign, state: GlmKnown, sums: GlmContribution): GlmContribution {
  const unit = unitOf(design, state);
  const bounds = boundsOf(design, state);
  const isWithin = (values: ArrayLike<number>, bound: number): boolean =>
    Array.prototype.every.call(values, (value: number) => Math.abs(value) <= bound * unit);
  const fits =
    isWithin([sums.logLikelihood], bounds.logLikelihood) &&
    isWithin(sums.gradient, bounds.gradient) &&
    isWithin(sums.information, bounds.information);
  if (fits && sums.outsideCount === 0) return sums;
  return {
    ...sums,
    logLikelihood: 0,
    gradient: new Float64Array(sums.gradient.length),
    information: new Float64Array(sums.information.length),
    extremeCounts: [0, 0],
    outsideCount: Math.max(1, sums.outsideCount),
    weightSum: 0,
    weightSquareSum: 0,
    linearPredictorMax: 0,
  };
}

interface RowMemory {
  training(table: AnalysisTable): GlmTrainingRows;
  scaled(table: AnalysisTable, known: GlmKnown): GlmTrainingRows;
}

/** Grouping and scaling rows give the same answer in every round: done once for a table. */
function rememberRows(design: GlmDesign): RowMemory {
  const grouped = new WeakMap<AnalysisTable, GlmTrainingRows>();
  const ready = new WeakMap<AnalysisTable, { readonly key: string; readonly rows: GlmTrainingRows }>();
  const training = (table: AnalysisTable): GlmTrainingRows => {
    const rows = grouped.get(table) ?? glmTrainingRows(design, table);
    grouped.set(table, rows);
    return rows;
  };
  const scaled = (table: AnalysisTable, { standardisation, scale }: GlmKnown): GlmTrainingRows => {
    const key = JSON.stringify([standardisation, scale]);
    const before = ready.get(table);
    if (before?.key === key) return before.rows;
    const own = training(table);
    const rows = { ...own, rows: fitRows(design, own.rows, { standardisation, scale }) };
    // The rows as they were are not asked for again: one copy stays.
    grouped.delete(table);
    ready.set(table, { key, rows });
    return rows;
  };
  return { training, scaled };
}
