/** One site's terms of every target, from its rows and the public state: weights, predictions, and how both move with the models. */

import { assert, unreachable } from "@dure/kernel";
import { sum } from "@dure/numerics";
import { sumColumns } from "@dure/numerics/kernels";
import {
  balancingWeights,
  type ModelScores,
  meansAt,
  modelScores,
  type RowMeans,
  type RowWeights,
  rowMeans,
  type TargetTerms,
  weightedCoxResiduals,
} from "@dure/statistics";
import type { Block, Target } from "../../coordinator/treatment-effect/blocks.ts";
import type { TreatmentDesign, Weighting } from "../../coordinator/treatment-effect/design.ts";
import { modelForm } from "../../coordinator/treatment-effect/models.ts";
import type { BlockTotals, ModelFit, TreatmentPhase } from "../../coordinator/treatment-effect/state.ts";
import { weightForm } from "../../coordinator/treatment-effect/totals.ts";
import { type PreparedRows, stratumName, type TimedRows } from "./rows.ts";

/** What the rounds after the models' read, whatever the target. */
export interface FittedRows extends PreparedRows {
  readonly propensity: RowMeans;
  readonly weights: ReadonlyMap<Weighting, RowWeights>;
  /** Without the shares of stabilised weights. */
  readonly plainWeights: RowWeights;
  /** Predictions if a patient were untreated, and treated. */
  readonly predictions: readonly [RowMeans, RowMeans] | undefined;
  readonly scores: Readonly<Record<ModelFit["name"], ModelScores | undefined>>;
}

export function fitRows(
  design: TreatmentDesign,
  prepared: PreparedRows,
  { counts, fits }: Pick<TreatmentPhase<"totals">, "counts" | "fits">,
): FittedRows {
  const { propensity: treatmentRows, outcome: outcomeRows } = prepared.models;
  assert(treatmentRows !== undefined, "every estimator has a propensity model");
  const treatmentForm = modelForm(design, "propensity");
  const propensity = rowMeans(treatmentRows, paramsOf(fits, "propensity"), treatmentForm);
  assert(propensity !== undefined, "a site with one arm has taken no part from the first round on");
  const outcome = outcomeRows === undefined ? undefined : rowMeans(outcomeRows, paramsOf(fits, "outcome"), modelForm(design, "outcome"));
  const weigh = (weighting: Weighting): RowWeights =>
    balancingWeights(prepared.rows.treated, propensity.eta, weightForm(design, counts, weighting));
  const plain = { estimand: design.estimand, truncation: design.truncation, shares: [1, 1] as const };
  return {
    ...prepared,
    propensity,
    weights: new Map(design.weightings.map((weighting) => [weighting, weigh(weighting)])),
    plainWeights: balancingWeights(prepared.rows.treated, propensity.eta, plain),
    predictions:
      outcome === undefined
        ? undefined
        : [predictUnder(0, { design, prepared, fits, outcome }), predictUnder(1, { design, prepared, fits, outcome })],
    scores: {
      propensity: modelScores({ rows: treatmentRows, means: propensity, ownIntercept: design.siteTerms }),
      outcome:
        outcome === undefined || outcomeRows === undefined
          ? undefined
          : modelScores({ rows: outcomeRows, means: outcome, ownIntercept: design.siteTerms }),
    },
  };
}

interface Regression {
  readonly design: TreatmentDesign;
  readonly prepared: PreparedRows;
  readonly fits: readonly ModelFit[];
  readonly outcome: RowMeans;
}

/** Under a = 0 or 1 the columns 1, a, u, a u have the coefficients of u added up, and those of 1 and a as an intercept. */
function predictUnder(arm: 0 | 1, { design, prepared, fits, outcome }: Regression): RowMeans {
  const params = paramsOf(fits, "outcome");
  const p = design.names.length;
  const shared = design.siteTerms ? [] : params.slice(0, 1);
  const [ofTreatment = 0, ...slopes] = params.slice(shared.length);
  const sums = slopes.slice(0, p).map((slope, j) => slope + arm * (slopes[p + j] ?? Number.NaN));
  const intercept = outcome.intercept + (shared[0] ?? 0) + arm * ofTreatment;
  const rows = { rowCount: prepared.rows.rowCount, featureCount: p, features: prepared.columns };
  return meansAt(rows, sums, { model: modelForm(design, "outcome").model, intercept });
}

/** Σ s × (1, a, u, a u) by column, as `predictUnder` has them. */
function sumsUnder(
  arm: 0 | 1,
  { siteTerms, names }: TreatmentDesign,
  { columns, rows }: PreparedRows,
): (slopes: Float64Array) => Float64Array {
  const table = { values: columns, columnCount: names.length, stride: rows.rowCount };
  return (weight) => {
    const total = sum(weight);
    const ofColumns = sumColumns(table, { from: 0, to: rows.rowCount, weight });
    return Float64Array.from([...(siteTerms ? [] : [total]), arm * total, ...ofColumns, ...ofColumns.map((value) => arm * value)]);
  };
}

function paramsOf(fits: readonly ModelFit[], name: ModelFit["name"]): readonly number[] {
  const newton = fits.find((fit) => fit.name === name)?.newton;
  assert(newton?.kind === "converged", "sums after the models' are of models that converged");
  return newton.params;
}

/** In the order of the block's targets. O(targets × n). */
export function targetTerms(
  design: TreatmentDesign,
  rows: FittedRows,
  { block, totals }: { readonly block: Block; readonly totals: BlockTotals | undefined },
): readonly TargetTerms[] {
  switch (block.kind) {
    case "outcome":
      return block.targets.map((target) => outcomeTerms(design, rows, { block, target }));
    case "control":
      return block.targets.map((target) => weightedTerms(rows, { block, target, values: rows.rows.controls[block.control] }));
    case "subgroup":
      return block.targets.map((target) =>
        weightedTerms(rows, { block, target, values: rows.rows.outcome, levels: rows.rows.subgroups[block.subgroup] }),
      );
    case "hazard":
      return block.targets.map(({ level }, i) =>
        hazardTerms(rows, block, { stratum: stratumName(block.subgroup, level), logHazardRatio: totals?.means[i] ?? Number.NaN }),
      );
    default:
      return unreachable(block);
  }
}

interface OfTarget {
  readonly block: Block;
  readonly target: Target;
}

function outcomeTerms(design: TreatmentDesign, rows: FittedRows, { block, target }: OfTarget): TargetTerms {
  switch (block.estimator) {
    case "iptw":
    case "overlap":
      return weightedTerms(rows, { block, target, values: rows.rows.outcome });
    case "aipw":
      return augmentedTerms(design, rows, target);
    case "g-computation":
      return standardisedTerms(design, rows, target);
    default:
      return unreachable(block.estimator);
  }
}

/** Mean of an arm, each patient by weight: num = w y, den = w. */
function weightedTerms(
  rows: FittedRows,
  { block, target, values, levels }: OfTarget & { readonly values: Float64Array | undefined; readonly levels?: Float64Array | undefined },
): TargetTerms {
  const own = block.estimator === "overlap" ? rows.weights.get("overlap") : rows.weights.get("iptw");
  assert(own !== undefined && values !== undefined, "a weighting of the study, and a column of its own");
  const { treated } = rows.rows;
  const isOwn = (row: number): boolean => treated[row] === target.arm && (levels === undefined || levels[row] === target.level);
  const den = own.weight.map((weight, row) => (isOwn(row) ? weight : 0));
  const denSlope = own.slope.map((slope, row) => (isOwn(row) ? slope : 0));
  const byValue = (of: Float64Array): Float64Array => of.map((value, row) => value * (values[row] ?? 0));
  return { num: byValue(den), den, numSlope: byValue(denSlope), denSlope };
}

/**
 * The prediction for everybody, and what the weighted residuals of the arm's own patients add (Robins, Rotnitzky & Zhao 1994, J Am Stat Assoc
 * 89:846). In the treated: the treated as they are, and for the untreated mean predictions for the treated with weighted residuals of others.
 * ψ is the influence function itself where both models hold: it moves with neither.
 */
function augmentedTerms({ estimand }: TreatmentDesign, rows: FittedRows, { arm }: Target): TargetTerms {
  const { predictions, plainWeights, rows: own } = rows;
  assert(predictions !== undefined, "AIPW has a regression of the outcome");
  const { mean } = predictions[arm];
  const inTarget = own.treated.map((treated) => (estimand === "ate" ? 1 : treated));
  const num = inTarget.map((share, row) => {
    const residual = own.treated[row] === arm ? (plainWeights.weight[row] ?? 0) * ((own.outcome[row] ?? 0) - (mean[row] ?? 0)) : 0;
    return share * (mean[row] ?? 0) + residual;
  });
  const still = new Float64Array(num.length);
  return { num, den: inTarget, numSlope: still, denSlope: still };
}

/** The mean prediction if everybody (in the treated: every treated patient) had the arm's treatment. */
function standardisedTerms(design: TreatmentDesign, rows: FittedRows, { arm }: Target): TargetTerms {
  const { predictions, rows: own } = rows;
  assert(predictions !== undefined, "G-computation has a regression of the outcome");
  const { mean, weight } = predictions[arm];
  const den = own.treated.map((treated) => (design.estimand === "ate" ? 1 : treated));
  const inTarget = (of: Float64Array): Float64Array => of.map((value, row) => value * (den[row] ?? 0));
  return {
    num: inTarget(mean),
    den,
    numSlope: inTarget(weight),
    denSlope: new Float64Array(mean.length),
    columnSums: sumsUnder(arm, design, rows),
  };
}

/** ψ = w L: the weighted score of the log hazard ratio, patient by patient; 0 of patients of other levels. */
function hazardTerms(
  rows: FittedRows,
  { weighting }: { readonly weighting: Weighting },
  { stratum, logHazardRatio }: { readonly stratum: string; readonly logHazardRatio: number },
): TargetTerms {
  const [own, timed] = [rows.weights.get(weighting), rows.rows.strata.get(stratum)];
  assert(own !== undefined && timed !== undefined, "a Cox regression has a weighting and times");
  const residuals = new Float64Array(own.weight.length);
  const weights = weightsIn(timed, own.weight);
  weightedCoxResiduals(timed.times, weights, logHazardRatio).forEach((residual, place) => {
    residuals[timed.rows[place] ?? 0] = residual;
  });
  const none = new Float64Array(residuals.length);
  const by = (of: Float64Array): Float64Array => of.map((value, row) => value * (residuals[row] ?? 0));
  return { num: by(own.weight), den: none, numSlope: by(own.slope), denSlope: none };
}

export const weightsIn = ({ rows }: TimedRows, weights: Float64Array): Float64Array =>
  Float64Array.from(rows, (row) => weights[row] ?? Number.NaN);
