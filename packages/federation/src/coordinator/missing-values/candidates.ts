/**
 * Which rows and columns an imputation model may have: the second round of plain counts.
 *
 * Completed data sets differ only in the rows that lack a value, so sums over several of them give away what these rows have. So a feature is drawn only
 * where enough rows lack it (`drawnRowsMin`), and enters another model only where that holds among that model's rows too. Models of different rows would give away, by subtraction, the rows that only one has: features that nearly the same rows
 * lack are modelled on the same rows, and models whose rows still differ by fewer are refused (of a category's later levels: drawn at their
 * share). Columns need support in each class, as in any fit.
 */

import { packedIndex, packedLength } from "@dure/numerics";
import type { Sum, SumLayout } from "@dure/privacy";
import type { AnalysisRefusal } from "../../analysis.ts";
import type { RefusalCode } from "../../refusal-codes.ts";
import { countVector } from "../count-vectors.ts";
import { entry, readVector } from "../sum-reading.ts";
import { HOSPITALS_MIN } from "./counts.ts";
import { levelCount } from "./design.ts";
import type { ImputationPlan, PlannedModel } from "./multiple-state.ts";
import { drawnRowsMin, type ImputationModel, type MultipleDesign, modelsOf } from "./predictors.ts";
import type { MissingCounts, MissingPhase } from "./state.ts";

/** Drawn parameters of a whole run: with more, the public state would be tens of megabytes in every round. */
const PARAMETERS_MAX = 2_000_000;
/** Rows that a model needs a coefficient. */
const ROWS_A_COEFFICIENT = 3;
const ROWS_MIN = 10;

/** Features whose values are drawn. */
export const targetsOf = (design: MultipleDesign, { missing }: MissingCounts): readonly number[] =>
  design.features.flatMap((_, j) => ((missing[j] ?? 0) >= drawnRowsMin(design) ? [j] : []));

/** By target: the features of its rows. Those that are missing in nearly the same rows stand together, also through a third. */
export function requiredOf({ features, minimumCell }: MultipleDesign, { missing, together }: MissingCounts, targets: readonly number[]) {
  const isNear = (a: number, b: number): boolean => {
    const cell = packedIndex(features.length, Math.min(a, b), Math.max(a, b));
    return (missing[a] ?? 0) + (missing[b] ?? 0) - 2 * entry(together, cell) < minimumCell;
  };
  return targets.map((target) => {
    const group = new Set([target]);
    for (const member of group) for (const other of targets) if (isNear(member, other)) group.add(other);
    return [...group].sort((a, b) => a - b);
  });
}

/** Hospitals with rows of a model; of a level's, with rows off it and with rows at it. */
const HOSPITAL_SIDES = 3;

type Candidates = MissingPhase<"candidates">;

export function candidatesLayout(design: MultipleDesign, { targets }: Candidates): SumLayout {
  const { length } = modelsOf(design, targets);
  return {
    vectors: [
      countVector("modelRows", 2 * length),
      countVector("modelMissing", length * design.features.length),
      countVector("modelColumns", 4 * length * design.columns.length),
      countVector("modelDifferences", packedLength(length)),
      countVector("modelHospitals", HOSPITAL_SIDES * length, 1),
      countVector("modelColumnHospitals", 2 * length * design.columns.length, 1),
    ],
  };
}

export type Planning =
  | { readonly kind: "planned"; readonly plan: ImputationPlan }
  | { readonly kind: "refused"; readonly refusal: AnalysisRefusal };

export function planImputation(design: MultipleDesign, state: Candidates, sum: Sum): Planning {
  const { targets, requires } = state;
  const models = modelsOf(design, targets);
  const read = readCandidates(design, models.length, sum);
  const kept: PlannedModel[] = [];
  for (const [index, model] of models.entries()) {
    const planned = planModel(design, { index, model, targets, requires: requires[targets.indexOf(model.feature)] ?? [] }, read);
    const name = design.features[model.feature]?.name ?? model.name;
    if (planned === undefined) return refused("too-few-complete-rows", [name]);
    if (design.minimumCell > 0 && model.from === 0 && entry(read.hospitals, HOSPITAL_SIDES * index) < HOSPITALS_MIN)
      return refused("known-at-few-sites", [name]);
    const near = kept.find(
      (other) => other.columns.length > 0 && planned.columns.length > 0 && isTooNear(design, read, { index, other: other.model }),
    );
    if (near !== undefined && model.from === 0) return refused("missing-patterns-too-close", [models[near.model]?.name ?? "", model.name]);
    kept.push(near === undefined ? planned : { ...planned, columns: [] });
  }
  const parameters = kept.reduce((total, { columns }) => total + columns.length + 2, 0) * design.imputations * design.iterations;
  if (parameters > PARAMETERS_MAX) return refused("too-many-imputations", []);
  return { kind: "planned", plan: { targets, models: kept } };
}

const refused = (code: RefusalCode, columns: readonly string[]): Planning => ({ kind: "refused", refusal: { code, columns } });

interface ReadCandidates {
  readonly modelCount: number;
  readonly rows: readonly number[];
  readonly missing: readonly number[];
  readonly cells: readonly number[];
  readonly differences: readonly number[];
  readonly hospitals: readonly number[];
  readonly columnHospitals: readonly number[];
}

function readCandidates({ features, columns }: MultipleDesign, modelCount: number, sum: Sum): ReadCandidates {
  return {
    modelCount,
    rows: readVector(sum, "modelRows", 2 * modelCount),
    missing: readVector(sum, "modelMissing", modelCount * features.length),
    cells: readVector(sum, "modelColumns", 4 * modelCount * columns.length),
    differences: readVector(sum, "modelDifferences", packedLength(modelCount)),
    hospitals: readVector(sum, "modelHospitals", HOSPITAL_SIDES * modelCount),
    columnHospitals: readVector(sum, "modelColumnHospitals", 2 * modelCount * columns.length),
  };
}

function isTooNear(
  { minimumCell }: MultipleDesign,
  { modelCount, differences }: ReadCandidates,
  pair: { readonly index: number; readonly other: number },
): boolean {
  const differing = entry(differences, packedIndex(modelCount, pair.other, pair.index));
  return differing > 0 && differing < minimumCell;
}

interface Candidate {
  readonly index: number;
  readonly model: ImputationModel;
  readonly targets: readonly number[];
  readonly requires: readonly number[];
}

/** Undefined where a model that cannot be done without has too few rows. */
function planModel(design: MultipleDesign, { index, model, targets, requires }: Candidate, read: ReadCandidates): PlannedModel | undefined {
  const least = Math.max(1, design.minimumCell);
  const [rows, ones] = [entry(read.rows, 2 * index), entry(read.rows, 2 * index + 1)];
  const isDrawn = (feature: number): boolean => {
    const lacking = entry(read.missing, index * design.features.length + feature);
    return !targets.includes(feature) || lacking === 0 || lacking >= drawnRowsMin(design);
  };
  const supported = design.features.map(
    (_, feature) => feature !== model.feature && isDrawn(feature) && isFeatureSupported(design, { index, model, feature }, read),
  );
  const columns = design.columns.flatMap((column, c) => {
    const isIn =
      column.feature === undefined ? isColumnSupported(design, { index, model, column: c }, read) : supported[column.feature] === true;
    return isIn ? [c] : [];
  });
  const planned = { model: index, requires, rows, ones, columns };
  const isFilled = rows >= Math.max(ROWS_MIN, ROWS_A_COEFFICIENT * (columns.length + 1));
  if (model.kind === "linear") return isFilled ? planned : undefined;
  const sides = [0, 1, 2].map((side) => entry(read.hospitals, HOSPITAL_SIDES * index + side));
  const isShared = design.minimumCell === 0 || (entry(sides, 0) >= HOSPITALS_MIN && entry(sides, 1) > 1 && entry(sides, 2) > 1);
  const hasBoth = isShared && ones >= least && rows - ones >= least;
  if (isFilled && hasBoth) return planned;
  return model.from === 0 && rows < ROWS_MIN ? undefined : { ...planned, columns: [] };
}

/** Of all its columns and, where it has levels, of its reference level. */
function isFeatureSupported(
  design: MultipleDesign,
  of: { readonly index: number; readonly model: ImputationModel; readonly feature: number },
  read: ReadCandidates,
): boolean {
  const places = design.columns.flatMap(({ feature }, c) => (feature === of.feature ? [c] : []));
  if (!places.every((column) => isColumnSupported(design, { ...of, column }, read))) return false;
  const variable = design.features[of.feature];
  if (variable === undefined || levelCount(variable) <= 2) return true;
  const least = Math.max(1, design.minimumCell);
  const classes = of.model.kind === "linear" ? [0] : [0, 1];
  const first = places[0] ?? 0;
  return classes.every((side) => {
    const cell = (column: number, level: number): number =>
      entry(read.cells, 4 * (of.index * design.columns.length + column) + 2 * level + side);
    const observed = cell(first, 0) + cell(first, 1);
    return observed - places.reduce((total, column) => total + cell(column, 1), 0) >= least;
  });
}

function isColumnSupported(
  { columns, minimumCell }: MultipleDesign,
  { index, model, column }: { readonly index: number; readonly model: ImputationModel; readonly column: number },
  read: ReadCandidates,
): boolean {
  const least = Math.max(1, minimumCell);
  const cells = read.cells.slice(4 * (index * columns.length + column), 4 * (index * columns.length + column + 1));
  const kind = columns[column]?.kind;
  const hospitals = read.columnHospitals.slice(2 * (index * columns.length + column), 2 * (index * columns.length + column + 1));
  if (minimumCell > 0 && hospitals.includes(1)) return false;
  if (kind === "number" || kind === "hazard") return entry(cells, 0) >= least;
  const asked = model.kind === "linear" ? [0, 2] : [0, 1, 2, 3];
  return asked.every((cell) => entry(cells, cell) >= least);
}
