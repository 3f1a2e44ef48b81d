/** What a Kaplan-Meier study says before any row is seen. Equal at every party. */

import { binCount, type SurvivalInterval, type TimeGrid } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import { excludedReasons } from "../excluded-reasons.ts";
import { type GroupLevels, type GroupVariable, groupsOf, groupVariablesOf } from "../groups.ts";
import { withRole } from "../roles.ts";

export interface KaplanMeierDesign {
  readonly time: string;
  readonly event: string;
  readonly groupVariables: readonly GroupVariable[];
  readonly groups: readonly GroupLevels[];
  readonly grid: TimeGrid;
  /** Bins of the grid, with that of time 0. */
  readonly binCount: number;
  /** Days, ascending. */
  readonly at: readonly number[];
  readonly intervals: SurvivalInterval;
  readonly restrictedMeanDays: number | undefined;
  readonly test: "none" | "pooled" | "by-site";
  readonly minimumCell: number;
  readonly reasons: readonly string[];
}

/** Fails: RangeError on a study that is no Kaplan-Meier analysis or lacks time or event: the study's schema admits neither. */
export function kaplanMeierDesign(study: StudyDocument): KaplanMeierDesign {
  const { analysis } = study;
  const { variables } = study.data;
  const [time, event] = ["time", "event"].map((role) => variables.find((variable) => variable.role === role));
  if (analysis.kind !== "kaplan-meier" || time === undefined || event === undefined)
    throw new RangeError("not a Kaplan-Meier analysis with time and event");
  const groupVariables = withRole(study, "group");
  const grid = { binWidthDays: analysis.timeBinDays, horizonDays: analysis.horizonDays };
  return {
    time: time.name,
    event: event.name,
    groupVariables: groupVariablesOf(groupVariables),
    groups: groupsOf(groupVariables),
    grid,
    binCount: binCount(grid),
    at: analysis.at,
    intervals: analysis.intervals ?? "log",
    restrictedMeanDays: analysis.restrictedMeanDays,
    test: analysis.test === undefined ? "none" : analysis.strata === "site" ? "by-site" : "pooled",
    minimumCell: study.privacy.minimumCell,
    reasons: excludedReasons(study, [time, event, ...groupVariables]),
  };
}
