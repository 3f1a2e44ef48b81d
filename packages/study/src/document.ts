/** The study document as the rest of the product sees it: parsed, checked, frozen. */

import type { JsonValue, Sha256 } from "@dure/kernel";

export type Purpose = "statistics" | "scientific-research" | "public-interest-archiving";
export type VariableRole = "outcome" | "feature" | "time" | "event" | "group";
export type VariableType = "boolean" | "number" | "tensor";

export interface Variable {
  readonly name: string;
  readonly role: VariableRole;
  readonly type: VariableType;
  /** CEL over the table's columns; without it the column of the variable's own name. */
  readonly from?: string;
  readonly unit?: string;
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

export type Analysis =
  | { readonly kind: "logistic-regression"; readonly standardise: boolean }
  | { readonly kind: "cox"; readonly ties: "efron" | "breslow"; readonly strata?: "site"; readonly at: readonly number[] }
  | {
      readonly kind: "kaplan-meier";
      readonly at: readonly number[];
      readonly test?: "log-rank";
      /** The test compares groups within each site. */
      readonly strata?: "site";
      /** Absent: log. */
      readonly intervals?: "log" | "log-log" | "plain";
      /** At most the horizon. */
      readonly restrictedMeanDays?: number;
      readonly timeBinDays: number;
      readonly horizonDays: number;
    }
  | {
      readonly kind: "boosted-trees";
      readonly objective: "logistic";
      readonly rounds: number;
      readonly maxDepth: number;
      readonly learningRate: number;
      readonly lambda: number;
      readonly maxBins: number;
      readonly minChildWeight: number;
    }
  | {
      readonly kind: "network";
      readonly model: string;
      readonly loss: "binary-cross-entropy";
      readonly optimiser: { readonly kind: "momentum" | "sgd"; readonly learningRate: number; readonly momentum: number };
      readonly federated: {
        readonly strategy: "fedavg";
        readonly rounds: number;
        readonly localEpochs: number;
        readonly batchSize: number;
      };
      readonly seed: number;
    };

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
  };
  readonly analysis: Analysis;
  readonly evaluation: { readonly localModels: boolean; readonly intervals: "delong" };
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
