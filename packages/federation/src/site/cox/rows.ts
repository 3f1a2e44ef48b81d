/** One site's rows as a Cox regression reads them. */

import { text } from "@dure/kernel";
import { type AnalysisTable, foldOf, type Persons, personsOf } from "@dure/records";
import { type CoxRows, sortCoxRows } from "@dure/statistics";
import type { CoxDesign } from "../../coordinator/cox/design.ts";
import { foldCount } from "../../coordinator/folds.ts";
import type { FeatureRows } from "../feature-rows.ts";
import { columnOf, gatherDesign, gatherInto } from "../gathered-columns.ts";
import { cannotContribute, entryNotBeforeTime, eventNotALevel, eventNotBoolean, negativeTime, type Words } from "../unusable-rows.ts";
import { checkRowsOfPersons } from "./rows-of-persons.ts";

export interface SurvivalRows extends FeatureRows {
  readonly times: Float64Array;
  /** 0 or 1. */
  readonly events: Float64Array;
  /** Where rows enter late: at risk in (entry, time]. */
  readonly entries?: Float64Array;
  /** Where a person may have several rows: whose each is, 0 and on. */
  readonly persons?: Uint32Array;
  readonly personCount: number;
  /** Level of each subgroup variable, column-major. */
  readonly subgroups: Float64Array;
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
 * Fails: DureError `federation/no-rows`, `federation/negative-time`, `federation/event-not-boolean`, `federation/event-not-a-level`,
 * `federation/entry-not-before-time`, `federation/overlapping-rows`, `federation/rows-after-the-event` or, where each hospital is a stratum,
 * `federation/stratum-without-events`: this hospital takes no part, and its own console says why. Never with a value.
 */
export function trainingRows(design: CoxDesign, table: AnalysisTable): TrainingRows {
  const groups: number[][] = Array.from({ length: design.hasFolds ? foldCount : 1 }, () => []);
  const persons = personNumbers(design, table);
  for (let row = 0; row < table.rowCount; row++) {
    if (!design.hasFolds && table.heldOut[row] === 1) continue;
    // All rows of a person are in the fold of their first.
    const first = persons === undefined ? row : (persons.firstRows[persons.ofRow[row] ?? 0] ?? row);
    groups[design.hasFolds ? foldOf(design.studyId, table.rowKeys[first] ?? "", foldCount) : 0]?.push(row);
  }
  const foldStarts = [0];
  for (const group of groups) foldStarts.push((foldStarts.at(-1) ?? 0) + group.length);
  const rows = gatherSurvival(design, table, Uint32Array.from(groups.flat()));
  if (rows.rowCount === 0) throw cannotContribute("no-rows", NO_ROWS);
  if (design.grid === undefined && !rows.events.includes(1)) throw cannotContribute("stratum-without-events", NO_EVENTS);
  return { rows, foldStarts };
}

/**
 * The named rows of a table, in that order. Events of another cause than the study's, and those after the end of a public grid, end a
 * follow-up without one.
 *
 * Fails as `trainingRows`, but for rows and events being there.
 */
export function gatherSurvival(design: CoxDesign, table: AnalysisTable, tableRows: Uint32Array): SurvivalRows {
  const stride = tableRows.length;
  const gather = (name: string, out: Float64Array): Float64Array => {
    gatherInto(columnOf(table, name), tableRows, out);
    return out;
  };
  // A code that is not known may be another kind of event: such rows are not quietly left out.
  if (table.excluded.some(({ reason }) => reason === design.cause.otherReason)) throw unknownEventCode(design);
  const features = gatherDesign(design, table, tableRows);
  const times = gather(design.time, new Float64Array(stride));
  const codes = gather(design.event, new Float64Array(stride));
  const entries = design.entry === undefined ? undefined : gather(design.entry, new Float64Array(stride));
  const numbers = personNumbers(design, table);
  const persons = numbers === undefined ? undefined : renumber(Uint32Array.from(tableRows, (row) => numbers.ofRow[row] ?? 0));
  if (!times.every((time) => time >= 0)) throw negativeTime(design.time);
  if (design.entry !== undefined && entries?.every((entry) => entry >= 0) === false) throw negativeTime(design.entry);
  if (design.entry !== undefined && entries?.every((entry, i) => entry < (times[i] ?? Number.NaN)) === false)
    throw entryNotBeforeTime(design.entry);
  if (design.cause.label === undefined && !codes.every((code) => code === 0 || code === 1)) throw eventNotBoolean(design.event);
  const horizon = design.grid?.horizonDays ?? Number.POSITIVE_INFINITY;
  const events = codes.map((code, i) => (code === design.cause.value && (times[i] ?? 0) <= horizon ? 1 : 0));
  if (persons !== undefined)
    checkRowsOfPersons(design, { times, entries, isOver: codes.map((code) => (code === design.cause.none ? 0 : 1)), persons });
  return {
    rowCount: stride,
    features,
    featureCount: design.features.length,
    stride,
    times,
    events,
    subgroups: Float64Array.from(design.subgroups.flatMap(({ variable }) => [...gather(variable, new Float64Array(stride))])),
    personCount: persons?.reduce((most, person) => Math.max(most, person + 1), 0) ?? stride,
    ...(entries === undefined ? {} : { entries }),
    ...(persons === undefined ? {} : { persons }),
  };
}

const unknownEventCode = ({ event, cause }: CoxDesign) => (cause.label === undefined ? eventNotBoolean(event) : eventNotALevel(event));

/** Undefined where every row is a person's. */
function personNumbers(design: CoxDesign, table: AnalysisTable): Persons | undefined {
  return design.person === undefined ? undefined : personsOf(columnOf(table, design.person));
}

/** The same persons, numbered from 0 without a gap in the order in which they are met. */
export function renumber(persons: Uint32Array): Uint32Array {
  const numbers = new Map<number, number>();
  return persons.map((person) => {
    const number = numbers.get(person) ?? numbers.size;
    numbers.set(person, number);
    return number;
  });
}

/** Sorted by time, without the columns behind the model's, which are counted only. */
export const sortModelColumns = (rows: SurvivalRows): CoxRows =>
  sortCoxRows({ ...rows, features: rows.features.subarray(0, rows.rowCount * rows.featureCount) });

/** Sorted by time, with the fold of each row in that order. */
export function sortRows({ rows, foldStarts }: TrainingRows): { readonly sorted: CoxRows; readonly folds: Uint8Array } {
  const sorted = sortModelColumns(rows);
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
