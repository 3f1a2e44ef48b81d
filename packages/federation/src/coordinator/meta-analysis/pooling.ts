/**
 * The rounds behind the counts: the size of the standard errors, the fixed-effect means, Q around them, and the score of τ².
 *
 * Each hospital's estimate is divided by a power of two near a sixteenth of the hospitals' mean standard error (the mean of logarithms), so that the
 * sums of any unit have the same digits in the encoding: a weight is near 2^-8, kept to 2^-64. The bound 2^55 then leaves room
 * for a hospital with errors 256 times smaller than the others'; beyond, it is refused by name before encoding.
 *
 * What these sums tell: they are functions of the hospitals' own coefficients and errors. With few hospitals, whoever holds all sums of a run
 * could solve them for the set of those estimates, though not for whose is whose. No patient's row enters any of them but through its
 * hospital's fit.
 */

import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import { absorbTau, beginTau, type TauRunning, type TauState, WEIGHTED_SUMS, weightedFigures } from "@dure/statistics";
import type { Absorbed } from "../../analysis.ts";
import type { MetaAnalysisResult } from "../../meta-analysis-result.ts";
import { momentsBound } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import type { MetaAnalysisDesign } from "./design.ts";
import { pooledResult } from "./results.ts";
import type { MetaAnalysisPhase, MetaAnalysisState } from "./state.ts";

type Step = Absorbed<MetaAnalysisState, MetaAnalysisResult>;

/** Of a standard error as a power of two: all that a double can be. */
const ERROR_EXPONENT_MAX = 1100;
/** Estimates are counted in 2^-4 of a standard error. */
const SCALE_SHIFT = 4;

const wide = (name: string, length: number): VectorLayout => ({ name, length, encoding: "wide", bound: momentsBound });

export const scalesLayout = ({ terms }: MetaAnalysisDesign): SumLayout => ({
  vectors: [{ name: "errorExponents", length: terms.length, encoding: "histogram", bound: ERROR_EXPONENT_MAX }],
});

export function absorbScales(design: MetaAnalysisDesign, { counts }: MetaAnalysisPhase<"scales">, sum: Sum): Step {
  const exponents = readVector(sum, "errorExponents", design.terms.length);
  const scales = exponents.map((total) => 2 ** (Math.round(total / counts.fitted) - SCALE_SHIFT));
  return { kind: "continue", state: { phase: "means", counts, scales } };
}

export const meansLayout = ({ terms }: MetaAnalysisDesign): SumLayout => ({
  vectors: [wide("precisions", terms.length), wide("weightedEstimates", terms.length)],
});

export function absorbMeans(design: MetaAnalysisDesign, { counts, scales }: MetaAnalysisPhase<"means">, sum: Sum): Step {
  const weights = readVector(sum, "precisions", design.terms.length);
  const totals = readVector(sum, "weightedEstimates", design.terms.length);
  return {
    kind: "continue",
    state: { phase: "spread", counts, scales, centres: totals.map((total, j) => total / entry(weights, j)) },
  };
}

export const spreadLayout = ({ terms }: MetaAnalysisDesign): SumLayout => ({
  vectors: [wide("heterogeneity", WEIGHTED_SUMS * terms.length)],
});

export function absorbSpread(design: MetaAnalysisDesign, state: MetaAnalysisPhase<"spread">, sum: Sum): Step {
  const all = readVector(sum, "heterogeneity", WEIGHTED_SUMS * design.terms.length);
  const atZero = design.terms.map((_, j) => all.slice(WEIGHTED_SUMS * j, WEIGHTED_SUMS * (j + 1)));
  const searches = atZero.map((sums) => beginSearch(design, sums, state.counts.fitted));
  return advance(design, { ...state, phase: "between", atZero, searches, rounds: 0 });
}

function beginSearch({ effects }: MetaAnalysisDesign, sums: readonly number[], fitted: number): TauState {
  if (effects === "fixed") return { kind: "settled", tauSquared: 0, sums };
  return fitted === 1 ? WALK : beginTau(sums, fitted);
}

/** A hospital on its own has nothing to search. It walks two rounds of it, so that its preview shows what a run asks for again and again. */
const WALK: TauRunning = { kind: "running", trial: 0, low: 0, high: null, mayBeZero: true, rounds: 0 };
const WALK_ROUNDS = 2;

/** Terms whose τ² is still looked for, in the order of the terms. */
export const runningSearches = ({
  searches,
}: MetaAnalysisPhase<"between">): readonly { readonly term: number; readonly search: TauRunning }[] =>
  searches.flatMap((search, term) => (search.kind === "running" ? [{ term, search }] : []));

export const betweenLayout = (state: MetaAnalysisPhase<"between">): SumLayout => ({
  vectors: [wide("betweenHospitals", WEIGHTED_SUMS * runningSearches(state).length)],
});

export function absorbBetween(design: MetaAnalysisDesign, state: MetaAnalysisPhase<"between">, sum: Sum): Step {
  const running = runningSearches(state);
  const all = readVector(sum, "betweenHospitals", WEIGHTED_SUMS * running.length);
  const next = new Map(
    running.map(({ term, search }, i) => {
      const sums = all.slice(WEIGHTED_SUMS * i, WEIGHTED_SUMS * (i + 1));
      const isWalking = state.counts.fitted === 1 && state.rounds + 1 < WALK_ROUNDS;
      return [term, isWalking ? search : absorbTau(search, sums, state.atZero[term] ?? [])] as const;
    }),
  );
  const searches = state.searches.map((search, term) => next.get(term) ?? search);
  return advance(design, { ...state, searches, rounds: state.rounds + 1 });
}

function advance(design: MetaAnalysisDesign, state: MetaAnalysisPhase<"between">): Step {
  const failed = design.terms.filter((_, j) => state.searches[j]?.kind === "not-settled" || !isPrecise(state.atZero[j] ?? []));
  if (failed.length > 0) return { kind: "refused", refusal: { code: "not-converged", columns: failed } };
  if (state.searches.some(({ kind }) => kind === "running")) return { kind: "continue", state };
  return { kind: "done", result: { analysis: pooledResult(design, state) } };
}

/** A weight below the encoding's last digits would be noise. */
const isPrecise = (sums: readonly number[]): boolean => weightedFigures(sums).weight > 2 ** -40;
