/**
 * What one stratum adds to the Cox partial likelihood: its value, score and information at given coefficients.
 *
 * Written per risk set, the information is Σ over event times of (S₂ A − T₂ B) − Σ_l a_l a_lᵀ with a_l = (S₁ − f_l T₁)/D_l, and S₂ costs
 * p² a row and p² an event time. Turned around, a row's x xᵀ enters every risk set up to its own time, so with H = Σ A over event times
 * up to the row's, v = w (H − B at its own event):
 *
 *   score Σ (δ − v) x;   information Σ v x xᵀ − Σ over event times of m mᵀ + r rᵀ
 *   m = √α (S₁ − (β/α) T₁),  r = √(γ − β²/α) T₁,  for m mᵀ + r rᵀ = α S₁S₁ᵀ − β (S₁T₁ᵀ + T₁S₁ᵀ) + γ T₁T₁ᵀ = Σ_l a_l a_lᵀ
 *
 * Both are products of columns in blocks that stay in the cache; r is needed only where several events share a time (Efron).
 * The two parts of the information cancel as far as risk sets' means lie from 0: give centred columns.
 *
 * Strata and hospitals add, and the total is that of the stratified model over the rows put together.
 * Source: as in `cox-risk-sets.ts`; Therneau & Grambsch 2000, Modeling Survival Data, section 3.1.
 */

import { CompensatedSum } from "@dure/numerics";
import { BLOCK_ROWS, type ProductBlock, sumBlocks } from "@dure/numerics/kernels";
import { extremeAt } from "../newton.ts";
import { lateColumnMeansInto, takeOffBeforeEntry } from "./cox-late-entry.ts";
import { type RiskSets, type RowRisks, riskSets, type Ties } from "./cox-risk-sets.ts";
import type { CoxRows } from "./cox-rows.ts";

export interface CoxContribution {
  readonly logLikelihood: number;
  readonly gradient: Float64Array;
  /** Packed upper triangle by rows. */
  readonly information: Float64Array;
  /** Persons; rows where each is a person's. */
  readonly rowCount: number;
  /** Σ exp(η) and Σ exp(η)² for the gate; of a person with several rows, the largest. */
  readonly weightSum: number;
  readonly weightSquareSum: number;
  /** max |η|; 0 of no rows. */
  readonly linearPredictorMax: number;
  /** Rows with |η| above each of `extremeAt`. */
  readonly extremeCounts: readonly [number, number];
}

export interface CoxOptions {
  readonly ties: Ties;
  /** By row; 0 leaves it out of every sum and risk set. */
  readonly included?: Uint8Array;
}

/** exp(η) of a trial point far out must stay finite: the step is then found worse and halved. The gate refuses beyond 30. */
const ETA_MAX = 200;

/**
 * @param params one a feature; finite
 * Fails: throws on another number of coefficients, and on a linear predictor that is not a number.
 * Numerics: O(n p + (n + event times) p²) time, O(n + p²) memory beside the rows.
 * Disclosure: a single stratum's sums tell a row where few rows carry them; pass the gate.
 */
export function coxContribution(rows: CoxRows, params: ArrayLike<number>, options: CoxOptions): CoxContribution {
  if (params.length !== rows.featureCount) throw new RangeError(`${params.length} coefficients for ${rows.featureCount} features`);
  const risks = rowRisks(rows, params, options.included);
  const sets = riskSets(rows, risks, options.ties);
  const weights = rowWeights(rows, risks, sets);
  const { gradient, products } = sumRows(rows, risks.isEvent, weights);
  const means = sumRiskSetMeans(rows, risks, sets);
  return {
    logLikelihood: sets.logLikelihood,
    gradient,
    information: products.map((value, cell) => value - (means[cell] ?? 0)),
    ...influence(risks, rows.persons, options.included),
  };
}

/** The linear predictor of every row, shape (rowCount,). Fails: throws where it is not finite. */
export function coxLinearPredictor(
  { rowCount, features }: Pick<CoxRows, "rowCount" | "features">,
  params: ArrayLike<number>,
): Float64Array {
  const eta = new Float64Array(rowCount);
  for (let j = 0; j < params.length; j++) {
    const slope = params[j] ?? 0;
    if (slope === 0) continue;
    const base = j * rowCount;
    for (let i = 0; i < rowCount; i++) eta[i] = (eta[i] ?? 0) + slope * (features[base + i] ?? 0);
  }
  if (!eta.every(Number.isFinite)) throw new RangeError("a linear predictor is not finite");
  return eta;
}

export function rowRisks(rows: CoxRows, params: ArrayLike<number>, included: Uint8Array | undefined): RowRisks {
  const eta = coxLinearPredictor(rows, params);
  const risk = new Float64Array(rows.rowCount);
  for (let i = 0; i < rows.rowCount; i++) {
    const value = eta[i] ?? 0;
    const bounded = value > ETA_MAX ? ETA_MAX : value < -ETA_MAX ? -ETA_MAX : value;
    eta[i] = bounded;
    risk[i] = included === undefined || included[i] === 1 ? Math.exp(bounded) : 0;
  }
  if (included === undefined) return { eta, risk, isEvent: rows.events };
  return { eta, risk, isEvent: rows.events.map((event, i) => event & (included[i] ?? 0)) };
}

/** v by row, from the earliest time on. */
export function rowWeights({ rowCount, byEntry }: CoxRows, risks: RowRisks, sets: RiskSets): Float64Array {
  const { risk, isEvent } = risks;
  const weights = new Float64Array(rowCount);
  let hazard = 0;
  let row = rowCount - 1;
  for (let k = sets.count - 1; k >= 0; k--) {
    const to = sets.to[k] ?? 0;
    const from = sets.from[k] ?? 0;
    const b = sets.b[k] ?? 0;
    for (; row >= to; row--) weights[row] = (risk[row] ?? 0) * hazard;
    hazard += sets.a[k] ?? 0;
    for (; row >= from; row--) weights[row] = (risk[row] ?? 0) * (hazard - (isEvent[row] ?? 0) * b);
  }
  for (; row >= 0; row--) weights[row] = (risk[row] ?? 0) * hazard;
  if (byEntry !== undefined) takeOffBeforeEntry(weights, risks, sets, byEntry);
  return weights;
}

/** Σ (δ − v) x and Σ v x xᵀ. */
export function sumRows(
  { features: values, featureCount: columnCount, rowCount }: Pick<CoxRows, "features" | "featureCount" | "rowCount">,
  isEvent: ArrayLike<number>,
  weights: Float64Array,
) {
  const table = { values, columnCount, stride: rowCount };
  const { products, columnSums } = sumBlocks(table, (block) => {
    for (let from = 0; from < rowCount; from += BLOCK_ROWS) {
      block.load(table, from, Math.min(BLOCK_ROWS, rowCount - from));
      for (let i = 0; i < block.rowCount; i++) {
        const weight = weights[from + i] ?? 0;
        block.weight[i] = weight;
        block.vector[i] = (isEvent[from + i] ?? 0) - weight;
      }
      block.addProducts();
      block.addColumnSums();
    }
  });
  return { gradient: columnSums, products };
}

/** Σ m mᵀ + r rᵀ: blocks of event times, whose rows are read once more, column by column. */
export function sumRiskSetMeans(rows: CoxRows, risks: RowRisks, sets: RiskSets): Float64Array {
  const atRisk = new Float64Array(rows.featureCount);
  const sums = sumBlocks({ columnCount: rows.featureCount }, (block) => {
    for (let firstSet = 0; firstSet < sets.count; ) {
      firstSet = writeMeans(block, { rows, risks, sets, firstSet }, atRisk);
      block.addProducts({ isWeighted: false });
    }
  });
  return sums.products;
}

interface MeansRequest {
  readonly rows: CoxRows;
  readonly risks: RowRisks;
  readonly sets: RiskSets;
  readonly firstSet: number;
}

/**
 * Writes lines m, and r where events share a time, of as many event times as fit; `atRisk` carries S₁ by column from block to block.
 * @returns the first event time of the next block
 */
function writeMeans(block: ProductBlock, { rows, risks, sets, firstSet }: MeansRequest, atRisk: Float64Array): number {
  let nextSet = firstSet;
  let lineCount = 0;
  for (; nextSet < sets.count; nextSet++) {
    const lines = (sets.gamma[nextSet] ?? 0) > 0 ? 2 : 1;
    if (lineCount + lines > BLOCK_ROWS) break;
    lineCount += lines;
  }
  for (let j = 0; j < rows.featureCount; j++) {
    atRisk[j] = columnMeansInto(block.columns, j, { rows, risks, sets, firstSet, nextSet, atRisk: atRisk[j] ?? 0 });
  }
  block.setRowCount(lineCount);
  return nextSet;
}

interface ColumnRequest extends MeansRequest {
  readonly nextSet: number;
  readonly atRisk: number;
}

/** Returns S₁ of the column after the last event time. */
function columnMeansInto(columns: Float64Array, j: number, request: ColumnRequest): number {
  if (request.sets.notYet !== undefined) return lateColumnMeansInto(columns, j, request);
  const { rows, risks, sets, firstSet, nextSet } = request;
  const { features, rowCount } = rows;
  const { risk, isEvent } = risks;
  const base = j * rowCount;
  let atRisk = request.atRisk;
  let line = j * BLOCK_ROWS;
  let row = firstSet === 0 ? 0 : (sets.to[firstSet - 1] ?? 0);
  for (let k = firstSet; k < nextSet; k++) {
    const to = sets.to[k] ?? 0;
    const alpha = sets.alpha[k] ?? 0;
    const gamma = sets.gamma[k] ?? 0;
    if (gamma === 0) {
      for (; row < to; row++) atRisk += (risk[row] ?? 0) * (features[base + row] ?? 0);
      columns[line++] = Math.sqrt(alpha) * atRisk;
      continue;
    }
    const from = sets.from[k] ?? 0;
    let tied = 0;
    for (; row < from; row++) atRisk += (risk[row] ?? 0) * (features[base + row] ?? 0);
    for (; row < to; row++) {
      const value = (risk[row] ?? 0) * (features[base + row] ?? 0);
      atRisk += value;
      tied += (isEvent[row] ?? 0) * value;
    }
    const beta = sets.beta[k] ?? 0;
    columns[line++] = Math.sqrt(alpha) * (atRisk - (beta / alpha) * tied);
    // γ ≥ β²/α by Cauchy; rounding may leave a hair below 0.
    columns[line++] = Math.sqrt(Math.max(0, gamma - (beta * beta) / alpha)) * tied;
  }
  return atRisk;
}

export function influence(risks: RowRisks, persons: Uint32Array | undefined, included: Uint8Array | undefined) {
  const { eta, risk } = persons === undefined ? risks : ofPersons(risks, persons);
  const kept = persons === undefined ? included : undefined;
  const weightSum = new CompensatedSum();
  const weightSquareSum = new CompensatedSum();
  let [rowCount, linearPredictorMax, low, high] = [0, 0, 0, 0];
  for (let i = 0; i < eta.length; i++) {
    if (kept !== undefined && kept[i] !== 1) continue;
    const weight = risk[i] ?? 0;
    if (persons !== undefined && weight === 0) continue;
    const magnitude = Math.abs(eta[i] ?? 0);
    rowCount++;
    weightSum.add(weight);
    weightSquareSum.add(weight * weight);
    if (magnitude > linearPredictorMax) linearPredictorMax = magnitude;
    if (magnitude > extremeAt[0]) low++;
    if (magnitude > extremeAt[1]) high++;
  }
  const extremeCounts: readonly [number, number] = [low, high];
  return { rowCount, weightSum: weightSum.value, weightSquareSum: weightSquareSum.value, linearPredictorMax, extremeCounts };
}

/** A person is in a risk set with one row at most: their largest |η| and weight say how much of a sum is theirs. Left out: weight 0. */
function ofPersons({ eta, risk }: RowRisks, persons: Uint32Array): Pick<RowRisks, "eta" | "risk"> {
  const count = persons.reduce((most, person) => Math.max(most, person + 1), 0);
  const [ofEta, ofRisk] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < persons.length; i++) {
    const [person, weight] = [persons[i] ?? 0, risk[i] ?? 0];
    if (weight === 0) continue; // exp(η) is never 0: such a row is left out
    ofRisk[person] = Math.max(ofRisk[person] ?? 0, weight);
    if (Math.abs(eta[i] ?? 0) > Math.abs(ofEta[person] ?? 0)) ofEta[person] = eta[i] ?? 0;
  }
  return { eta: ofEta, risk: ofRisk };
}
