/** Cumulative incidence over hospitals, the half that sees rows: it counts them. */

import type { Contribution } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import { binCount, binOf } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../../analysis.ts";
import { type CumulativeIncidenceDesign, cumulativeIncidenceDesign } from "../../coordinator/cumulative-incidence/design.ts";
import type { CumulativeIncidenceState } from "../../coordinator/cumulative-incidence/state.ts";
import type { SiteEvaluation } from "../../result.ts";
import type { FiguresRequest, SiteFigures } from "../figures.ts";
import { columnOf } from "../gathered-columns.ts";
import { countExcluded } from "../row-counts.ts";
import { eventNotALevel, negativeTime } from "../unusable-rows.ts";

/** Fails: DureError `federation/negative-time` or `federation/event-not-a-level`: this hospital takes no part. */
export function cumulativeIncidenceSite(study: StudyDocument): SitePart<CumulativeIncidenceState, AnalysisTable> {
  const design = cumulativeIncidenceDesign(study);
  return {
    contribute: (_state, table) => {
      const { causes, censored, beyond } = countTable(design, table);
      const hospitals = design.groups.map((_, group) => (hasRows(design, { causes, censored, beyond }, group) ? 1 : 0));
      const vectors = new Map([
        ["causesByDay", causes],
        ["censoredByDay", censored],
        ["followedToEnd", beyond],
        ["hospitalsByGroup", Float64Array.from(hospitals)],
        ["excluded", countExcluded(design, table)],
      ]);
      return { vectors, influence: [] } satisfies Contribution;
    },
  };
}

/** Rows and events of any cause of this hospital, up to the horizon; nothing of one that has no row. */
export async function cumulativeIncidenceFigures(study: StudyDocument, request: FiguresRequest): Promise<SiteFigures | undefined> {
  const design = cumulativeIncidenceDesign(study);
  const { causes, censored, beyond } = countTable(design, request.table);
  const [events, rest] = [causes, [...censored, ...beyond]].map((counts) => [...counts].reduce((sum, count) => sum + count, 0));
  const n = (events ?? 0) + (rest ?? 0);
  const { site, role } = request;
  const evaluation: SiteEvaluation = { site, role, n, events: events ?? 0, auc: {} };
  return n === 0 ? undefined : { evaluation, localOnExternal: [] };
}

/** Whole counts; by group, of causes by group and cause, one behind the other. */
interface Counts {
  readonly causes: Float64Array;
  readonly censored: Float64Array;
  readonly beyond: Float64Array;
}

/** Rows that the study does not hold out. O(n + groups × causes × bins). */
function countTable(design: CumulativeIncidenceDesign, table: AnalysisTable): Counts {
  // A code that is not known may be another kind of event: such rows are not quietly left out.
  if (table.excluded.some(({ reason }) => reason === design.otherReason)) throw eventNotALevel(design.event);
  const bins = binCount(design.grid);
  const { groups, causes } = design;
  const counts = {
    causes: new Float64Array(groups.length * causes.length * bins),
    censored: new Float64Array(groups.length * bins),
    beyond: new Float64Array(groups.length),
  };
  const [times, codes, groupOf] = [columnOf(table, design.time), columnOf(table, design.event), groupsOf(design, table)];
  const causeOf = new Map(causes.map(({ value }, cause) => [value, cause]));
  for (let row = 0; row < table.rowCount; row++) {
    if (table.heldOut[row] === 1) continue;
    const [time, group, cause] = [times[row] ?? Number.NaN, groupOf[row] ?? 0, causeOf.get(codes[row] ?? Number.NaN)];
    if (!(time >= 0)) throw negativeTime(design.time);
    if (time > design.grid.horizonDays) {
      add(counts.beyond, group);
      continue;
    }
    const bin = binOf(time, design.grid.binWidthDays);
    if (cause === undefined) add(counts.censored, group * bins + bin);
    else add(counts.causes, (group * causes.length + cause) * bins + bin);
  }
  return counts;
}

function add(counts: Float64Array, place: number): void {
  counts[place] = (counts[place] ?? 0) + 1;
}

function groupsOf({ groupVariables }: CumulativeIncidenceDesign, table: AnalysisTable): Uint32Array {
  const groups = new Uint32Array(table.rowCount);
  for (const { name, levelCount } of groupVariables) {
    const values = columnOf(table, name);
    for (let row = 0; row < groups.length; row++) groups[row] = levelCount * (groups[row] ?? 0) + (values[row] ?? 0);
  }
  return groups;
}

function hasRows({ binCount: bins, causes }: CumulativeIncidenceDesign, counts: Counts, group: number): boolean {
  const any = (values: Float64Array, width: number): boolean =>
    values.subarray(group * width, (group + 1) * width).some((count) => count > 0);
  return any(counts.causes, causes.length * bins) || any(counts.censored, bins) || (counts.beyond[group] ?? 0) > 0;
}
