/** What a logistic study says before any row is seen: its columns, its counted reasons, its rules. Equal at every party. */

import type { PerformanceRequest } from "@dure/statistics";
import { designMatrix, type StudyDocument } from "@dure/study";
import type { Feature } from "../column-support.ts";
import { excludedReasons } from "../excluded-reasons.ts";
import { withRole } from "../roles.ts";
import { type Subgroup, subgroupsOf } from "../subgroups.ts";

export interface LogisticDesign {
  readonly studyId: string;
  readonly outcome: string;
  /** Columns of the design matrix, in the order of the document. */
  readonly features: readonly Feature[];
  /** Cells that the columns give away by subtraction: counted with the support, in no model. */
  readonly impliedCells: readonly Feature[];
  /** Intercept first. */
  readonly terms: readonly string[];
  /** Five fits that each leave one fold of rows out; where the study holds rows out itself there are none. */
  readonly hasFolds: boolean;
  readonly minimumCell: number;
  readonly subgroups: readonly Subgroup[];
  /** What the study asks about decisions by predicted risk. */
  readonly performance: Omit<PerformanceRequest, "minimumCell">;
  /** Reasons for which rows are left out; every site counts each of them, so that the layout is the same everywhere. */
  readonly reasons: readonly string[];
}

const interceptName = "(intercept)";

/** Fails: throws on a study that is no logistic regression or lacks an outcome: the study's schema admits neither. */
export function logisticDesign(study: StudyDocument): LogisticDesign {
  const outcome = study.data.variables.find((variable) => variable.role === "outcome");
  if (study.analysis.kind !== "logistic-regression" || outcome === undefined)
    throw new RangeError("not a logistic regression with an outcome");
  const { columns: features, impliedCells } = designMatrix(study);
  return {
    studyId: study.id,
    outcome: outcome.name,
    features,
    impliedCells,
    terms: [interceptName, ...features.map((feature) => feature.name)],
    hasFolds: study.data.split === undefined,
    minimumCell: study.privacy.minimumCell,
    subgroups: subgroupsOf(study),
    performance: { thresholds: study.evaluation.thresholds ?? [], decisionCurve: study.evaluation.decisionCurve === true },
    reasons: excludedReasons(study, [outcome, ...withRole(study, "feature"), ...withRole(study, "subgroup")]),
  };
}
