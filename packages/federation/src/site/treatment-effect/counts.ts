/** One site's plain counts of the first round: arms, outcomes by arm, reasons for exclusion, and the support of every column and level. */

import type { AnalysisTable } from "@dure/records";
import { countSurvival } from "@dure/statistics";
import { supportedColumns } from "../../coordinator/column-support.ts";
import { asksForVariation, countsJointly } from "../../coordinator/treatment-effect/counts.ts";
import { hasCases, type TreatmentDesign } from "../../coordinator/treatment-effect/design.ts";
import { featureColumn } from "../feature-rows.ts";
import { levelSites } from "../level-sites.ts";
import { countExcluded, countOffMode } from "../row-counts.ts";
import { negativeTime } from "../unusable-rows.ts";
import type { TreatmentRows } from "./rows.ts";

export function countTreatment(design: TreatmentDesign, table: AnalysisTable, rows: TreatmentRows): ReadonlyMap<string, Float64Array> {
  const { treated, outcome, controls } = rows;
  const everybody = new Float64Array(rows.rowCount).fill(1);
  const arms = countByArm(treated, everybody);
  const levels = design.subgroups.flatMap(({ levels: of }, i) =>
    of.map((_, level) => (rows.subgroups[i] ?? everybody).map((own) => Number(own === level))),
  );
  const vectors: readonly (readonly [string, Iterable<number>])[] = [
    ["arms", arms],
    ["hospitalsByArm", arms.map((count) => Number(count > 0))],
    ["armOutcomes", hasCases(design) ? countByArm(treated, outcome) : offModeByArm(treated, outcome)],
    ["excluded", countExcluded(design, table)],
    ["support", support(design, rows, countCells)],
    ["jointSupport", countsJointly(design) ? support(design, rows, countJointCells) : []],
    ["controlsByArm", controls.flatMap((control) => countByArm(treated, control))],
    ["levelsByArm", levels.flatMap((level) => countByArm(treated, level))],
    ["levelOutcomes", levels.flatMap((level) => levelOutcomes(design, rows, level))],
    [
      "hospitalsByLevelArm",
      design.minimumCell === 0 ? [] : levels.flatMap((level) => countByArm(treated, level).map((count) => Number(count > 0))),
    ],
    ...levelSites(design, rows.features),
    ["hospitalsVarying", asksForVariation(design) ? design.features.map((_, j) => Number(varies(featureColumn(rows.features, j)))) : []],
    ...countByDay(design, rows),
  ];
  const filled = vectors.map(([name, values]) => [name, Float64Array.from(values)] as const);
  return new Map(filled.filter(([, { length }]) => length > 0));
}

const varies = (column: Float64Array): boolean => column.some((value) => value !== column[0]);

/** Untreated and treated rows for which `holds` is 1. */
function countByArm(treated: Float64Array, holds: Float64Array): readonly [number, number] {
  const counts: [number, number] = [0, 0];
  for (let i = 0; i < treated.length; i++) if (holds[i] === 1) counts[treated[i] === 1 ? 1 : 0]++;
  return counts;
}

const offModeByArm = (treated: Float64Array, values: Float64Array): readonly number[] =>
  [0, 1].map((arm) => countOffModeWhere(values, (i) => treated[i] === arm));

function countOffModeWhere(values: Float64Array, holds: (row: number) => boolean): number {
  const kept = values.filter((_, i) => holds(i));
  return kept.length === 0 ? 0 : countOffMode(kept, { from: 0, to: kept.length });
}

function levelOutcomes(design: TreatmentDesign, { treated, outcome }: TreatmentRows, level: Float64Array): readonly number[] {
  if (hasCases(design))
    return countByArm(
      treated,
      level.map((holds, i) => holds * (outcome[i] ?? 0)),
    );
  return [0, 1].map((arm) => countOffModeWhere(outcome, (i) => level[i] === 1 && treated[i] === arm));
}

type Cells = (column: Float64Array, rows: TreatmentRows, isBoolean: boolean) => readonly number[];

const support = (design: TreatmentDesign, rows: TreatmentRows, cells: Cells): readonly number[] =>
  supportedColumns(design).flatMap(({ type }, j) => cells(featureColumn(rows.features, j), rows, type === "boolean"));

/** Level 0 untreated, level 0 treated, level 1 untreated, level 1 treated; of a number the rows off its most frequent value. */
const countCells: Cells = (column, { treated }, isBoolean) => {
  if (!isBoolean) return [countOffMode(column, { from: 0, to: column.length })];
  return [
    ...countByArm(
      treated,
      column.map((value) => Number(value !== 1)),
    ),
    ...countByArm(treated, column),
  ];
};

/** By arm, level and class; of a number the rows of each arm off its most frequent value there. */
const countJointCells: Cells = (column, { treated, outcome }, isBoolean) => {
  if (!isBoolean) return offModeByArm(treated, column);
  const counts = new Array<number>(8).fill(0);
  for (let i = 0; i < column.length; i++) {
    const cell = (treated[i] === 1 ? 4 : 0) + (column[i] === 1 ? 2 : 0) + (outcome[i] === 1 ? 1 : 0);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  return counts;
};

function countByDay(
  { grid, survival }: TreatmentDesign,
  { times, outcome, treated }: TreatmentRows,
): readonly (readonly [string, Iterable<number>])[] {
  if (grid === undefined || times === undefined) return [];
  const counts = countSurvival({ timesDays: times, events: outcome, groups: Uint8Array.from(treated), groupCount: 2 }, grid);
  if (counts.negativeCount > 0) throw negativeTime(survival?.time ?? "");
  return [
    ["eventsByDay", counts.events],
    ["censoredByDay", counts.censored],
    ["followedToEnd", counts.beyond],
  ];
}
