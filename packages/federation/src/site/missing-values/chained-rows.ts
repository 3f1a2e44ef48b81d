/**
 * One site's rows through the visits of the chained equations: sums for the visited feature, and draws of its missing values.
 *
 * Drawn values are a function of the history of parameters in the public state, the rows and their keys. What was drawn is remembered
 * from round to round; a process that starts anew draws it again.
 */

import { sumProducts } from "@dure/numerics/kernels";
import type { Contribution, Influence } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import { LogisticAccumulator, type LogisticRows } from "@dure/statistics";
import { runningFits, sliceOf, type TargetModel, targetAfter, targetModels, visitFits } from "../../coordinator/missing-values/chained.ts";
import type { ColumnScales, DrawHistory, ImputationPlan } from "../../coordinator/missing-values/multiple-state.ts";
import type { MultipleDesign } from "../../coordinator/missing-values/predictors.ts";
import type { Fill, MissingPhase } from "../../coordinator/missing-values/state.ts";
import { contributedRows } from "./candidates.ts";
import type { PredictorRows } from "./predictor-rows.ts";
import { drawStandardNormal, drawUniform, rowWords } from "./row-draws.ts";

export interface ChainedSetup {
  readonly design: MultipleDesign;
  readonly plan: ImputationPlan;
  readonly scales: ColumnScales;
  /** What stands for values that are drawn until they are, and for those that never are. By feature. */
  readonly start: Fill;
  readonly rows: PredictorRows;
  readonly table: AnalysisTable;
}

type Draw = MissingPhase<"draw">;

export class ChainedRows {
  readonly #setup: ChainedSetup;
  readonly #words: Uint32Array;
  /** By target: rows that lack it; and by row its place among them, −1 for the others. */
  readonly #lacking: ReadonlyMap<number, { readonly rows: Uint32Array; readonly places: Int32Array }>;
  /** By imputation and target: the present values. */
  readonly #values: readonly ReadonlyMap<number, Float64Array>[];
  #applied: readonly string[] = [];
  readonly #modelRows = new Map<number, Uint32Array>();

  constructor(setup: ChainedSetup) {
    const { design, plan, rows, start, table } = setup;
    this.#setup = setup;
    this.#words = rowWords({
      studyId: design.studyId,
      seed: design.seed,
      tableHash: table.hash,
      rowKeys: Array.from(rows.tableRows, (row) => table.rowKeys[row] ?? ""),
    });
    this.#lacking = new Map(plan.targets.map((target) => [target, lackingRows(rows.features[target] ?? new Float64Array())]));
    this.#values = Array.from(
      { length: design.imputations },
      () => new Map([...this.#lacking].map(([target, { rows: of }]) => [target, new Float64Array(of.length).fill(start[target] ?? 0)])),
    );
  }

  /** Draws what the history has beyond what was drawn already. False where it is another history: then rows are to be begun anew. */
  advance(history: DrawHistory): boolean {
    const keys = history.map((visit) => JSON.stringify(visit));
    if (!this.#applied.every((key, i) => key === keys[i])) return false;
    for (let visit = this.#applied.length; visit < history.length; visit++) this.#draw(visit, history[visit] ?? []);
    this.#applied = keys;
    return true;
  }

  /** Sums of every fit that the present visit asks for. */
  contribute(state: Draw): Contribution {
    return state.newton === null ? this.#sumLinear(state) : this.#sumLevels(state);
  }

  /** The table of one imputation: every feature complete. */
  completed(imputation: number): AnalysisTable {
    const { design, rows, table, start } = this.#setup;
    const columns = new Map(table.columns);
    for (const [feature, { name }] of design.features.entries()) {
      const column = table.columns.get(name);
      const fill = start[feature];
      if (column === undefined || fill === null || fill === undefined) continue;
      const filled = column.map((value) => (Number.isNaN(value) ? fill : value));
      const drawn = this.#values[imputation]?.get(feature);
      this.#lacking.get(feature)?.rows.forEach((row, place) => {
        filled[rows.tableRows[row] ?? 0] = drawn?.[place] ?? fill;
      });
      columns.set(name, filled);
    }
    return { ...table, columns };
  }

  #draw(visit: number, parameters: readonly (readonly number[])[]): void {
    const { design, plan, scales } = this.#setup;
    const target = targetAfter(plan, visit);
    const models = targetModels(design, plan, scales, target);
    const lacking = this.#lacking.get(target);
    for (const [imputation, drawn] of parameters.entries()) {
      const values = this.#values[imputation]?.get(target);
      if (lacking === undefined || values === undefined) continue;
      const sliced = models.map((of) => ({ of, own: sliceOf(models, of, drawn) }));
      // A row's other features are as they stood before this visit: its own is no column of its models.
      lacking.rows.forEach((row, place) => {
        values[place] = this.#drawValue({ target, visit, imputation, row }, sliced);
      });
    }
  }

  #drawValue(
    {
      target,
      visit,
      imputation,
      row,
    }: { readonly target: number; readonly visit: number; readonly imputation: number; readonly row: number },
    models: readonly { readonly of: TargetModel; readonly own: readonly number[] }[],
  ): number {
    const { design, scales } = this.#setup;
    const type = design.features[target]?.type;
    for (const [draw, { of, own }] of models.entries()) {
      const place = { imputation, visit, draw };
      const eta = of.columns.reduce((total, c, j) => total + (own[j + 1] ?? 0) * this.#standardised(imputation, c, row), own[0] ?? 0);
      if (of.model.kind === "linear") {
        const column = design.columns.findIndex(({ feature }) => feature === target);
        const z = eta + (own.at(-1) ?? 0) * drawStandardNormal(this.#words, row, place);
        return (scales.means[column] ?? 0) + (scales.deviations[column] ?? 0) * z;
      }
      const isLevel = drawUniform(this.#words, row, place) < 1 / (1 + Math.exp(-eta));
      if (type === "boolean") return isLevel ? 1 : 0;
      if (isLevel) return of.model.level;
    }
    return (design.features[target]?.levels ?? []).length - 1;
  }

  /** A column's value at a row, with what stands for a missing one in this imputation. */
  #standardised(imputation: number, column: number, row: number): number {
    const { rows, scales } = this.#setup;
    const seen = rows.columns[column]?.[row] ?? Number.NaN;
    const value = Number.isNaN(seen) ? this.#imputedAt(imputation, column, row) : seen;
    return (value - (scales.means[column] ?? 0)) / (scales.deviations[column] ?? 1);
  }

  #imputedAt(imputation: number, column: number, row: number): number {
    const { design, start } = this.#setup;
    const of = design.columns[column];
    const feature = of?.feature ?? -1;
    const place = this.#lacking.get(feature)?.places[row] ?? -1;
    const value = place < 0 ? (start[feature] ?? Number.NaN) : (this.#values[imputation]?.get(feature)?.[place] ?? Number.NaN);
    return of?.kind === "level" ? Number(value === of.level) : value;
  }

  #rowsOf({ model, planned }: TargetModel): Uint32Array {
    const { design, rows } = this.#setup;
    const known = this.#modelRows.get(planned.model) ?? contributedRows(design, rows, model, planned.requires);
    this.#modelRows.set(planned.model, known);
    return known;
  }

  /** Column-major, `stride` rows a column; `from` columns are left free in front. */
  #gather(imputation: number, of: TargetModel, from: number): Float64Array {
    const own = this.#rowsOf(of);
    const out = new Float64Array((from + of.columns.length) * own.length);
    of.columns.forEach((column, j) => {
      const start = (from + j) * own.length;
      own.forEach((row, i) => {
        out[start + i] = this.#standardised(imputation, column, row);
      });
    });
    return out;
  }

  #sumLinear(state: Draw): Contribution {
    const { design, rows, scales } = this.#setup;
    const influence: Influence[] = [];
    const parts = visitFits(design, state).map(({ imputation, of }) => {
      const own = this.#rowsOf(of);
      const columnCount = of.columns.length + 2;
      if (own.length === 0) return new Float64Array((columnCount * (columnCount + 1)) / 2);
      const target = design.columns.findIndex(({ feature }) => feature === of.model.feature);
      const [mean, deviation] = [scales.means[target] ?? 0, scales.deviations[target] ?? 1];
      const values = new Float64Array(columnCount * own.length);
      values.set(this.#gather(imputation, of, 1));
      values.fill(1, 0, own.length);
      own.forEach((row, i) => {
        values[(columnCount - 1) * own.length + i] = ((rows.features[of.model.feature]?.[row] ?? Number.NaN) - mean) / deviation;
      });
      influence.push(
        influenceOf(`imputation ${imputation + 1}/${of.model.name}`, of, {
          rowCount: own.length,
          weightSum: own.length,
          weightSquareSum: own.length,
          linearPredictorMax: 0,
        }),
      );
      return sumProducts({ values, columnCount, stride: own.length }, { from: 0, to: own.length });
    });
    return { vectors: new Map([["imputationProducts", joined(parts)]]), influence };
  }

  #sumLevels(state: Draw): Contribution {
    const { design, rows } = this.#setup;
    const influence: Influence[] = [];
    const sums = runningFits(design, state).map(({ imputation, of, newton }) => {
      const own = this.#rowsOf(of);
      const accumulator = new LogisticAccumulator(newton.trial);
      const outcome = Float64Array.from(own, (row) => Number(rows.features[of.model.feature]?.[row] === of.model.level));
      const fitted: LogisticRows = {
        rowCount: own.length,
        features: this.#gather(imputation, of, 0),
        featureCount: of.columns.length,
        stride: own.length,
        outcome,
      };
      if (own.length > 0) accumulator.add(fitted);
      const found = accumulator.result();
      if (own.length > 0)
        influence.push(influenceOf(`imputation ${imputation + 1}/${of.model.name}`, of, { rowCount: own.length, ...found }));
      return found;
    });
    const vectors = new Map([
      ["imputationLikelihood", Float64Array.from(sums, ({ logLikelihood }) => logLikelihood)],
      ["imputationGradient", joined(sums.map(({ gradient }) => gradient))],
      ["imputationInformation", joined(sums.map(({ information }) => information))],
      ["imputationExtremes", Float64Array.from(sums.flatMap(({ extremeCounts }) => [...extremeCounts]))],
    ]);
    return { vectors, influence };
  }
}

const influenceOf = (
  what: string,
  { planned, columns }: TargetModel,
  {
    rowCount,
    weightSum,
    weightSquareSum,
    linearPredictorMax,
  }: Pick<Influence, "rowCount" | "weightSum" | "weightSquareSum" | "linearPredictorMax">,
): Influence => ({
  what,
  rowCount,
  totalRowCount: planned.rows,
  parameterCount: columns.length + 1,
  weightSum,
  weightSquareSum,
  linearPredictorMax,
});

function lackingRows(values: Float64Array): { readonly rows: Uint32Array; readonly places: Int32Array } {
  const rows = Uint32Array.from(values, (_, row) => row).filter((row) => Number.isNaN(values[row]));
  const places = new Int32Array(values.length).fill(-1);
  rows.forEach((row, place) => {
    places[row] = place;
  });
  return { rows, places };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((total, part) => total + part.length, 0));
  let next = 0;
  for (const part of parts) {
    out.set(part, next);
    next += part.length;
  }
  return out;
}
