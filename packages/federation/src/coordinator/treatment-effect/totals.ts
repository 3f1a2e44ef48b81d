/**
 * The round after the models: how alike the arms are under every weighting, and the sums that every mean is made of.
 *
 * Nothing public bounds an inverse propensity, and columns are on the scale of their own deviations: entries keep to the bound of the moments,
 * beyond which a site refuses by name. That no few patients carry a weighted sum is the gate's matter: each arm at each site shows it Σ w and Σ w².
 * A propensity within 1e-6 of 0 or 1 is one that the model cannot tell from it: the patient has nobody to be compared with.
 */

import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import type { WeightForm } from "@dure/statistics";
import type { AnalysisRefusal } from "../../analysis.ts";
import { countVector } from "../count-vectors.ts";
import { momentsBound } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import { type Block, blocksOf } from "./blocks.ts";
import { estimandOf, type TreatmentDesign, type Weighting } from "./design.ts";
import type { CurveSums, Totals, TreatmentCounts, TreatmentPhase } from "./state.ts";

export const propensityAtBounds = 1e-6;
/** Steps of the propensity from 0 to 1 in which patients are counted. */
export const propensitySteps = 20;

export type Scheme = "unweighted" | Weighting;

export const schemesOf = ({ weightings }: TreatmentDesign): readonly Scheme[] => ["unweighted", ...weightings];

/** Stabilised weights carry the share of the patient's own arm: among all, or, for the effect in the treated, against the treated. */
export function weightForm(design: TreatmentDesign, { arms }: Pick<TreatmentCounts, "arms">, weighting: Weighting): WeightForm {
  const estimand = estimandOf(design, weighting);
  const [untreated, treated] = arms;
  const n = untreated + treated;
  const stabilised = estimand === "ate" ? ([untreated / n, treated / n] as const) : ([untreated / treated, 1] as const);
  return { estimand, truncation: design.truncation, shares: design.stabilised && estimand !== "ato" ? stabilised : [1, 1] };
}

/** Blocks whose means are ratios of two sums. */
const summedBlocks = (design: TreatmentDesign, counts: TreatmentCounts): readonly Block[] =>
  blocksOf(design, counts).filter(({ kind }) => kind !== "hazard");

export function totalsLayout(design: TreatmentDesign, { counts }: TreatmentPhase<"totals">): SumLayout {
  const wide = (name: string, length: number): VectorLayout => ({ name, length, encoding: "wide", bound: momentsBound });
  const columns = 2 * design.names.length;
  const curveLength = counts.intervals === null ? 0 : counts.intervals[0].ends.length + counts.intervals[1].ends.length;
  return {
    vectors: [
      countVector("propensityBounds", 2),
      countVector("propensitiesByArm", 2 * propensitySteps),
      ...schemesOf(design).flatMap((scheme) => [
        wide(`${scheme}/balanceWeights`, 4),
        wide(`${scheme}/balanceSums`, columns),
        wide(`${scheme}/balanceSquares`, columns),
      ]),
      ...summedBlocks(design, counts).flatMap(({ name, targets }) => [
        wide(`${name}/numerators`, targets.length),
        wide(`${name}/denominators`, targets.length),
      ]),
      ...(curveLength === 0
        ? []
        : design.weightings.flatMap((weighting) => CURVE_VECTORS.map((name) => wide(`${weighting}/${name}`, curveLength)))),
    ],
  };
}

const CURVE_VECTORS = ["weightedEvents", "weightedAtRisk", "weightSquaresAtRisk"] as const;

/** A hazard's block is empty until its regression has ended. */
export function readTotals(design: TreatmentDesign, { counts }: TreatmentPhase<"totals">, sum: Sum): Totals {
  const columns = 2 * design.names.length;
  const blocks = blocksOf(design, counts).map(({ name, kind, targets }) => {
    if (kind === "hazard") return { denominators: [], means: [] };
    const denominators = readVector(sum, `${name}/denominators`, targets.length);
    return { denominators, means: readVector(sum, `${name}/numerators`, targets.length).map((value, i) => value / entry(denominators, i)) };
  });
  const balance = schemesOf(design).map((scheme) => ({
    weights: readVector(sum, `${scheme}/balanceWeights`, 4),
    sums: readVector(sum, `${scheme}/balanceSums`, columns),
    squares: readVector(sum, `${scheme}/balanceSquares`, columns),
  }));
  return { blocks, balance, histogram: readVector(sum, "propensitiesByArm", 2 * propensitySteps), curves: readCurves(design, counts, sum) };
}

/** By weighting and arm. */
function readCurves({ weightings }: TreatmentDesign, { intervals }: TreatmentCounts, sum: Sum): readonly CurveSums[] {
  if (intervals === null) return [];
  const [untreated, treated] = intervals.map(({ ends }) => ends.length);
  const length = (untreated ?? 0) + (treated ?? 0);
  return weightings.flatMap((weighting) => {
    const [events = [], atRisk = [], squares = []] = CURVE_VECTORS.map((name) => readVector(sum, `${weighting}/${name}`, length));
    const cut = (values: readonly number[], arm: number): readonly number[] =>
      arm === 0 ? values.slice(0, untreated) : values.slice(untreated);
    return [0, 1].map((arm): CurveSums => ({ events: cut(events, arm), atRisk: cut(atRisk, arm), squares: cut(squares, arm) }));
  });
}

/** An effect in the treated asks for untreated patients like them, but not the other way round. */
export function totalsRefusal(design: TreatmentDesign, { blocks }: Totals, sum: Sum): AnalysisRefusal | undefined {
  const [low, high] = readVector(sum, "propensityBounds", 2);
  const asksForBoth = design.estimand === "ate" ? (low ?? 0) + (high ?? 0) : (high ?? 0);
  const usesInverse = design.weightings.includes("iptw") && design.truncation === 0;
  if (usesInverse && asksForBoth > 0) return { code: "propensity-at-bounds", columns: [design.treatment] };
  const isEmpty = blocks.some(({ denominators }) => denominators.some((value) => !(value > 0)));
  return isEmpty ? { code: "weights-not-positive", columns: [design.treatment] } : undefined;
}
