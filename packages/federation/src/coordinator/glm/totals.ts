/**
 * The two rounds of totals: those that standardise the features, and of outcome, offset and weight what every fit starts from.
 *
 * Fits of a linear and a Gamma family work on an outcome near unit scale, without its offset: η's offset is subtracted from a linear outcome,
 * and a Gamma outcome divided by its exponential, which leaves the same likelihood. The other families have no scale of their own and keep
 * their offset, around its mean.
 */

import type { Sum, SumLayout } from "@dure/privacy";
import type { OutcomeTotals } from "@dure/statistics";
import type { Absorbed } from "../../analysis.ts";
import type { GlmResult } from "../../glm-result.ts";
import { entry, readVector } from "../logistic/sum-reading.ts";
import { centredLayout, centreOf, momentsBound, momentsLayout, type SummedColumns, standardisationOf } from "../standardisation.ts";
import type { GlmDesign } from "./design.ts";
import { startFits } from "./fits.ts";
import { startPenalised } from "./penalised.ts";
import type { GlmPhase, GlmState, OutcomeScale, OutcomeSums } from "./state.ts";

type Step = Absorbed<GlmState, GlmResult>;

const summedColumns = (design: GlmDesign, n: number): SummedColumns => ({ names: design.names, n });

/** Of the outcome: Σ a, Σ a², Σ a y, Σ a y², Σ a × offset, and what no coefficient touches in the log-likelihood. */
const outcomeLength = 6;

/** An outcome whose variance is below this share of its mean square is constant. */
const RELATIVE_VARIANCE_MIN = 1e-20;

export function outcomeMomentsLayout(design: GlmDesign): SumLayout {
  const { vectors } = momentsLayout(design.features.length);
  return { vectors: [...vectors, { name: "outcome", length: outcomeLength, encoding: "wide", bound: momentsBound }] };
}

export function absorbMoments(design: GlmDesign, { counts }: GlmPhase<"moments">, sum: Sum): Step {
  const centre = centreOf(summedColumns(design, counts.n), sum);
  if (centre.kind === "refused") return centre;
  const [weight, weightSquares, total, squares, offset, constant] = [...readVector(sum, "outcome", outcomeLength)];
  const sums: OutcomeSums = {
    weight: weight ?? 0,
    weightSquares: weightSquares ?? 0,
    sum: total ?? 0,
    squares: squares ?? 0,
    offset: offset ?? 0,
    constant: constant ?? 0,
  };
  const scale = scaleOf(design, sums);
  if (scale === undefined) return { kind: "refused", refusal: { code: "constant-column", columns: [design.outcome] } };
  return { kind: "continue", state: { phase: "centred", counts, sums, scale, centre: centre.value } };
}

function scaleOf({ model, offset }: GlmDesign, sums: OutcomeSums): OutcomeScale | undefined {
  const mean = sums.sum / sums.weight;
  const square = sums.squares / sums.weight;
  const middle = offset === undefined ? 0 : sums.offset / sums.weight;
  const variance = square - mean * mean;
  if (model.family === "linear" && !(variance > RELATIVE_VARIANCE_MIN * square)) return undefined;
  if (model.family === "linear") return { centre: mean, scale: 2 ** Math.round(Math.log2(variance) / 2), offset: 0 };
  if (model.family === "gamma") return { centre: 0, scale: 2 ** Math.round(Math.log2(mean)), offset: 0 };
  return { centre: 0, scale: 1, offset: middle };
}

/** Of a log link with an offset: Σ a exp(offset − its mean). */
export const hasExposure = ({ model, offset }: GlmDesign): boolean =>
  offset !== undefined && (model.family === "poisson" || model.family === "negative-binomial");

export function centredTotalsLayout(design: GlmDesign, { counts }: GlmPhase<"centred">): SumLayout {
  const { vectors } = centredLayout(summedColumns(design, counts.n));
  return { vectors: hasExposure(design) ? [...vectors, { name: "exposure", length: 1, encoding: "wide", bound: momentsBound }] : vectors };
}

export function absorbCentred(design: GlmDesign, state: GlmPhase<"centred">, sum: Sum): Step {
  const { counts, sums, scale, centre } = state;
  const found = standardisationOf(summedColumns(design, counts.n), centre, sum);
  if (found.kind === "refused") return found;
  const exposure = hasExposure(design) ? entry(readVector(sum, "exposure", 1), 0) : undefined;
  const known = { counts, sums, scale, totals: totalsOf(counts.n, { sums, scale, exposure }), standardisation: found.value };
  if (design.hasFolds) return { kind: "continue", state: { phase: "path", ...known } };
  const lambda = design.penalty?.lambda;
  if (lambda !== undefined)
    return { kind: "continue", state: { phase: "penalised", ...known, penalised: startPenalised(design, known, [lambda]) } };
  const fits = startFits(design, known.totals);
  return { kind: "continue", state: { phase: "newton", ...known, fits } };
}

interface Parts {
  readonly sums: OutcomeSums;
  readonly scale: OutcomeScale;
  readonly exposure: number | undefined;
}

/** In the units of the fits. */
function totalsOf(n: number, { sums, scale: { centre, scale }, exposure }: Parts): OutcomeTotals {
  const sum = (sums.sum - centre * sums.weight) / scale;
  const squares = (sums.squares - 2 * centre * sums.sum + centre * centre * sums.weight) / scale / scale;
  return { n, weight: sums.weight, sum, squares, ...(exposure === undefined ? {} : { exposure }) };
}
