/** Kaplan-Meier over hospitals, the half that sees rows: it counts them, and compares its own groups where the test is within hospitals. */

import { unreachable } from "@dure/kernel";
import type { Contribution } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import { countSurvival, logRankSums, type SurvivalCounts, type SurvivalRows } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../../analysis.ts";
import { type KaplanMeierDesign, kaplanMeierDesign } from "../../coordinator/kaplan-meier/design.ts";
import { groupBins, riskSetsIn } from "../../coordinator/kaplan-meier/group-bins.ts";
import type { KaplanMeierState, StrataState } from "../../coordinator/kaplan-meier/state.ts";
import type { SiteEvaluation } from "../../result.ts";
import type { FiguresRequest, SiteFigures } from "../figures.ts";
import { columnOf, gatherInto } from "../gathered-columns.ts";
import { countExcluded } from "../row-counts.ts";
import { eventNotBoolean, negativeTime } from "../unusable-rows.ts";

/** Fails: DureError `federation/negative-time` or `federation/event-not-boolean`: this hospital takes no part. */
export function kaplanMeierSite(study: StudyDocument): SitePart<KaplanMeierState, AnalysisTable> {
  const design = kaplanMeierDesign(study);
  const counts = (table: AnalysisTable): SurvivalCounts => countTable(design, table);
  return {
    contribute: (state, table) => {
      switch (state.phase) {
        case "counts":
          return contributeCounts(design, counts(table), table);
        case "strata":
          return contributeStrata(design, state, counts(table));
        default:
          return unreachable(state);
      }
    },
  };
}

/** Rows and events of this hospital, events up to the horizon; nothing of one that has no row. */
export async function kaplanMeierFigures(study: StudyDocument, request: FiguresRequest): Promise<SiteFigures | undefined> {
  const design = kaplanMeierDesign(study);
  const { timesDays, events: observed } = survivalRows(design, request.table);
  let events = 0;
  for (let i = 0; i < timesDays.length; i++) if (observed[i] === 1 && (timesDays[i] ?? 0) <= design.grid.horizonDays) events++;
  const { site, role } = request;
  const evaluation: SiteEvaluation = { site, role, n: timesDays.length, events, auc: {} };
  return timesDays.length === 0 ? undefined : { evaluation, localOnExternal: [] };
}

/** A code for the event that is neither 0 nor 1 is left out of the table; here it may be another kind of event, and ends the analysis. */
function countTable(design: KaplanMeierDesign, table: AnalysisTable): SurvivalCounts {
  if (table.excluded.some(({ reason }) => reason === `${design.event}: not 0 or 1`)) throw eventNotBoolean(design.event);
  const counts = countSurvival(survivalRows(design, table), design.grid);
  if (counts.negativeCount > 0) throw negativeTime(design.time);
  return counts;
}

/** Rows that the study does not hold out. O(n); columns are copied only where it holds some out. */
function survivalRows(design: KaplanMeierDesign, table: AnalysisTable): SurvivalRows {
  const training = table.heldOut.includes(1) ? trainingRows(table) : undefined;
  const column = (name: string): Float64Array => {
    const values = columnOf(table, name);
    if (training === undefined) return values;
    const own = new Float64Array(training.length);
    gatherInto(values, training, own);
    return own;
  };
  const timesDays = column(design.time);
  const groups = new Uint8Array(timesDays.length);
  for (const { name, levelCount } of design.groupVariables) {
    const values = column(name);
    for (let i = 0; i < groups.length; i++) groups[i] = levelCount * (groups[i] ?? 0) + (values[i] ?? 0);
  }
  return { timesDays, events: column(design.event), groups, groupCount: design.groups.length };
}

function trainingRows(table: AnalysisTable): Uint32Array {
  const rows = new Uint32Array(table.rowCount);
  let count = 0;
  for (let row = 0; row < table.rowCount; row++) if (table.heldOut[row] !== 1) rows[count++] = row;
  return rows.subarray(0, count);
}

function contributeCounts(design: KaplanMeierDesign, counts: SurvivalCounts, table: AnalysisTable): Contribution {
  const hospitals = design.groups.map((_, group) => (groupBins(counts, group, design.binCount).n > 0 ? 1 : 0));
  const vectors = new Map([
    ["eventsByDay", counts.events],
    ["censoredByDay", counts.censored],
    ["followedToEnd", counts.beyond],
    ["hospitalsByGroup", Float64Array.from(hospitals)],
    ["excluded", countExcluded(design, table)],
  ]);
  return { vectors, influence: [] };
}

function contributeStrata(design: KaplanMeierDesign, { ends }: StrataState, counts: SurvivalCounts): Contribution {
  const sets = design.groups.map((_, group) => riskSetsIn(groupBins(counts, group, design.binCount), ends));
  const { expected, covariance } = logRankSums({
    groupCount: sets.length,
    timeCount: ends.length,
    atRisk: sets.flatMap(({ atRisk }) => atRisk),
    events: sets.flatMap(({ events }) => events),
  });
  const vectors = new Map([
    ["expectedEvents", expected],
    ["logRankCovariance", covariance],
  ]);
  return { vectors, influence: [] };
}
