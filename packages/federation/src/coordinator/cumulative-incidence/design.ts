/** What a study of cumulative incidence says before any row is seen. Equal at every party. */

import { binCount, type SurvivalInterval, type TimeGrid } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import { type Cause, causesOf } from "../event-code.ts";
import { excludedReasons } from "../excluded-reasons.ts";
import { type GroupLevels, type GroupVariable, groupsOf, groupVariablesOf } from "../groups.ts";
import { withRole } from "../roles.ts";

export interface CumulativeIncidenceDesign {
  readonly time: string;
  readonly event: string;
  /** Value of the event of those who had none. */
  readonly none: number;
  readonly causes: readonly Cause[];
  readonly groupVariables: readonly GroupVariable[];
  readonly groups: readonly GroupLevels[];
  readonly grid: TimeGrid;
  /** Bins of the grid, with that of time 0. */
  readonly binCount: number;
  /** Days, ascending. */
  readonly at: readonly number[];
  readonly intervals: SurvivalInterval;
  readonly minimumCell: number;
  readonly reasons: readonly string[];
  /** Why a row with another code of the event was left out of the table. */
  readonly otherReason: string;
}

/** Fails: RangeError on a study of another kind or one that lacks time or event: the study's schema admits neither. */
export function cumulativeIncidenceDesign(study: StudyDocument): CumulativeIncidenceDesign {
  const { analysis } = study;
  const [time, event] = [withRole(study, "time")[0], withRole(study, "event")[0]];
  if (analysis.kind !== "cumulative-incidence" || time === undefined || event === undefined)
    throw new RangeError("not a cumulative incidence with time and event");
  const variables = withRole(study, "group");
  const causes = causesOf(event);
  const grid = { binWidthDays: analysis.timeBinDays, horizonDays: analysis.horizonDays };
  return {
    time: time.name,
    event: event.name,
    none: (event.levels ?? []).findIndex((_, value) => !causes.some((cause) => cause.value === value)),
    causes,
    groupVariables: groupVariablesOf(variables),
    groups: groupsOf(variables),
    grid,
    binCount: binCount(grid),
    at: analysis.at,
    intervals: analysis.intervals ?? "log",
    minimumCell: study.privacy.minimumCell,
    reasons: excludedReasons(study, [time, event, ...variables]),
    otherReason: `${event.name}: not a level`,
  };
}
