/** The study document as the rest of the product sees it: parsed, checked, frozen. */

import type { JsonValue, Sha256 } from "@dure/kernel";
import type { Analysis } from "./analyses/index.ts";

export type Purpose = "statistics" | "scientific-research" | "public-interest-archiving";
export const VARIABLE_ROLES = [
  "outcome",
  "feature",
  "time",
  "event",
  "group",
  /** Start of a row's time at risk, in days; a person may have several rows (entry, time]. */
  "entry",
  /** Whose row it is, where a person has several. */
  "person",
  /** A term with the coefficient 1. */
  "offset",
  "weight",
  "treatment",
  /** Variables within whose levels rates are standardised. */
  "stratum",
  /** Patients in whom a model is also judged, or an effect also told. */
  "subgroup",
  /** An outcome that the treatment cannot cause. */
  "negative-control",
] as const;
export type VariableRole = (typeof VARIABLE_ROLES)[number];
export const VARIABLE_TYPES = ["boolean", "number", "category", "identifier", "tensor"] as const;
export type VariableType = (typeof VARIABLE_TYPES)[number];

export interface Variable {
  readonly name: string;
  readonly role: VariableRole;
  readonly type: VariableType;
  /** CEL over the table's columns; without it the column of the variable's own name. */
  readonly from?: string;
  readonly unit?: string;
  /** Of a category: every value that it may have, all texts or all numbers. Other values leave the row out, and are counted. */
  readonly levels?: readonly (string | number)[];
  /** One of the levels; without it the first. Of an event: the level of those who had none. */
  readonly reference?: string | number;
  /** Of a number: a restricted cubic spline. */
  readonly spline?: { readonly knots: readonly number[] };
  readonly array?: string;
  readonly shape?: readonly number[];
  readonly scale?: number;
  readonly quality?: VariableQuality;
}

/** What a hospital's rows must show before it takes part. Shares are from 0 (exclusive) to 1. */
export interface VariableQuality {
  /** Of the rows that `include` keeps, so many have a value. */
  readonly complete?: number;
  /** Of the values, so many lie between low and high, both included. */
  readonly plausible?: { readonly low?: number; readonly high?: number; readonly share: number };
  /** Of these persons' records of the kind that the variable is read from, so many have a standard concept. */
  readonly mapped?: number;
  /** Of the records that the variable is read from, so many carry its concept's unit. */
  readonly unit?: number;
}

/** What is done about missing values of features. Other variables are never imputed. */
export type MissingValues =
  | { readonly method: "complete-case" }
  /** The mean or the most frequent level over all sites, with a column that says where it was put in. */
  | { readonly method: "single-imputation" }
  | { readonly method: "multiple-imputation"; readonly imputations: number; readonly iterations: number; readonly seed: number };

export interface EvaluationRequest {
  readonly localModels: boolean;
  readonly intervals: "delong";
  /** Predicted risks at which a classifier's decisions are counted, ascending. */
  readonly thresholds?: readonly number[];
  readonly decisionCurve?: boolean;
  /** Also fit without each site in turn, and judge that model there. */
  readonly leaveOneSiteOut?: boolean;
}

export interface StudyDocument {
  readonly dure: 1;
  readonly id: string;
  readonly title: string;
  readonly purpose: Purpose;
  readonly data: {
    readonly table: string;
    /** CEL; rows for which it is not true are excluded and counted. */
    readonly include?: string;
    /** For a table, CEL over its columns; for arrays, a name prefix. */
    readonly split?: { readonly validation?: string; readonly holdout?: string };
    /** In the order of the document: the order of a model's terms. */
    readonly variables: readonly Variable[];
    /** Without it: rows with a missing value are left out. */
    readonly missing?: MissingValues;
  };
  readonly analysis: Analysis;
  readonly evaluation: EvaluationRequest;
  readonly privacy: { readonly secureSum: { readonly minimumSites: number }; readonly minimumCell: number };
}

/** A file that the study names, replaced by what identifies its content. */
export interface HashedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: Sha256;
}

/** The study as hospitals sign it: `hash` = SHA-256 of the canonical form of `canonical`, which holds the hashed files. */
export interface FrozenStudy {
  readonly document: StudyDocument;
  readonly canonical: JsonValue;
  readonly hash: Sha256;
}
