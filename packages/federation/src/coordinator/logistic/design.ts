/** What a logistic study says before any row is seen: its columns, its counted reasons, its rules. Equal at every party. */

import type { PerformanceRequest } from "@dure/statistics";
import { type DesignColumn, designMatrix, type StudyDocument, type Variable } from "@dure/study";
import { type Subgroup, subgroupsOf } from "../subgroups.ts";

/** A column of the design matrix. */
export type Feature = DesignColumn;

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

export const foldCount = 5;
const interceptName = "(intercept)";

/** What makes a value missing; a reason of the table that is not listed here is counted as `<variable>: other`. */
const missingReasons = [
  "missing",
  "not a finite number",
  "not 0 or 1",
  "outside the domain of log",
  "outside the domain of log1p",
  "outside the domain of sqrt",
  "other",
] as const;

/** Rows that the research table itself leaves out, whatever the column: the table's columns are not the study's variables. */
const tableReason = "table: row not complete";

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

export const withRole = (study: StudyDocument, role: Variable["role"]): readonly Variable[] =>
  study.data.variables.filter((variable) => variable.role === role);

/** Why a row may be left out of an analysis of these variables. */
export function excludedReasons(study: StudyDocument, variables: readonly Variable[]): readonly string[] {
  const conditions = [...(study.data.split?.holdout === undefined ? [] : ["split.holdout"]), "include"];
  return [
    tableReason,
    ...variables.flatMap(({ name, type }) => [
      ...missingReasons.map((reason) => `${name}: ${reason}`),
      ...(type === "category" ? [`${name}: not a level`] : []),
    ]),
    ...conditions.flatMap((condition) => ["not met", ...missingReasons].map((reason) => `${condition}: ${reason}`)),
  ];
}

/** The place of a table's reason in `design.reasons`. */
export function reasonIndex(design: Pick<LogisticDesign, "reasons">, reason: string): number {
  const exact = design.reasons.indexOf(reason);
  if (exact >= 0) return exact;
  if (reason.startsWith("table:")) return design.reasons.indexOf(tableReason);
  const variable = reason.slice(0, Math.max(0, reason.indexOf(":")));
  const other = design.reasons.indexOf(`${variable}: other`);
  return other >= 0 ? other : design.reasons.length - 1;
}

/** Cells that the support of one column takes: a boolean's two levels in two classes, a number's rows off its most frequent value. */
export const supportCells = (feature: Feature): number => (feature.type === "boolean" ? 4 : 1);
