/**
 * The two rounds of totals: those that standardise the features, and of outcome, offset and weight what every fit starts from.
 *
 * Fits of a linear and a Gamma family work on an outcome near unit scale, without its offset: η's offset is subtracted from a linear outcome,
 * and a Gamma outcome divided by its exponential, which leaves the same likelihood. The other families have no scale of their own and keep
 * their offset, around its mean. The spread of the outcome is summed around its mean, in a unit near its size: of the square of an amount in won
 * the first round's bound has no room, and its difference from the squared mean no digits.
 */

import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import type { OutcomeTotals } from "@dure/statistics";
import type { Absorbed } from "../../analysis.ts";
import type { GlmResult } from "../../glm-result.ts";
import { centredLayout, centreOf, momentsBound, momentsLayout, type SummedColumns, standardisationOf } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import type { GlmDesign } from "./design.ts";
import { startFits } from "./fits.ts";
import { startPenalised } from "./penalised.ts";
import type { GlmPhase, GlmState, OutcomeScale, OutcomeSums } from "./state.ts";

type Step = Absorbed<GlmState, GlmResult>;

const summedColumns = (design: GlmDesign, n: number): SummedColumns => ({ names: design.names, n });

/** Of the outcome: Σ a, Σ a², Σ a y, Σ a |y|, Σ a × offset, and what no coefficient touches in the log-likelihood. */
const outcomeLength = 6;

/** An outcome whose variance is below this share of its squared size is constant. */
const RELATIVE_VARIANCE_MIN = 1e-20;

export function outcomeMomentsLayout(design: GlmDesign): SumLayout {
  const { vectors } = momentsLayout(design.features.length);
  return { vectors: [...vectors, { name: "outcome", length: outcomeLength, encoding: "wide", bound: momentsBound }] };
}

export function absorbMoments(design: GlmDesign, { counts }: GlmPhase<"moments">, sum: Sum): Step {
  const centre = centreOf(summedColumns(design, counts.n), sum);
  if (centre.kind === "refused") return centre;
  const [weight, weightSquares, total, magnitude, offset, constant] = [...readVector(sum, "outcome", outcomeLength)];
  const sums: OutcomeSums = {
    weight: weight ?? 0,
    weightSquares: weightSquares ?? 0,
    sum: total ?? 0,
    magnitude: magnitude ?? 0,
    offset: offset ?? 0,
    constant: constant ?? 0,
  };
  return { kind: "continue", state: { phase: "centred", counts, sums, rough: roughScale(design, sums), centre: centre.value } };
}

function roughScale({ offset: offsetName }: GlmDesign, { weight, sum, magnitude, offset }: OutcomeSums): OutcomeScale {
  const scale = magnitude > 0 ? 2 ** Math.round(Math.log2(magnitude / weight)) : 1;
  return { centre: sum / weight, scale, offset: offsetName === undefined ? 0 : offset / weight };
}

/** @param spread Σ a ((y − mean) / unit)² */
function scaleOf({ model }: GlmDesign, { rough, weight, spread }: { rough: OutcomeScale; weight: number; spread: number }) {
  const variance = spread / weight;
  if (model.family === "linear" && !(variance > RELATIVE_VARIANCE_MIN)) return undefined;
  if (model.family === "linear") return { centre: rough.centre, scale: rough.scale * 2 ** Math.round(Math.log2(variance) / 2), offset: 0 };
  if (model.family === "gamma") return { centre: 0, scale: rough.scale, offset: 0 };
  return { centre: 0, scale: 1, offset: rough.offset };
}

/** Of a log link with an offset: Σ a exp(offset − its mean). */
export const hasExposure = ({ model, offset }: GlmDesign): boolean =>
  offset !== undefined && (model.family === "poisson" || model.family === "negative-binomial");

export function centredTotalsLayout(design: GlmDesign, { counts }: GlmPhase<"centred">): SumLayout {
  const { vectors } = centredLayout(summedColumns(design, counts.n));
  const one = (name: string): VectorLayout => ({ name, length: 1, encoding: "wide", bound: momentsBound });
  return { vectors: [...vectors, one("outcomeSpread"), ...(hasExposure(design) ? [one("exposure")] : [])] };
}

export function absorbCentred(design: GlmDesign, state: GlmPhase<"centred">, sum: Sum): Step {
  const { counts, sums, rough, centre } = state;
  const found = standardisationOf(summedColumns(design, counts.n), centre, sum);
  if (found.kind === "refused") return found;
  const spread = entry(readVector(sum, "outcomeSpread", 1), 0);
  const scale = scaleOf(design, { rough, weight: sums.weight, spread });
  if (scale === undefined) return { kind: "refused", refusal: { code: "constant-column", columns: [design.outcome] } };
  const exposure = hasExposure(design) ? entry(readVector(sum, "exposure", 1), 0) : undefined;
  const totals = totalsOf(counts.n, { sums, rough, spread, scale, exposure });
  const known = { counts, sums, scale, totals, standardisation: found.value };
  if (design.hasFolds) return { kind: "continue", state: { phase: "path", ...known } };
  const lambda = design.penalty?.lambda;
  if (lambda !== undefined)
    return { kind: "continue", state: { phase: "penalised", ...known, penalised: startPenalised(design, known, [lambda]) } };
  const fits = startFits(design, known.totals);
  return { kind: "continue", state: { phase: "newton", ...known, fits } };
}

interface Parts {
  readonly sums: OutcomeSums;
  readonly rough: OutcomeScale;
  readonly spread: number;
  readonly scale: OutcomeScale;
  readonly exposure: number | undefined;
}

/** In the units of the fits. */
function totalsOf(n: number, { sums, rough, spread, scale: { centre, scale }, exposure }: Parts): OutcomeTotals {
  const { weight } = sums;
  const middle = (rough.centre - centre) / scale;
  const squares = spread * (rough.scale / scale) ** 2 + weight * middle * middle;
  return { n, weight, sum: weight * middle, squares, ...(exposure === undefined ? {} : { exposure }) };
}
