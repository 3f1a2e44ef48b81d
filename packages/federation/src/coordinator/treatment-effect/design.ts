/** What a study of a treatment says before any row is seen. Equal at every party. */

import type { Estimand, MeanModel, TimeGrid } from "@dure/statistics";
import { designMatrix, type StudyDocument, type TreatmentEffect, type Variable } from "@dure/study";
import type { Estimator } from "../../treatment-effect-result.ts";
import type { Feature } from "../column-support.ts";
import { excludedReasons } from "../excluded-reasons.ts";

export type Weighting = "iptw" | "overlap";

export interface Subgroup {
  readonly variable: string;
  /** By the number that a row has there. */
  readonly levels: readonly string[];
}

export interface TreatmentDesign {
  readonly treatment: string;
  readonly outcomeModel: TreatmentEffect["outcomeModel"];
  /** One number a row; absent of a survival outcome. */
  readonly outcome: { readonly name: string; readonly isBoolean: boolean } | undefined;
  readonly survival: { readonly time: string; readonly event: string } | undefined;
  readonly features: readonly Feature[];
  readonly impliedCells: readonly Feature[];
  readonly names: readonly string[];
  readonly estimators: readonly Estimator[];
  readonly estimand: "ate" | "att";
  readonly stabilised: boolean;
  readonly truncation: number;
  readonly siteTerms: boolean;
  /** Those that an estimator uses. */
  readonly weightings: readonly Weighting[];
  /** Of the regression of the outcome on treatment, columns and their products, where an estimator uses one. */
  readonly outcomeRegression: MeanModel | undefined;
  readonly controls: readonly string[];
  readonly subgroups: readonly Subgroup[];
  /** Of weighted survival curves. */
  readonly grid: TimeGrid | undefined;
  readonly at: readonly number[];
  readonly minimumCell: number;
  readonly reasons: readonly string[];
}

/** Fails: RangeError on a study that is none of a treatment or lacks treatment and outcome: the study's schema admits neither. */
export function treatmentDesign(study: StudyDocument): TreatmentDesign {
  const { analysis } = study;
  const { variables } = study.data;
  const ofRole = (role: Variable["role"]): readonly Variable[] => variables.filter((variable) => variable.role === role);
  const [[treatment], [outcome], [time], [event]] = [ofRole("treatment"), ofRole("outcome"), ofRole("time"), ofRole("event")];
  if (analysis.kind !== "treatment-effect" || treatment === undefined) throw new RangeError("not a treatment effect with a treatment");
  if (outcome === undefined && (time === undefined || event === undefined)) throw new RangeError("a treatment effect without an outcome");
  const { estimators, outcomeModel, horizonDays } = analysis;
  const { columns: features, impliedCells } = designMatrix(study);
  const isWeighting = (estimator: Weighting): boolean =>
    estimators.some((own) => own === estimator || (own === "aipw" && estimator === "iptw"));
  const hasRegression =
    outcomeModel !== "cox" && outcomeModel !== "kaplan-meier" && estimators.some((own) => own === "aipw" || own === "g-computation");
  const used = ["treatment", "outcome", "time", "event", "feature", "negative-control", "subgroup"];
  return {
    treatment: treatment.name,
    outcomeModel,
    outcome: outcome === undefined ? undefined : { name: outcome.name, isBoolean: outcome.type === "boolean" },
    survival: outcome === undefined && time !== undefined && event !== undefined ? { time: time.name, event: event.name } : undefined,
    features,
    impliedCells,
    names: features.map(({ name }) => name),
    estimators,
    estimand: analysis.estimand,
    stabilised: analysis.stabilised,
    truncation: analysis.truncation ?? 0,
    siteTerms: analysis.siteTerms,
    weightings: (["iptw", "overlap"] as const).filter(isWeighting),
    outcomeRegression: hasRegression ? outcomeModel : undefined,
    controls: ofRole("negative-control").map(({ name }) => name),
    subgroups: ofRole("subgroup").map(({ name, levels }) => ({ variable: name, levels: (levels ?? ["no", "yes"]).map(String) })),
    grid: outcomeModel === "kaplan-meier" ? { binWidthDays: analysis.timeBinDays ?? 1, horizonDays: horizonDays ?? 1 } : undefined,
    at: analysis.at ?? [],
    minimumCell: study.privacy.minimumCell,
    reasons: excludedReasons(
      study,
      variables.filter(({ role }) => used.includes(role)),
    ),
  };
}

export const estimandOf = ({ estimand }: TreatmentDesign, estimator: Estimator): Estimand => (estimator === "overlap" ? "ato" : estimand);

/** Terms of the regression of the outcome, without the intercept. */
export const regressionNames = ({ treatment, names }: TreatmentDesign): readonly string[] => [
  treatment,
  ...names,
  ...names.map((name) => `${treatment}:${name}`),
];

/** Whether the outcome, an event among them, is yes or no. */
export const hasCases = ({ outcome }: TreatmentDesign): boolean => outcome === undefined || outcome.isBoolean;

export const outcomeName = ({ outcome, survival }: TreatmentDesign): string => outcome?.name ?? survival?.event ?? "";

/** Coefficients of the largest model, intercepts included: what the rows of a site and of all sites are held against. */
export function parameterCountMax({ names, outcomeRegression }: TreatmentDesign): number {
  return outcomeRegression === undefined ? names.length + 1 : 2 * names.length + 2;
}
