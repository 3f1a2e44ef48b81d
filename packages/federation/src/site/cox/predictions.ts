/**
 * How well a hospital's patients bear out the risks that the shared Cox model predicts for them by given times.
 *
 * A Cox model gives hazard ratios; a risk needs a baseline hazard too. With one baseline for all hospitals it is the model's own, and an
 * external hospital tests it as it is. With one a hospital, it is estimated on the hospital's own rows under the shared coefficients, at a
 * training hospital without the rows that are judged; at an external one on the very rows, so that there ranks are tested as they are, and
 * levels as recalibrated.
 */

import { baselineHazardAt, calibrationAt, predictionAt } from "@dure/statistics";
import { cumulativeHazardAt } from "../../baseline-curve.ts";
import type { CoxDesign } from "../../coordinator/cox/design.ts";
import type { FrozenCoxModel, FrozenCoxModels, SurvivalPredictions } from "../../cox-result.ts";
import { type SurvivalRows, sortModelColumns, type TrainingRows } from "./rows.ts";

/** Predicted risk of every judged row by a time; undefined where it is not known. */
export type RisksAt = (timeDays: number) => Float64Array | undefined;

export interface PredictionRequest {
  readonly rows: Pick<SurvivalRows, "times" | "events">;
  readonly risksAt: RisksAt;
  readonly baseline: SurvivalPredictions["baseline"];
  readonly minimumCell: number;
}

export interface JudgedPredictions {
  readonly predictions: SurvivalPredictions;
  /** Counts that the figures rest on, for the gate. */
  readonly cells: readonly number[];
}

const RISK_GROUPS = 5;

/**
 * At those of the study's times between which, and by which, enough patients had the event, and beyond which enough are followed. Not of
 * rows that enter late or change, whose prediction has no one starting day, nor of one cause of several: its risk takes the others' hazards.
 */
export function judgePredictions(
  design: CoxDesign,
  { rows, risksAt, baseline, minimumCell }: PredictionRequest,
): JudgedPredictions | undefined {
  if (design.entry !== undefined || design.cause.label !== undefined) return undefined;
  const least = Math.max(1, minimumCell);
  const cells: number[] = [];
  let before = 0;
  const atTimes = design.at.flatMap((time): SurvivalPredictions["at"] => {
    const risks = risksAt(time);
    const found = risks === undefined ? undefined : predictionAt(rows, risks, time);
    if (found === undefined || found.caseCount - before < least || found.controlCount < least) return [];
    cells.push(found.caseCount - before, found.controlCount);
    before = found.caseCount;
    const { caseCount: events, auc, aucSe, brier, brierReference } = found;
    return [{ time, events, auc, aucSe, brier, brierReference }];
  });
  const last = atTimes.at(-1)?.time;
  const risks = last === undefined ? undefined : risksAt(last);
  if (last === undefined || risks === undefined) return undefined;
  const groups = calibrationAt(rows, risks, { timeDays: last, groupCount: RISK_GROUPS, minimumCell });
  cells.push(...groups.flatMap(({ n, events }) => [events, n - events]));
  const calibration = { time: last, groups: groups.map(({ n, meanPredicted, observed }) => ({ n, meanPredicted, observed })) };
  return { predictions: { baseline, at: atTimes, ...(groups.length === 0 ? {} : { calibration }) }, cells };
}

/** Under the model's own baseline. */
export function sharedRisks({ baseline }: FrozenCoxModel, eta: Float64Array): RisksAt {
  return (timeDays) => (baseline === undefined ? undefined : riskOf(eta, cumulativeHazardAt(baseline, timeDays)));
}

/** Under the baseline of some rows, by the model's coefficients; η of the judged rows from the model's centre. */
export function ownRisks(
  { ties }: CoxDesign,
  model: FrozenCoxModel,
  { baselineRows, eta }: { readonly baselineRows: SurvivalRows; readonly eta: Float64Array },
): RisksAt {
  const sorted = sortModelColumns(baselineRows);
  const origin = model.coefficients.reduce((total, value, j) => total + value * (model.centre[j] ?? 0), 0);
  return (timeDays) => {
    const [point] = baselineHazardAt(sorted, model.coefficients, { ties, at: [timeDays], minimumCell: 0 });
    return point === undefined ? undefined : riskOf(eta, point.cumulativeHazard * Math.exp(origin));
  };
}

/** Every row under the model that left its fold out, and the baseline of the other folds' rows. */
export function outOfFoldRisks(design: CoxDesign, { rows, foldStarts }: TrainingRows, { folds, eta }: FrozenFolds): RisksAt {
  const parts = folds.map((model, fold) => {
    const [from = 0, to = 0] = [foldStarts[fold], foldStarts[fold + 1]];
    if (model === null) return undefined;
    return { from, risksAt: ownRisks(design, model, { baselineRows: without(rows, from, to), eta: eta.subarray(from, to) }) };
  });
  return (timeDays) => {
    const risks = new Float64Array(rows.rowCount);
    for (const part of parts) {
      const own = part?.risksAt(timeDays);
      if (part === undefined || own === undefined) return undefined;
      risks.set(own, part.from);
    }
    return risks;
  };
}

interface FrozenFolds {
  readonly folds: FrozenCoxModels["folds"];
  /** Out-of-fold, by row. */
  readonly eta: Float64Array;
}

const riskOf = (eta: Float64Array, hazard: number): Float64Array => eta.map((value) => -Math.expm1(-hazard * Math.exp(value)));

function without({ rowCount, features, featureCount, stride, times, events }: SurvivalRows, from: number, to: number): SurvivalRows {
  const kept = Uint32Array.from({ length: rowCount - (to - from) }, (_, i) => (i < from ? i : i + to - from));
  const columns = new Float64Array(kept.length * featureCount);
  for (let j = 0; j < featureCount; j++) {
    for (let i = 0; i < kept.length; i++) columns[j * kept.length + i] = features[j * stride + (kept[i] ?? 0)] ?? 0;
  }
  const pick = (values: Float64Array): Float64Array => Float64Array.from(kept, (row) => values[row] ?? 0);
  return {
    rowCount: kept.length,
    personCount: kept.length,
    features: columns,
    featureCount,
    stride: kept.length,
    times: pick(times),
    events: pick(events),
    subgroups: new Float64Array(), // a baseline is taken of these rows, and nothing by subgroup
  };
}
