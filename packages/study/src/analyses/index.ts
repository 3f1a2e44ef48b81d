/** The kinds of analysis that a study may ask for: what each may say, and which variables it takes. One file a kind. */

import { z } from "zod";
import type { VariableRole, VariableType } from "../document.ts";
import { type BoostedTrees, boostedTrees } from "./boosted-trees.ts";
import { type Cox, cox } from "./cox.ts";
import { type CumulativeIncidence, cumulativeIncidence } from "./cumulative-incidence.ts";
import { type Describe, describe } from "./describe.ts";
import { type GeneralisedLinearModel, generalisedLinearModel } from "./generalised-linear-model.ts";
import { type IncidenceRates, incidenceRates } from "./incidence-rates.ts";
import { type KaplanMeier, kaplanMeier } from "./kaplan-meier.ts";
import { type LogisticRegression, logisticRegression } from "./logistic-regression.ts";
import { type MetaAnalysis, metaAnalysis } from "./meta-analysis.ts";
import { type Network, network } from "./network.ts";
import { type TreatmentEffect, treatmentEffect } from "./treatment-effect.ts";

export type { StandardCell } from "./incidence-rates.ts";
export { timesUntil } from "./times.ts";
export type {
  BoostedTrees,
  Cox,
  CumulativeIncidence,
  Describe,
  GeneralisedLinearModel,
  IncidenceRates,
  KaplanMeier,
  LogisticRegression,
  MetaAnalysis,
  Network,
  TreatmentEffect,
};

export const analysisSchema = z.discriminatedUnion("kind", [
  describe,
  incidenceRates,
  logisticRegression,
  generalisedLinearModel,
  cox,
  kaplanMeier,
  cumulativeIncidence,
  treatmentEffect,
  metaAnalysis,
  boostedTrees,
  network,
]);

export type Analysis =
  | Describe
  | IncidenceRates
  | LogisticRegression
  | GeneralisedLinearModel
  | Cox
  | KaplanMeier
  | CumulativeIncidence
  | TreatmentEffect
  | MetaAnalysis
  | BoostedTrees
  | Network;

/** How many variables of a role an analysis takes, and of which types. */
export interface RoleRule {
  readonly least: number;
  readonly most: number;
  readonly types: readonly VariableType[];
}

const rule = (least: number, most: number, types: readonly VariableType[]): RoleRule => ({ least, most, types });

const features = rule(1, Infinity, ["boolean", "number", "category"]);
const one = (...types: readonly VariableType[]): RoleRule => rule(1, 1, types);
const maybe = (...types: readonly VariableType[]): RoleRule => rule(0, 1, types);
/** Four groups of two levels make 16 curves. */
const groups = rule(0, 4, ["boolean", "category"]);
const subgroups = rule(0, 4, ["boolean", "category"]);

/** None of a role that is not named. */
export const ROLES: Readonly<Record<Analysis["kind"], { readonly [R in VariableRole]?: RoleRule }>> = {
  describe: { feature: features, group: maybe("boolean", "category") },
  "incidence-rates": {
    time: one("number"),
    event: one("boolean", "number"),
    group: maybe("boolean", "category"),
    stratum: rule(0, 4, ["boolean", "category"]),
  },
  "logistic-regression": { outcome: one("boolean"), feature: features, subgroup: subgroups },
  "generalised-linear-model": {
    outcome: one("boolean", "number"),
    feature: features,
    offset: maybe("number"),
    weight: maybe("number"),
  },
  cox: {
    time: one("number"),
    event: one("boolean", "category"),
    feature: features,
    entry: maybe("number"),
    person: maybe("identifier"),
    subgroup: subgroups,
  },
  "kaplan-meier": { time: one("number"), event: one("boolean"), group: groups },
  "cumulative-incidence": { time: one("number"), event: one("category"), group: groups },
  "treatment-effect": {
    treatment: one("boolean"),
    feature: features,
    outcome: maybe("boolean", "number"),
    time: maybe("number"),
    event: maybe("boolean"),
    "negative-control": rule(0, 100, ["boolean"]),
    subgroup: subgroups,
  },
  "meta-analysis": {
    outcome: maybe("boolean", "number"),
    time: maybe("number"),
    event: maybe("boolean"),
    feature: features,
    offset: maybe("number"),
  },
  "boosted-trees": { outcome: one("boolean"), feature: rule(1, Infinity, ["boolean", "number"]) },
  network: { outcome: one("boolean"), feature: rule(1, Infinity, ["boolean", "number", "tensor"]) },
};
