/** Incidence rates over hospitals, the half that sees rows: it counts patients and events by group and stratum, and adds their time up. */

import { text, unreachable } from "@dure/kernel";
import type { Contribution } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../../analysis.ts";
import { cellCount } from "../../coordinator/incidence-rates/counts.ts";
import { type IncidenceDesign, incidenceDesign } from "../../coordinator/incidence-rates/design.ts";
import type { IncidenceState } from "../../coordinator/incidence-rates/state.ts";
import type { SiteEvaluation } from "../../result.ts";
import type { FiguresRequest, SiteFigures } from "../figures.ts";
import { columnOf } from "../gathered-columns.ts";
import { countExcluded } from "../row-counts.ts";
import { cannotContribute, eventNotBoolean, negativeTime, type Words } from "../unusable-rows.ts";

/** Fails: DureError `federation/negative-time`, `federation/event-not-boolean` or `federation/event-not-a-count`: this hospital takes no part. */
export function incidenceSite(study: StudyDocument): SitePart<IncidenceState, AnalysisTable> {
  const design = incidenceDesign(study);
  return {
    contribute: (state, table) => {
      const rows = cellRows(design, table);
      switch (state.phase) {
        case "counts":
          return contributionOf([...countVectors(design, rows), ["excluded", countExcluded(design, table)]]);
        case "time":
          return contributionOf([["personTime", state.opens === "strata" ? sumByCell(design, rows) : sumByGroup(design, rows)]]);
        default:
          return unreachable(state);
      }
    },
  };
}

/** Rows, and those with an event. */
export async function incidenceFigures(study: StudyDocument, { table, site, role }: FiguresRequest): Promise<SiteFigures | undefined> {
  const { events } = cellRows(incidenceDesign(study), table);
  const evaluation: SiteEvaluation = { site, role, n: events.length, events: events.filter((count) => count > 0).length, auc: {} };
  return events.length === 0 ? undefined : { evaluation, localOnExternal: [] };
}

const contributionOf = (vectors: Iterable<readonly [string, Float64Array]>): Contribution => ({ vectors: new Map(vectors), influence: [] });

/** Rows that the study does not hold out. */
interface CellRows {
  /** Group × number of strata + stratum. */
  readonly cells: Uint32Array;
  readonly events: Float64Array;
  readonly days: Float64Array;
}

function cellRows(design: IncidenceDesign, table: AnalysisTable): CellRows {
  const training = Array.from({ length: table.rowCount }, (_, row) => row).filter((row) => table.heldOut[row] !== 1);
  const pick = (name: string): Float64Array => {
    const column = columnOf(table, name);
    return Float64Array.from(training, (row) => column[row] ?? Number.NaN);
  };
  const days = pick(design.time);
  const events = pick(design.event);
  if (table.excluded.some(({ reason }) => reason === `${design.event}: not 0 or 1`)) throw eventNotBoolean(design.event);
  if (days.some((value) => value < 0)) throw negativeTime(design.time);
  if (design.countsEvents && events.some((count) => !(Number.isSafeInteger(count) && count >= 0)))
    throw cannotContribute("event-not-a-count", EVENT_NOT_A_COUNT, design.event);
  const cells = new Uint32Array(training.length);
  const append = (name: string, levelCount: number): void => {
    pick(name).forEach((level, i) => {
      cells[i] = levelCount * (cells[i] ?? 0) + level;
    });
  };
  if (design.group !== undefined) append(design.group.variable, design.group.levels.length);
  for (const { name, levels } of design.stratumVariables) append(name, levels.length);
  return { cells, events, days };
}

function countVectors(design: IncidenceDesign, { cells, events }: CellRows): readonly (readonly [string, Float64Array])[] {
  const length = cellCount(design);
  const [patients, totals, withEvent] = [new Float64Array(length), new Float64Array(length), new Float64Array(length)];
  cells.forEach((cell, i) => {
    const count = events[i] ?? 0;
    patients[cell] = (patients[cell] ?? 0) + 1;
    totals[cell] = (totals[cell] ?? 0) + count;
    withEvent[cell] = (withEvent[cell] ?? 0) + (count > 0 ? 1 : 0);
  });
  const groups = new Float64Array(design.groupCount);
  patients.forEach((count, cell) => {
    if (count > 0) groups[Math.floor(cell / design.strata.length)] = 1;
  });
  return [
    ["patientsByCell", patients],
    ["eventsByCell", totals],
    ["patientsWithEvent", withEvent],
    ["hospitalsByCell", patients.map((count) => (count > 0 ? 1 : 0))],
    ["hospitalsByGroup", groups],
  ];
}

const sumByCell = (design: IncidenceDesign, { cells, days }: CellRows): Float64Array => sumBy(cells, days, cellCount(design));

const sumByGroup = (design: IncidenceDesign, { cells, days }: CellRows): Float64Array =>
  sumBy(
    cells.map((cell) => Math.floor(cell / design.strata.length)),
    days,
    design.groupCount,
  );

/** Σ of the values of each index, compensated. */
function sumBy(indices: Uint32Array, values: Float64Array, length: number): Float64Array {
  const sums = new Float64Array(length);
  const lost = new Float64Array(length);
  indices.forEach((index, i) => {
    const [sum, value] = [sums[index] ?? 0, values[i] ?? 0];
    const next = sum + value;
    lost[index] = (lost[index] ?? 0) + (Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum);
    sums[index] = next;
  });
  return sums.map((sum, index) => sum + (lost[index] ?? 0));
}

const EVENT_NOT_A_COUNT: Words = {
  what: text("the number of events of a row is no whole number from 0.", "사건 수가 0 이상의 정수가 아닌 행이 있습니다."),
  remedy: text("Correct the expression of the event in the study.", "연구 문서에서 사건의 식을 바로잡아 주십시오."),
};
