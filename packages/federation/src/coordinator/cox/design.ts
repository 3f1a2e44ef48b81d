/** What a Cox study says before any row is seen. Equal at every party. */

import type { Ties, TimeGrid } from "@dure/statistics";
import { designMatrix, type StudyDocument } from "@dure/study";
import type { Feature } from "../column-support.ts";
import { type EventCode, eventCode } from "../event-code.ts";
import { excludedReasons } from "../excluded-reasons.ts";
import { withRole } from "../roles.ts";
import { type Subgroup, subgroupsOf } from "../subgroups.ts";

export interface CoxDesign {
  readonly studyId: string;
  readonly time: string;
  readonly event: string;
  /** Which value of the event is the one whose hazard is modelled; the others end a follow-up. */
  readonly cause: EventCode;
  /** Start of a row's time at risk; undefined where all are at risk from 0. */
  readonly entry: string | undefined;
  /** Whose row it is; undefined where every row is a person's. */
  readonly person: string | undefined;
  /** Columns of the design matrix, in the order of the document. */
  readonly features: readonly Feature[];
  /** Cells that the columns give away by subtraction: counted with the support, in no model. */
  readonly impliedCells: readonly Feature[];
  readonly names: readonly string[];
  readonly ties: Ties;
  /** Times at which a baseline hazard is given, ascending. */
  readonly at: readonly number[];
  /** One baseline hazard for all hospitals, on this public grid; undefined where each has its own. */
  readonly grid: TimeGrid | undefined;
  /** Five fits that each leave one fold of rows out; where the study holds rows out itself there are none, nor on a grid. */
  readonly hasFolds: boolean;
  /** The study holds rows out. */
  readonly hasSplit: boolean;
  readonly subgroups: readonly Subgroup[];
  readonly minimumCell: number;
  readonly reasons: readonly string[];
}

/** Fails: RangeError on a study that is no Cox regression or lacks time or event: the study's schema admits neither. */
export function coxDesign(study: StudyDocument): CoxDesign {
  const { analysis } = study;
  const byRole = (role: string) => study.data.variables.find((variable) => variable.role === role);
  const [time, event, entry, person] = ["time", "event", "entry", "person"].map(byRole);
  if (analysis.kind !== "cox" || time === undefined || event === undefined)
    throw new RangeError("not a Cox regression with time and event");
  const { columns: features, impliedCells } = designMatrix(study);
  const { horizonDays, timeBinDays = 1 } = analysis;
  const grid = analysis.strata === undefined && horizonDays !== undefined ? { binWidthDays: timeBinDays, horizonDays } : undefined;
  const variables = [time, event, ...[entry, person].flatMap((variable) => variable ?? [])];
  return {
    studyId: study.id,
    time: time.name,
    event: event.name,
    cause: eventCode(event, analysis.cause),
    entry: entry?.name,
    person: person?.name,
    features,
    impliedCells,
    names: features.map((feature) => feature.name),
    ties: analysis.ties,
    at: analysis.at,
    grid,
    hasFolds: study.data.split === undefined && grid === undefined,
    hasSplit: study.data.split !== undefined,
    subgroups: subgroupsOf(study),
    minimumCell: study.privacy.minimumCell,
    reasons: excludedReasons(study, [...variables, ...withRole(study, "feature"), ...withRole(study, "subgroup")]),
  };
}
