/** One site's rows as a Cox regression reads them. */

import { text } from "@dure/kernel";
import { type AnalysisTable, foldOf } from "@dure/records";
import { type CoxRows, sortCoxRows } from "@dure/statistics";
import type { CoxDesign } from "../../coordinator/cox/design.ts";
import { foldCount } from "../../coordinator/logistic/design.ts";
import type { FeatureRows } from "../feature-rows.ts";
import { columnOf, gatherDesign, gatherInto } from "../logistic/training-rows.ts";
import { cannotContribute, eventNotBoolean, negativeTime, type Words } from "../unusable-rows.ts";

export interface SurvivalRows extends FeatureRows {
  readonly times: Float64Array;
  /** 0 or 1. */
  readonly events: Float64Array;
}

/** Rows in the order of folds and, within a fold, of the table. */
export interface TrainingRows {
  readonly rows: SurvivalRows;
  /** Fold f is rows foldStarts[f] to foldStarts[f + 1]; without folds there is one. */
  readonly foldStarts: readonly number[];
}

/**
 * Training rows of a frozen table: those that the study does not hold out.
 *
 * Fails: DureError `federation/no-rows`, `federation/negative-time`, `federation/event-not-boolean` or `federation/stratum-without-events`:
 * this hospital takes no part, and its own console says why. Never with a value.
 */
export function trainingRows(design: CoxDesign, table: AnalysisTable): TrainingRows {
  const groups: number[][] = Array.from({ length: design.hasFolds ? foldCount : 1 }, () => []);
  for (let row = 0; row < table.rowCount; row++) {
    if (!design.hasFolds && table.heldOut[row] === 1) continue;
    groups[design.hasFolds ? foldOf(design.studyId, table.rowKeys[row] ?? "", foldCount) : 0]?.push(row);
  }
  const foldStarts = [0];
  for (const group of groups) foldStarts.push((foldStarts.at(-1) ?? 0) + group.length);
  const rows = gatherSurvival(design, table, Uint32Array.from(groups.flat()));
  if (rows.rowCount === 0) throw cannotContribute("no-rows", NO_ROWS);
  if (!rows.events.includes(1)) throw cannotContribute("stratum-without-events", NO_EVENTS);
  return { rows, foldStarts };
}

/** The named rows of a table, in that order. Fails as `trainingRows`, but for rows and events being there. */
export function gatherSurvival(design: CoxDesign, table: AnalysisTable, tableRows: Uint32Array): SurvivalRows {
  const stride = tableRows.length;
  const gather = (name: string, out: Float64Array): Float64Array => {
    gatherInto(columnOf(table, name), tableRows, out);
    return out;
  };
  const features = gatherDesign(design, table, tableRows);
  const times = gather(design.time, new Float64Array(stride));
  const events = gather(design.event, new Float64Array(stride));
  if (!times.every((time) => time >= 0)) throw negativeTime(design.time);
  if (!events.every((event) => event === 0 || event === 1)) throw eventNotBoolean(design.event);
  return { rowCount: stride, features, featureCount: design.features.length, stride, times, events };
}

/** Sorted by time, with the fold of each row in that order. */
export function sortRows({ rows, foldStarts }: TrainingRows): { readonly sorted: CoxRows; readonly folds: Uint8Array } {
  const sorted = sortCoxRows(rows);
  const foldOfRow = new Uint8Array(rows.rowCount);
  for (let fold = 0; fold + 1 < foldStarts.length; fold++) foldOfRow.fill(fold, foldStarts[fold], foldStarts[fold + 1]);
  return { sorted, folds: Uint8Array.from(sorted.order, (row) => foldOfRow[row] ?? 0) };
}

const NO_ROWS: Words = {
  what: text("this hospital has no row for the study.", "이 병원에는 이 연구에 해당하는 행이 없습니다."),
  remedy: text(
    "The hospital takes no part. Check the load and the study's conditions.",
    "이 병원은 참여하지 않습니다. 적재 내역과 연구 조건을 확인해 주십시오.",
  ),
};
const NO_EVENTS: Words = {
  what: text(
    "no patient of this hospital has the event, so that its stratum says nothing about hazards.",
    "이 병원 환자 중 사건이 발생한 사람이 없어, 이 층에서는 위험에 대해 알 수 있는 것이 없습니다.",
  ),
  remedy: text(
    "The hospital takes no part. Check how the event is defined.",
    "이 병원은 참여하지 않습니다. 사건의 정의를 확인해 주십시오.",
  ),
};
