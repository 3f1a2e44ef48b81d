/** What a study of cumulative incidence says before any row is seen. Equal at every party. */

import { binCount, type SurvivalInterval, type TimeGrid } from "@dure/statistics";
import type { StudyDocument, Variable } from "@dure/study";
import { type Cause, causesOf } from "../event-code.ts";
import { excludedReasons, withRole } from "../logistic/design.ts";

/** One curve a cause: a value of each group variable. */
export type GroupLevels = { readonly [variable: string]: boolean | string | number };

export interface CumulativeIncidenceDesign {
  readonly time: string;
  readonly event: string;
  /** Value of the event of those who had none. */
  readonly none: number;
  readonly causes: readonly Cause[];
  readonly groupVariables: readonly { readonly name: string; readonly levelCount: number }[];
  /** Every combination of their levels; one without group variables. The last variable changes fastest. */
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
    groupVariables: variables.map((variable) => ({ name: variable.name, levelCount: levelsOf(variable).length })),
    groups: combinations(variables),
    grid,
    binCount: binCount(grid),
    at: analysis.at,
    intervals: analysis.intervals ?? "log",
    minimumCell: study.privacy.minimumCell,
    reasons: excludedReasons(study, [time, event, ...variables]),
    otherReason: `${event.name}: not a level`,
  };
}

/** `stage = II, treated = true`, for messages; the study's own names and no figure. */
export const groupLabel = (group: GroupLevels): string =>
  Object.entries(group)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");

const levelsOf = ({ type, levels = [] }: Variable): readonly (boolean | string | number)[] => (type === "boolean" ? [false, true] : levels);

function combinations(variables: readonly Variable[]): readonly GroupLevels[] {
  return variables.reduce<readonly GroupLevels[]>(
    (groups, variable) => groups.flatMap((group) => levelsOf(variable).map((level) => ({ ...group, [variable.name]: level }))),
    [{}],
  );
}
