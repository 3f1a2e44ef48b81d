/** One site's rows as the estimators of a treatment effect read them. */

import { text } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { type ModelRows, sortTreatmentTimes, type TreatmentTimes } from "@dure/statistics";
import type { Standardisation } from "../../coordinator/standardisation.ts";
import { hasCases, parameterCountMax, type TreatmentDesign } from "../../coordinator/treatment-effect/design.ts";
import type { ModelFit, OutcomeScale } from "../../coordinator/treatment-effect/state.ts";
import { combineRows, type FeatureRows, mapRows } from "../feature-rows.ts";
import { columnOf, gatherDesign, gatherInto } from "../gathered-columns.ts";
import { cannotContribute, eventNotBoolean, negativeTime, type Words } from "../unusable-rows.ts";

/** Rows that the study does not hold out, in the order of the table. */
export interface TreatmentRows {
  readonly rowCount: number;
  readonly treated: Float64Array;
  /** The outcome, or whether a row has the event. */
  readonly outcome: Float64Array;
  readonly times: Float64Array | undefined;
  /** Of a Cox regression: all rows, and those of each level of each subgroup, sorted by time. */
  readonly strata: ReadonlyMap<string, TimedRows>;
  /** The design matrix as it is, and the cells that are only counted behind it. */
  readonly features: FeatureRows;
  readonly controls: readonly Float64Array[];
  /** Number of a row's level. */
  readonly subgroups: readonly Float64Array[];
}

/**
 * Rows in an arm for each of the minimum cell. The gate asks for that many *effective* rows behind every weighted sum: weights that vary as
 * much as their mean halve them, and a hospital that cannot pass then would stop everybody.
 */
const ARM_ROWS_PER_CELL = 2;

/**
 * Fails: DureError `federation/no-rows`, `federation/negative-time`, `federation/event-not-boolean`, `federation/negative-outcome`,
 * `federation/one-arm`, `federation/arm-too-small`, `federation/too-few-rows-for-columns` or `federation/too-few-outcomes`: this hospital takes no
 * part, and its own console says why. Never with a value.
 */
export function treatmentRows(design: TreatmentDesign, table: AnalysisTable): TreatmentRows {
  const tableRows = Uint32Array.from({ length: table.rowCount }, (_, row) => row).filter((row) => table.heldOut[row] !== 1);
  const gather = (name: string): Float64Array => {
    const out = new Float64Array(tableRows.length);
    gatherInto(columnOf(table, name), tableRows, out);
    return out;
  };
  const { survival, outcome: measured } = design;
  const treated = gather(design.treatment);
  const outcome = gather(measured?.name ?? survival?.event ?? "");
  const times = survival === undefined ? undefined : gather(survival.time);
  refuseRows(design, table, { treated, outcome, times });
  const rowCount = tableRows.length;
  const subgroups = design.subgroups.map(({ variable }) => gather(variable));
  return {
    rowCount,
    treated,
    outcome,
    times,
    strata: times === undefined || design.outcomeModel !== "cox" ? new Map() : timedRows(design, { times, outcome, treated, subgroups }),
    features: { rowCount, stride: rowCount, featureCount: design.features.length, features: gatherDesign(design, table, tableRows) },
    controls: design.controls.map(gather),
    subgroups,
  };
}

/** Some of a hospital's rows, in the order of time. */
export interface TimedRows {
  readonly times: TreatmentTimes;
  /** Of these, by the place that `times.order` tells. */
  readonly rows: Uint32Array;
}

/** Of all rows, or of one level of a subgroup. */
export const stratumName = (subgroup?: number, level?: number): string => (subgroup === undefined ? "all" : `${subgroup}/${level}`);

function timedRows(
  design: TreatmentDesign,
  { times, outcome, treated, subgroups }: Pick<TreatmentRows, "outcome" | "treated" | "subgroups"> & { readonly times: Float64Array },
): ReadonlyMap<string, TimedRows> {
  const all = Uint32Array.from(times, (_, row) => row);
  const pick = (column: Float64Array, rows: Uint32Array): Float64Array => Float64Array.from(rows, (row) => column[row] ?? Number.NaN);
  const sorted = (rows: Uint32Array): TimedRows => ({
    times: sortTreatmentTimes(pick(times, rows), pick(outcome, rows), pick(treated, rows)),
    rows,
  });
  const levels = design.subgroups.flatMap(({ levels: names }, subgroup) =>
    names.map((_, level) => [stratumName(subgroup, level), sorted(all.filter((row) => subgroups[subgroup]?.[row] === level))] as const),
  );
  return new Map([[stratumName(), sorted(all)], ...levels]);
}

function refuseRows(design: TreatmentDesign, table: AnalysisTable, rows: Pick<TreatmentRows, "treated" | "outcome" | "times">): void {
  const { treated, outcome, times } = rows;
  const { survival, treatment, minimumCell, siteTerms } = design;
  if (treated.length === 0) throw cannotContribute("no-rows", NO_ROWS);
  if (times !== undefined && !times.every((time) => time >= 0)) throw negativeTime(survival?.time ?? "");
  if (survival !== undefined && !outcome.every((event) => event === 0 || event === 1)) throw eventNotBoolean(survival.event);
  if (survival !== undefined && table.excluded.some(({ reason }) => reason === `${survival.event}: not 0 or 1`))
    throw eventNotBoolean(survival.event);
  if (design.outcomeModel === "poisson" && outcome.some((value) => value < 0))
    throw cannotContribute("negative-outcome", NEGATIVE_OUTCOME, design.outcome?.name);
  const arms = [0, 1].map((arm) => treated.reduce((count, value) => count + Number(value === arm), 0));
  if (siteTerms && arms.includes(0)) throw cannotContribute("one-arm", ONE_ARM, treatment);
  refuseOutcomes(design, outcome);
  if (minimumCell === 0) return;
  const least = ARM_ROWS_PER_CELL * minimumCell;
  if (arms.some((count) => count < least && (siteTerms || count > 0)))
    throw cannotContribute("arm-too-small", armTooSmall(least), treatment);
  const rowsMin = 2 * parameterCountMax(design);
  if (treated.length < rowsMin) throw cannotContribute("too-few-rows-for-columns", tooFewRowsForColumns(rowsMin));
}

/** An intercept of the hospital's own in a regression of the outcome needs patients with the outcome, and of a yes or no some without. */
function refuseOutcomes(design: TreatmentDesign, outcome: Float64Array): void {
  const { siteTerms, outcomeRegression, minimumCell } = design;
  if (!siteTerms || outcomeRegression === undefined || outcomeRegression === "linear") return;
  const least = Math.max(1, minimumCell);
  const none = outcome.reduce((count, value) => count + Number(value === 0), 0);
  if (outcome.length - none >= least && (none >= least || !hasCases(design))) return;
  throw cannotContribute("too-few-outcomes", tooFewOutcomes(least), design.outcome?.name);
}

/** Rows as a model reads them, on the columns u of the fits. */
export interface PreparedRows {
  readonly rows: TreatmentRows;
  /** (x − mean) / standard deviation: what balance is told of. */
  readonly standardised: FeatureRows;
  readonly models: Readonly<Record<ModelFit["name"], ModelRows | undefined>>;
  /** The columns u themselves, column-major: those of a regression under another treatment are made of them. */
  readonly columns: Float64Array;
}

export function prepareRows(
  design: TreatmentDesign,
  rows: TreatmentRows,
  known: { readonly standardisation: Standardisation; readonly scale: OutcomeScale },
): PreparedRows {
  const { means, standardDeviations, basis } = known.standardisation;
  const { rowCount, treated } = rows;
  const standardised = mapRows(rows.features, { means, scales: standardDeviations });
  const columns = combineRows(standardised, basis).features.subarray(0, rowCount * design.features.length);
  const ones = design.siteTerms ? [] : [new Float64Array(rowCount).fill(1)];
  const model = (features: Float64Array, outcome: Float64Array): ModelRows => ({
    rowCount,
    features,
    featureCount: features.length / rowCount,
    outcome,
  });
  const outcome = rows.outcome.map((value) => (value - known.scale.mean) / known.scale.deviation);
  const hasRegression = design.outcomeRegression !== undefined;
  return {
    rows: { ...rows, outcome },
    standardised,
    models: {
      propensity: model(joined([...ones, columns]), treated),
      outcome: hasRegression ? model(joined([...ones, treated, columns, timesArm(columns, treated)]), outcome) : undefined,
    },
    columns,
  };
}

function timesArm(columns: Float64Array, arm: Float64Array): Float64Array {
  return columns.map((value, cell) => value * (arm[cell % arm.length] ?? 0));
}

function joined(columns: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(columns.reduce((total, { length }) => total + length, 0));
  let next = 0;
  for (const column of columns) {
    out.set(column, next);
    next += column.length;
  }
  return out;
}

const NO_ROWS: Words = {
  what: text("this hospital has no row for the study.", "이 병원에는 이 연구에 해당하는 행이 없습니다."),
  remedy: text(
    "The hospital takes no part. Check the load and the study's conditions.",
    "이 병원은 참여하지 않습니다. 적재 내역과 연구 조건을 확인해 주십시오.",
  ),
};
const NEGATIVE_OUTCOME: Words = {
  what: text("a count is below 0.", "0보다 작은 발생 수가 있습니다."),
  remedy: text(
    "Correct the outcome's expression, or use the linear outcome model.",
    "결과의 식을 바로잡거나 선형(linear) 결과 모형을 쓰십시오.",
  ),
};
const ONE_ARM: Words = {
  what: text(
    "all patients of this hospital had the same treatment, so that its own intercept would be infinite and nothing can be compared within it.",
    "이 병원의 모든 환자가 같은 치료를 받아, 병원 고유의 절편이 무한해지고 병원 안에서 비교할 수 없습니다.",
  ),
  remedy: text(
    "The hospital takes no part. With `siteTerms: false` it could, if hospitals do not differ otherwise.",
    "이 병원은 참여하지 않습니다. 병원 간 다른 차이가 없다면 `siteTerms: false` 로 참여할 수 있습니다.",
  ),
};
const tooFewOutcomes = (least: number): Words => ({
  what: text(
    `fewer than ${least} patients of this hospital had the outcome, or did not have it: its own intercept in the outcome's model would be theirs.`,
    `이 병원에서 결과가 발생했거나 발생하지 않은 환자가 ${least}명 미만이라, 결과 모형에서 병원 고유의 절편이 그 환자들의 값이 됩니다.`,
  ),
  remedy: text(
    "The hospital takes no part. Weighting alone (iptw, overlap) does not ask for this.",
    "이 병원은 참여하지 않습니다. 가중 방법(iptw, overlap)만 쓰면 이 조건이 필요 없습니다.",
  ),
});
const armTooSmall = (least: number): Words => ({
  what: text(
    `fewer than ${least} patients of this hospital had one of the two treatments: a weighted sum of them could show one patient.`,
    `이 병원에서 두 치료 중 하나를 받은 환자가 ${least}명 미만이라, 가중 합계에서 환자 한 명이 드러날 수 있습니다.`,
  ),
  remedy: text(
    "The hospital takes no part. A longer period of inclusion would add patients.",
    "이 병원은 참여하지 않습니다. 포함 기간을 늘리면 환자가 많아집니다.",
  ),
});
const tooFewRowsForColumns = (least: number): Words => ({
  what: text(
    `this hospital has fewer than ${least} patients, twice the coefficients of the study's largest model.`,
    `이 병원의 환자가 ${least}명(연구에서 가장 큰 모형의 계수 수의 두 배) 미만입니다.`,
  ),
  remedy: text(
    "The hospital takes no part. Fewer variables would let it.",
    "이 병원은 참여하지 않습니다. 변수를 줄이면 참여할 수 있습니다.",
  ),
});
