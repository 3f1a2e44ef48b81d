/** The pooled coefficients in the study's own units, and what is told of an analysis that was refused. */

import {
  hartungKnapp,
  heterogeneityOf,
  predictionInterval,
  type TauState,
  type WeightedFigures,
  waldStatistics,
  weightedFigures,
} from "@dure/statistics";
import type { AnalysisRefusal } from "../../analysis.ts";
import type { EffectEstimate, MetaAnalysis, MetaAnalysisTerm } from "../../meta-analysis-result.ts";
import { describeColumns } from "../described-columns.ts";
import { entry } from "../sum-reading.ts";
import { LEFT_OUT_REASONS, type MetaAnalysisDesign } from "./design.ts";
import type { MetaAnalysisCounts, MetaAnalysisPhase, MetaAnalysisState } from "./state.ts";

export function pooledResult(design: MetaAnalysisDesign, state: MetaAnalysisPhase<"between">): MetaAnalysis {
  return {
    ...known(design, state.counts),
    ...(design.effects === "random" ? { tauSquaredEstimator: "REML" as const } : {}),
    outcome: "pooled",
    iterations: state.rounds,
    terms: design.terms.map((_, j) => pooledTerm(design, state, j)),
  };
}

/** Of a study that ended without a pooled model: the counts, if they may be told, and why. */
export function refusedMetaAnalysis(design: MetaAnalysisDesign, state: MetaAnalysisState, refusal: AnalysisRefusal): MetaAnalysis {
  const none = { n: 0, events: 0, fitted: 0, left: [], excluded: design.reasons.map(() => 0) };
  const outcome = refusal.code === "not-converged" ? "not-converged" : "refused";
  const iterations = "rounds" in state ? state.rounds : 0;
  return { ...known(design, "counts" in state ? state.counts : none), outcome, refusal, iterations, terms: [] };
}

function known(design: MetaAnalysisDesign, { n, events, fitted, left, excluded }: MetaAnalysisCounts) {
  return {
    kind: "meta-analysis",
    model: design.model,
    effects: design.effects,
    reason: design.reason,
    hospitals: {
      fitted,
      left: LEFT_OUT_REASONS.flatMap((reason, i) => ((left[i] ?? 0) > 0 ? [{ reason, hospitals: left[i] ?? 0 }] : [])),
    },
    n,
    ...(design.event === undefined ? {} : { events }),
    excluded: describeColumns(design, { n, excluded, standardisation: undefined }).excluded,
  } as const;
}

function pooledTerm(design: MetaAnalysisDesign, state: MetaAnalysisPhase<"between">, j: number): MetaAnalysisTerm {
  const { counts, scales, centres, atZero, searches } = state;
  const unit = { name: design.terms[j] ?? "", scale: entry(scales, j), centre: entry(centres, j), hospitals: counts.fitted };
  const sums = atZero[j] ?? [];
  const fixed = effectOf(unit, weightedFigures(sums));
  const random = design.effects === "random" ? randomEffect(unit, searches[j]) : undefined;
  const chosen = random ?? fixed;
  const heterogeneity = heterogeneityOf(sums, counts.fitted, random === undefined ? undefined : random.tauSquared / unit.scale ** 2);
  const { estimate, standardError } = chosen;
  return {
    name: unit.name,
    estimate,
    standardError,
    ...waldStatistics(estimate, standardError),
    fixed,
    ...(random === undefined ? {} : { random }),
    ...(heterogeneity === undefined ? {} : { heterogeneity }),
  };
}

interface Unit {
  readonly name: string;
  readonly scale: number;
  readonly centre: number;
  readonly hospitals: number;
}

function effectOf({ scale, centre }: Unit, { shift, standardError }: WeightedFigures): EffectEstimate {
  const estimate = scale * (centre + shift);
  const { p, ci95 } = waldStatistics(estimate, scale * standardError);
  return { estimate, standardError: scale * standardError, p, ci95 };
}

function randomEffect(unit: Unit, search: TauState | undefined): NonNullable<MetaAnalysisTerm["random"]> {
  if (search?.kind !== "settled") throw new Error("only a settled search has a variance between hospitals");
  const { scale, centre, hospitals } = unit;
  const figures = weightedFigures(search.sums);
  const prediction = predictionInterval(
    centre + figures.shift,
    { standardError: figures.standardError, tauSquared: search.tauSquared },
    hospitals,
  );
  const knapp = hartungKnapp(centre + figures.shift, figures, hospitals);
  const inUnits = (interval: readonly [number, number]): readonly [number, number] => [scale * interval[0], scale * interval[1]];
  return {
    ...effectOf(unit, figures),
    tauSquared: scale * scale * search.tauSquared,
    tauSquaredError: figures.expectedInformation > 0 ? (scale * scale) / Math.sqrt(figures.expectedInformation) : 0,
    ...(prediction === undefined ? {} : { prediction: inUnits(prediction) }),
    ...(knapp === undefined ? {} : { hartungKnapp: { ...knapp, standardError: scale * knapp.standardError, ci95: inUnits(knapp.ci95) } }),
  };
}
