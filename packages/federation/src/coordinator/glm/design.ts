/** What a study of a generalised linear model says before any row is seen. Equal at every party. */

import type { Glm } from "@dure/statistics";
import { type DesignColumn, designMatrix, type GeneralisedLinearModel, type StudyDocument } from "@dure/study";
import { excludedReasons } from "../excluded-reasons.ts";

export interface GlmDesign {
  readonly studyId: string;
  readonly model: Glm;
  readonly outcome: string;
  readonly offset: string | undefined;
  readonly weight: string | undefined;
  /** Columns of the design matrix, in the order of the document. */
  readonly features: readonly DesignColumn[];
  /** Counted with the support, in no model. */
  readonly impliedCells: readonly DesignColumn[];
  readonly names: readonly string[];
  /** Every hospital has an intercept of its own, which no sum holds. */
  readonly hasOwnIntercepts: boolean;
  readonly errors: GeneralisedLinearModel["errors"];
  readonly tests: readonly ("wald" | "score" | "likelihood-ratio")[];
  /** Terms that are tested, each with its columns: its own and those of the products that it is part of. */
  readonly terms: readonly { readonly name: string; readonly columns: readonly number[] }[];
  /** Columns whose effect is compared between hospitals; empty where none is. */
  readonly comparedColumns: readonly number[];
  readonly comparedFeature: string | undefined;
  readonly penalty: { readonly kind: "ridge" | "elastic-net"; readonly mix: number; readonly lambda: number | undefined } | undefined;
  /** λ is chosen by leaving each fifth of the rows out in turn. */
  readonly hasFolds: boolean;
  readonly minimumCell: number;
  readonly reasons: readonly string[];
}

export const interceptName = "(intercept)";

/** Of `errors: site-clustered`: with fewer hospitals the variance between them is no estimate, and could tell who is who. */
export const CLUSTERS_MIN = 5;

/** Fails: throws on a study that is no generalised linear model: the study's schema admits none here. */
export function glmDesign(study: StudyDocument): GlmDesign {
  const { analysis } = study;
  const { variables } = study.data;
  const outcome = variables.find((variable) => variable.role === "outcome");
  if (analysis.kind !== "generalised-linear-model" || outcome === undefined) throw new RangeError("not a generalised linear model");
  const { columns: features, impliedCells } = designMatrix(study);
  const nameOf = (role: string): string | undefined => variables.find((variable) => variable.role === role)?.name;
  const used = variables.filter(({ role }) => role === "outcome" || role === "feature" || role === "offset" || role === "weight");
  return {
    studyId: study.id,
    model: modelOf(analysis),
    outcome: outcome.name,
    offset: nameOf("offset"),
    weight: nameOf("weight"),
    features,
    impliedCells,
    names: features.map(({ name }) => name),
    hasOwnIntercepts: analysis.siteEffects === "fixed",
    errors: analysis.errors,
    tests: analysis.tests ?? [],
    terms: termsOf(features),
    comparedColumns: analysis.heterogeneity === undefined ? [] : columnsOfTerm(features, analysis.heterogeneity),
    comparedFeature: analysis.heterogeneity,
    penalty: penaltyOf(analysis),
    hasFolds: analysis.penalty !== undefined && analysis.penalty.lambda === undefined,
    minimumCell: study.privacy.minimumCell,
    reasons: excludedReasons(study, used),
  };
}

/** The study's rules admit only the pairs of family and link that there are. */
function modelOf({ family, link }: GeneralisedLinearModel): Glm {
  switch (family) {
    case "linear":
      return { family, link: "identity" };
    case "logistic":
      return { family, link: "logit" };
    case "gamma":
      return { family, link: link === "inverse" ? "inverse" : "log" };
    default:
      return { family, link: "log" };
  }
}

function penaltyOf({ penalty }: GeneralisedLinearModel): GlmDesign["penalty"] {
  if (penalty === undefined) return undefined;
  return { kind: penalty.kind, mix: penalty.kind === "ridge" ? 0 : (penalty.mix ?? 0.5), lambda: penalty.lambda };
}

const termsOf = (features: readonly DesignColumn[]): GlmDesign["terms"] =>
  [...new Set(features.map(({ term }) => term))].map((name) => ({ name, columns: columnsOfTerm(features, name) }));

/** A main effect without the products that it is in would be tested at the reference level of the others: they go with it. */
function columnsOfTerm(features: readonly DesignColumn[], term: string): readonly number[] {
  const variables = term.split(":");
  return features.flatMap((column, j) => {
    const own = column.term.split(":");
    return variables.every((variable) => own.includes(variable)) ? [j] : [];
  });
}

/** Coefficients that the sums tell: columns, the intercept or the hospitals' own, θ. */
export const parameterCount = (design: GlmDesign, siteCount: number): number =>
  design.features.length + (design.hasOwnIntercepts ? siteCount : 1) + Number(hasTheta(design));

/** Two classes of a logistic family; of counts, patients with one and those without; else one. */
export const isBinary = ({ model }: Pick<GlmDesign, "model">): boolean => model.family === "logistic";
export const isCounted = ({ model }: Pick<GlmDesign, "model">): boolean =>
  model.family === "poisson" || model.family === "negative-binomial";

export const hasTheta = ({ model }: Pick<GlmDesign, "model">): boolean => model.family === "negative-binomial";

/** Coefficients in the space that sites know: intercept, columns, log θ. */
export const siteOrder = (design: GlmDesign): number => design.features.length + 1 + Number(hasTheta(design));
