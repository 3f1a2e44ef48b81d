/** One site's counts for the plan of the imputation: rows, missing values and support of every column, by model. */

import { packedIndex, packedLength } from "@dure/numerics";
import {
  type ImputationModel,
  type MultipleDesign,
  modelRowsMin,
  modelsOf,
  type PredictorColumn,
} from "../../coordinator/missing-values/predictors.ts";
import type { MissingPhase } from "../../coordinator/missing-values/state.ts";
import { countOffMode } from "../row-counts.ts";
import { modelRows, type PredictorRows } from "./predictor-rows.ts";

/** A hospital that has fewer rows of a model than the gate asks of any fit adds nothing to it; its own values are drawn all the same. */
export function contributedRows(
  design: MultipleDesign,
  rows: PredictorRows,
  model: ImputationModel,
  requires: readonly number[],
): Uint32Array {
  const own = modelRows(rows, model, requires);
  return own.length < modelRowsMin(design) ? new Uint32Array() : own;
}

export function countCandidates(
  design: MultipleDesign,
  state: MissingPhase<"candidates">,
  rows: PredictorRows,
): ReadonlyMap<string, Float64Array> {
  const models = modelsOf(design, state.targets);
  const ofModel = models.map((model) => contributedRows(design, rows, model, state.requires[state.targets.indexOf(model.feature)] ?? []));
  const outcomes = models.map(({ kind, feature, level }, m) =>
    Float64Array.from(ofModel[m] ?? [], (row) => (kind === "logistic" && rows.features[feature]?.[row] === level ? 1 : 0)),
  );
  return new Map([
    ["modelRows", Float64Array.from(models.flatMap((_, m) => [ofModel[m]?.length ?? 0, countOnes(outcomes[m] ?? [])]))],
    ["modelMissing", Float64Array.from(models.flatMap((_, m) => rows.features.map((values) => countMissing(values, ofModel[m] ?? []))))],
    [
      "modelColumns",
      Float64Array.from(
        models.flatMap((_, m) =>
          design.columns.flatMap(({ kind }, c) => {
            const values = Float64Array.from(ofModel[m] ?? [], (row) => rows.columns[c]?.[row] ?? Number.NaN);
            return kind === "number" || kind === "hazard" ? [offMode(values), 0, 0, 0] : cellsOf(values, outcomes[m] ?? new Float64Array());
          }),
        ),
      ),
    ],
    ["modelHospitals", Float64Array.from(models.flatMap((_, m) => sidesOf(outcomes[m] ?? new Float64Array())))],
    [
      "modelColumnHospitals",
      Float64Array.from(
        models.flatMap((_, m) =>
          design.columns.flatMap((column, c) =>
            presenceOf(
              column.kind,
              Float64Array.from(ofModel[m] ?? [], (row) => rows.columns[c]?.[row] ?? Number.NaN),
            ),
          ),
        ),
      ),
    ],
    ["modelDifferences", differences(ofModel, rows.tableRows.length)],
  ]);
}

/** Whether there are rows; rows without the outcome of the model; with it. */
const sidesOf = (outcome: Float64Array): readonly number[] => [
  outcome.length > 0 ? 1 : 0,
  outcome.includes(0) ? 1 : 0,
  outcome.includes(1) ? 1 : 0,
];

/** Whether a level has rows on either side here; of a number nothing is asked. */
const presenceOf = (kind: PredictorColumn["kind"], values: Float64Array): readonly number[] =>
  kind === "level" || kind === "case" ? [values.includes(0) ? 1 : 0, values.includes(1) ? 1 : 0] : [0, 0];

const countOnes = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

const countMissing = (values: Float64Array, rows: ArrayLike<number>): number =>
  Array.from(rows).reduce((total, row) => total + (Number.isNaN(values[row]) ? 1 : 0), 0);

function offMode(values: Float64Array): number {
  const present = values.filter((value) => !Number.isNaN(value));
  return countOffMode(present, { from: 0, to: present.length });
}

/** Level 0 and 1, each without and with the outcome of the model. */
function cellsOf(values: Float64Array, outcome: Float64Array): readonly number[] {
  const cells = [0, 0, 0, 0];
  values.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    const cell = 2 * value + (outcome[i] ?? 0);
    cells[cell] = (cells[cell] ?? 0) + 1;
  });
  return cells;
}

/** Packed: rows that one of two models has and the other has not. */
function differences(ofModel: readonly Uint32Array[], rowCount: number): Float64Array {
  const out = new Float64Array(packedLength(ofModel.length));
  const marks = ofModel.map((rows) => {
    const mark = new Uint8Array(rowCount);
    for (const row of rows) mark[row] = 1;
    return mark;
  });
  for (const [a, mark] of marks.entries()) {
    for (let b = a + 1; b < marks.length; b++) {
      let count = 0;
      const other = marks[b] ?? mark;
      for (let row = 0; row < rowCount; row++) if (mark[row] !== other[row]) count++;
      out[packedIndex(marks.length, a, b)] = count;
    }
  }
  return out;
}
