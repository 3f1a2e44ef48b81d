/**
 * The columns that imputation models may have, and the models that may be asked for. Equal at every party.
 *
 * A number is one column, a boolean one, a category one a level but the reference, all standardised; then the outcome, without which imputed values would
 * know nothing of it and its coefficients would shrink (Moons et al. 2006, J Clin Epidemiol 59:1092). Of a Cox regression the
 * outcome is the event and the hospital's own cumulative hazard at the patient's time (White & Royston 2009, Stat Med 28:1982). Products and
 * curves of the analysis are made of the completed values.
 *
 * A number is drawn from a linear model, a boolean from a logistic one. A category is drawn by nested dichotomies: its first level against all
 * behind it, the second against those behind that, and so on, each a logistic model of the patients who are left; their product is a
 * probability of every level (Fienberg 1980, The Analysis of Cross-Classified Categorical Data, section 6.6; Fox 2016, section 14.2.2).
 */

import { designMatrix, referenceLevel, type StudyDocument, type Variable } from "@dure/study";
import { type MissingDesign, missingDesign } from "./design.ts";

export interface PredictorColumn {
  readonly name: string;
  /** Place among the features; undefined of the outcome's columns. */
  readonly feature: number | undefined;
  /** `number`: as it is. `level`: 1 at this level and else 0. `case`: 1 of those with the outcome or event. `hazard`: see above. */
  readonly kind: "number" | "level" | "case" | "hazard";
  readonly variable: string;
  readonly level: number;
}

/** What is drawn: a number, or whether the level is this one among those from `from` on. */
export interface ImputationModel {
  readonly name: string;
  readonly feature: number;
  readonly kind: "linear" | "logistic";
  readonly level: number;
  readonly from: number;
}

export interface MultipleDesign extends MissingDesign {
  readonly studyId: string;
  readonly seed: number;
  readonly imputations: number;
  readonly iterations: number;
  readonly columns: readonly PredictorColumn[];
  /** Columns of the analysis itself. */
  readonly termCount: number;
}

/** Fails: RangeError on a study without multiple imputation. */
export function multipleDesign(study: StudyDocument): MultipleDesign {
  const { missing } = study.data;
  if (missing?.method !== "multiple-imputation") throw new RangeError("not a multiple imputation");
  const design = missingDesign(study);
  const { seed, imputations, iterations } = missing;
  return {
    ...design,
    studyId: study.id,
    seed,
    imputations,
    iterations,
    columns: [...design.features.flatMap(columnsOf), ...outcomeColumns(study, design)],
    termCount: designMatrix(study).columns.length,
  };
}

function columnsOf(variable: Variable, feature: number): readonly PredictorColumn[] {
  const { name, type, levels = [] } = variable;
  const column = { feature, variable: name };
  if (type === "number") return [{ ...column, name, kind: "number", level: 0 }];
  if (type === "boolean") return [{ ...column, name, kind: "level", level: 1 }];
  const reference = referenceLevel(variable);
  return levels.flatMap((label, level) =>
    level === reference ? [] : [{ ...column, name: `${name}=${label}`, kind: "level" as const, level }],
  );
}

function outcomeColumns({ analysis, data }: StudyDocument, { cases }: MissingDesign): readonly PredictorColumn[] {
  const byRole = (role: Variable["role"]) => data.variables.find((variable) => variable.role === role);
  const [outcome, time, offset] = [byRole("outcome"), byRole("time"), byRole("offset")];
  const column = (variable: string, kind: PredictorColumn["kind"]): PredictorColumn => ({
    name: variable,
    feature: undefined,
    kind,
    variable,
    level: 0,
  });
  return [
    ...(cases === undefined ? [] : [column(cases.variable, "case")]),
    ...(analysis.kind === "cox" && time !== undefined ? [column(time.name, "hazard")] : []),
    ...(outcome !== undefined && cases === undefined ? [column(outcome.name, "number")] : []),
    ...(offset === undefined ? [] : [column(offset.name, "number")]),
  ];
}

/** Of the named features, in their order. */
export function modelsOf({ features }: MissingDesign, targets: readonly number[]): readonly ImputationModel[] {
  return targets.flatMap((feature): readonly ImputationModel[] => {
    const variable = features[feature];
    if (variable === undefined) return [];
    const { name, type, levels = [] } = variable;
    if (type === "number") return [{ name, feature, kind: "linear", level: 0, from: 0 }];
    if (type === "boolean") return [{ name, feature, kind: "logistic", level: 1, from: 0 }];
    return levels
      .slice(0, -1)
      .map((label, level) => ({ name: `${name}=${label}`, feature, kind: "logistic" as const, level, from: level }));
  });
}

/** Rows of one hospital that a model needs to be asked of it: the gate asks as much of any fit. */
export const modelRowsMin = ({ columns, minimumCell }: MultipleDesign): number =>
  minimumCell === 0 ? 1 : Math.max(ROWS_MIN, 2 * (columns.length + 1));

/**
 * Rows that lack a feature, in all, for it to be drawn, and to be a column of another model. Every data set and iteration opens another combination of just
 * these rows: of fewer rows than columns their span would be told, and patients with it.
 */
export const drawnRowsMin = ({ columns, minimumCell, termCount }: MultipleDesign): number =>
  minimumCell === 0 ? 1 : Math.max(minimumCell, ROWS_MIN, 2 * (Math.max(columns.length, termCount) + 1));

const ROWS_MIN = 10;
