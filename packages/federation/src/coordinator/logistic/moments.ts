/** The two rounds that standardise the features, in a logistic regression's state; see `../standardisation.ts`. */

import type { Sum } from "@dure/privacy";
import type { Absorbed } from "../../analysis.ts";
import type { LogisticRegressionResult } from "../../result.ts";
import { centreOf, type SummedColumns, standardisationOf } from "../standardisation.ts";
import type { LogisticDesign } from "./design.ts";
import { startFits } from "./fits.ts";
import type { LogisticState, PhaseState } from "./state.ts";

type Step = Absorbed<LogisticState, LogisticRegressionResult>;

export const summedColumns = (design: LogisticDesign, n: number): SummedColumns => ({
  names: design.features.map((feature) => feature.name),
  n,
});

export function absorbMoments(design: LogisticDesign, { counts }: PhaseState<"moments">, sum: Sum): Step {
  const centre = centreOf(summedColumns(design, counts.n), sum);
  return centre.kind === "refused" ? centre : { kind: "continue", state: { phase: "centred", counts, centre: centre.value } };
}

export function absorbCentred(design: LogisticDesign, { counts, centre }: PhaseState<"centred">, sum: Sum): Step {
  const found = standardisationOf(summedColumns(design, counts.n), centre, sum);
  if (found.kind === "refused") return found;
  return { kind: "continue", state: { phase: "newton", counts, standardisation: found.value, fits: startFits(design, counts) } };
}
