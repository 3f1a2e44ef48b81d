/**
 * Cox regression stratified by hospital, the half that sees rows: this hospital is one stratum. A contribution is a function of the public
 * state and the frozen table alone.
 */

import { unreachable } from "@dure/kernel";
import { sum } from "@dure/numerics";
import type { Contribution, Influence } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import { type CoxContribution, type CoxRows, countPairs, coxContribution, coxLinearPredictor, timeInteraction } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../../analysis.ts";
import { asksForVariation } from "../../coordinator/cox/counts.ts";
import { type CoxDesign, coxDesign } from "../../coordinator/cox/design.ts";
import { runningFits } from "../../coordinator/cox/fits.ts";
import type { CoxFit, CoxPhase, CoxState } from "../../coordinator/cox/state.ts";
import { foldCount } from "../../coordinator/folds.ts";
import type { Standardisation } from "../../coordinator/standardisation.ts";
import { featureColumn, standardiseRows, sumCentred, sumMoments } from "../feature-rows.ts";
import { levelSites } from "../level-sites.ts";
import { countExcluded, type Range } from "../row-counts.ts";
import { type SurvivalRows, sortRows, type TrainingRows, trainingRows } from "./rows.ts";
import { countSupport } from "./support.ts";

export function coxSite(study: StudyDocument): SitePart<CoxState, AnalysisTable> {
  const design = coxDesign(study);
  const memory = rememberRows(design);
  return { contribute: (state, table) => contribute(design, memory, { state, table }) };
}

interface Request {
  readonly state: CoxState;
  readonly table: AnalysisTable;
}

function contribute(design: CoxDesign, memory: RowMemory, { state, table }: Request): Contribution {
  switch (state.phase) {
    case "counts":
      return { vectors: countRows(design, table, memory.training(table)), influence: [] };
    case "moments":
      return sumMomentsAndTimes(memory.training(table).rows);
    case "centred":
      return sumCentred(memory.training(table).rows, state.centre);
    case "newton":
      return contributeFits(design, state, memory.standardised(table, state.standardisation));
    case "checks":
      return contributeChecks(design, state, memory.standardised(table, state.standardisation));
    default:
      return unreachable(state);
  }
}

function countRows(design: CoxDesign, table: AnalysisTable, { rows, foldStarts }: TrainingRows): ReadonlyMap<string, Float64Array> {
  const whole = { from: 0, to: rows.rowCount };
  const vectors = new Map([
    ...levelSites(design, rows),
    ["cases", Float64Array.from(countCases(rows, whole))],
    ["excluded", countExcluded(design, table)],
    ["support", Float64Array.from(countSupport(design, rows, whole))],
  ]);
  if (asksForVariation(design)) {
    vectors.set(
      "hospitalsVarying",
      Float64Array.from(design.features, (_, j) => Number(varies(featureColumn(rows, j)))),
    );
  }
  if (design.person !== undefined) vectors.set("rows", Float64Array.of(rows.rowCount));
  if (!design.hasFolds) return vectors;
  const folds = Array.from({ length: foldCount }, (_, fold): Range => ({ from: foldStarts[fold] ?? 0, to: foldStarts[fold + 1] ?? 0 }));
  vectors.set("foldCases", Float64Array.from(folds.flatMap((range) => countCases(rows, range))));
  vectors.set("foldSupport", Float64Array.from(folds.flatMap((range) => countSupport(design, rows, range))));
  return vectors;
}

const varies = (column: Float64Array): boolean => column.some((value) => value !== column[0]);

/** Persons, and persons with the event: a person has it in one row at most. */
const countCases = (rows: SurvivalRows, range: Range): readonly [number, number] => [
  personsOfRange(rows, range),
  sum(rows.events.subarray(range.from, range.to)),
];

function personsOfRange({ persons }: SurvivalRows, { from, to }: Range): number {
  return persons === undefined ? to - from : new Set(persons.subarray(from, to)).size;
}

function sumMomentsAndTimes(rows: SurvivalRows): Contribution {
  const { vectors, influence } = sumMoments(rows);
  const squares = sum(rows.times.map((time, i) => time * time * (rows.events[i] ?? 0)));
  return { vectors: new Map([...vectors, ["eventTimeSquares", Float64Array.of(squares)]]), influence };
}

/** Standardised rows, sorted by time; `foldRows[f]` marks the rows that stay when fold f is left out. */
interface Stratum {
  readonly rows: CoxRows;
  readonly foldRows: readonly Uint8Array[];
}

function contributeFits(design: CoxDesign, state: CoxPhase<"newton">, stratum: Stratum): Contribution {
  const vectors = new Map<string, Float64Array>();
  const influence: Influence[] = [];
  for (const fit of runningFits(state)) {
    const sums = sumFit(design, fit, stratum);
    vectors.set(`${fit.name}/logLikelihood`, Float64Array.of(sums.logLikelihood));
    vectors.set(`${fit.name}/gradient`, sums.gradient);
    vectors.set(`${fit.name}/information`, sums.information);
    vectors.set(`${fit.name}/extremes`, Float64Array.from(sums.extremeCounts));
    influence.push(influenceOf(fit, sums));
  }
  return { vectors, influence };
}

function sumFit({ ties }: CoxDesign, { newton, leftOut }: CoxFit, { rows, foldRows }: Stratum): CoxContribution {
  if (newton.kind !== "running") throw new Error("only a running fit asks for sums");
  const included = leftOut === null ? undefined : foldRows[leftOut];
  return coxContribution(rows, newton.trial, { ties, ...(included === undefined ? {} : { included }) });
}

const influenceOf = (fit: CoxFit, sums: CoxContribution): Influence => ({
  what: fit.name,
  rowCount: sums.rowCount,
  totalRowCount: fit.cases[0],
  parameterCount: sums.gradient.length,
  weightSum: sums.weightSum,
  weightSquareSum: sums.weightSquareSum,
  linearPredictorMax: sums.linearPredictorMax,
});

function contributeChecks({ ties }: CoxDesign, state: CoxPhase<"checks">, { rows }: Stratum): Contribution {
  const [full] = state.fits;
  if (full?.newton.kind !== "converged") throw new Error("checks are summed of a fit that converged");
  const { params } = full.newton;
  const n = state.counts.cases[0];
  const pairs = countPairs(rows, coxLinearPredictor(rows, params));
  const byTime = timeInteraction(rows, params, { ties, timeUnit: state.timeUnit });
  const vectors = new Map([
    ["pairs", Float64Array.of(pairs.concordant, pairs.discordant, pairs.tiedX, pairs.tiedY)],
    ["pairSquares", Float64Array.from(pairs.squares, (value) => value / n / n)],
    ["timeGradient", byTime.score],
    ["timeCross", byTime.cross],
    ["timeInformation", byTime.squared],
  ]);
  return { vectors, influence: [influenceOf(full, coxContribution(rows, params, { ties }))] };
}

interface RowMemory {
  training(table: AnalysisTable): TrainingRows;
  standardised(table: AnalysisTable, standardisation: Standardisation): Stratum;
}

/** Grouping, standardising and sorting rows give the same answer in every round: done once for a table. */
function rememberRows(design: CoxDesign): RowMemory {
  const grouped = new WeakMap<AnalysisTable, TrainingRows>();
  const strata = new WeakMap<AnalysisTable, { readonly key: string; readonly stratum: Stratum }>();
  const training = (table: AnalysisTable): TrainingRows => {
    const rows = grouped.get(table) ?? trainingRows(design, table);
    grouped.set(table, rows);
    return rows;
  };
  const standardised = (table: AnalysisTable, standardisation: Standardisation): Stratum => {
    const key = JSON.stringify(standardisation);
    const before = strata.get(table);
    if (before?.key === key) return before.stratum;
    const own = training(table);
    // The rows turn into these: no round before asks for them again, and if one did, they would be gathered anew.
    grouped.delete(table);
    const { sorted, folds } = sortRows({ ...own, rows: standardiseRows(own.rows, standardisation, own.rows.features) });
    const foldRows = design.hasFolds ? Array.from({ length: foldCount }, (_, fold) => folds.map((of) => (of === fold ? 0 : 1))) : [];
    const stratum = { rows: sorted, foldRows };
    strata.set(table, { key, stratum });
    return stratum;
  };
  return { training, standardised };
}
