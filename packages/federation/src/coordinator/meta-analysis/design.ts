/** What a meta-analysis says before any row is seen. Equal at every party. */

import { designMatrix, type MetaAnalysis, type StudyDocument, type Variable } from "@dure/study";
import type { Feature } from "../column-support.ts";
import { excludedReasons } from "../excluded-reasons.ts";

export interface MetaAnalysisDesign {
  readonly model: MetaAnalysis["model"];
  readonly effects: MetaAnalysis["effects"];
  readonly reason: string;
  /** Columns of the design matrix, in the order of the document. */
  readonly features: readonly Feature[];
  /** Cells that the columns give away by subtraction: counted with the support, in no model. */
  readonly impliedCells: readonly Feature[];
  /** Coefficients that are pooled; the intercept first, where the model has one. */
  readonly terms: readonly string[];
  /** The variable whose 1 is counted as an event; undefined of a linear or a Poisson model. */
  readonly event: string | undefined;
  readonly minimumCell: number;
  /** Fewer hospitals with a fit of their own are refused. */
  readonly hospitalsMin: number;
  readonly reasons: readonly string[];
}

/** Two colluding hospitals subtract their own; at least one must be left beside the one that is asked about. */
const HOSPITALS_MIN = 3;

/** What can keep a hospital's own fit out, in the order in which such hospitals are counted. */
export const LEFT_OUT_REASONS = [
  "too-few-rows",
  "too-few-events",
  "one-class",
  "no-events",
  "constant-column",
  "collinear-column",
  "separated",
  "not-converged",
  "unsupported-column",
  "other",
] as const;
export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

/** Fails: RangeError on a study that is no meta-analysis: the study's schema and rules admit none. */
export function metaAnalysisDesign(study: StudyDocument): MetaAnalysisDesign {
  const { analysis } = study;
  if (analysis.kind !== "meta-analysis") throw new RangeError("not a meta-analysis");
  const { columns: features, impliedCells } = designMatrix(study);
  const names = features.map(({ name }) => name);
  const { variables } = study.data;
  const byRole = (role: Variable["role"]) => variables.find((variable) => variable.role === role);
  const event = analysis.model === "cox" ? byRole("event") : analysis.model === "logistic" ? byRole("outcome") : undefined;
  return {
    model: analysis.model,
    effects: analysis.effects,
    reason: analysis.reason,
    features,
    impliedCells,
    terms: analysis.model === "cox" ? names : ["(intercept)", ...names],
    event: event?.name,
    minimumCell: study.privacy.minimumCell,
    hospitalsMin: Math.max(HOSPITALS_MIN, study.privacy.secureSum.minimumSites),
    reasons: excludedReasons(study, variables),
  };
}

/** The study that a hospital runs on its own rows alone; nothing is held out for cross-validation. */
export function ownStudy(study: StudyDocument): StudyDocument {
  const { data, evaluation } = study;
  return {
    ...study,
    data: { ...data, split: data.split ?? {} },
    analysis: ownAnalysis(study),
    evaluation: { ...evaluation, localModels: false },
  };
}

function ownAnalysis({ analysis }: StudyDocument): StudyDocument["analysis"] {
  if (analysis.kind !== "meta-analysis") throw new RangeError("not a meta-analysis");
  switch (analysis.model) {
    case "logistic":
      return { kind: "logistic-regression", standardise: true };
    case "cox":
      return { kind: "cox", ties: "efron", strata: "site", at: [365] };
    case "linear":
    case "poisson":
      return { kind: "generalised-linear-model", family: analysis.model, errors: "model" };
  }
}
