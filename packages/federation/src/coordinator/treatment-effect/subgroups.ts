/** The effect within each level of a subgroup variable, under the weights of all patients, and whether the levels' effects differ. */

import { chiSquaredUpperTail, factorCholesky, packedIndex, packedLength, solveCholesky } from "@dure/numerics";
import { type Contrast, contrastGradient, contrastOf } from "@dure/statistics";
import type { MeasuredEffect, SubgroupEffects } from "../../treatment-effect-result.ts";
import { entry } from "../logistic/sum-reading.ts";
import { blocksOf } from "./blocks.ts";
import type { TreatmentDesign } from "./design.ts";
import { blockMeans, type MeanPair, measuredEffect, measuresOf } from "./estimates.ts";
import type { Finished } from "./state.ts";

export function subgroupsOf(
  design: TreatmentDesign,
  state: Finished,
  influence: readonly (readonly number[])[],
): readonly SubgroupEffects[] {
  const [contrast = "difference"] = measuresOf(design);
  return blocksOf(design, state.counts).flatMap((block, index): readonly SubgroupEffects[] => {
    if (block.kind !== "subgroup") return [];
    const own = influence[index] ?? [];
    const pairs = blockMeans(state, { block, index, influence: own, fixed: state.slopes[index]?.fixed ?? [] });
    const { variable, levels } = design.subgroups[block.subgroup] ?? { variable: "", levels: [] };
    const arms = state.counts.subgroupArms[block.subgroup] ?? [];
    const interaction = testOfEffects(state, { pairs, contrast, influence: own });
    return [
      {
        variable,
        levels: levels.map((level, i) => {
          const pair = pairs[i];
          const effect: MeasuredEffect | undefined = pair === undefined ? undefined : measuredEffect(design, { pair, contrast });
          return { level, arms: arms[i] ?? [0, 0], ...(effect === undefined ? {} : { effect }) };
        }),
        ...(interaction === undefined ? {} : { interaction }),
      },
    ];
  });
}

interface Compared {
  readonly pairs: readonly MeanPair[];
  readonly contrast: Contrast;
  readonly influence: readonly number[];
}

/**
 * Wald test of δⱼ = effectⱼ − effect₀ = 0 for all levels j, with all levels' covariance: their weights come from one propensity model.
 */
function testOfEffects({ counts, scale }: Finished, { pairs, contrast, influence }: Compared): SubgroupEffects["interaction"] {
  const n = counts.arms[0] + counts.arms[1];
  const effects = pairs.map((pair) => contrastOf(pair, contrast)?.estimate ?? Number.NaN);
  const gradients = pairs.flatMap((pair) => [...contrastGradient(pair.means, contrast)]);
  const order = 2 * pairs.length;
  const df = pairs.length - 1;
  if (df < 1 || !effects.every(Number.isFinite)) return undefined;
  const unit = (scale.deviation / n) ** 2;
  const covariance = (a: number, b: number): number => {
    let total = 0;
    for (const i of [2 * a, 2 * a + 1]) {
      for (const j of [2 * b, 2 * b + 1])
        total += entry(gradients, i) * entry(gradients, j) * entry(influence, i <= j ? packedIndex(order, i, j) : packedIndex(order, j, i));
    }
    return unit * total;
  };
  const packed = new Float64Array(packedLength(df));
  for (let i = 0; i < df; i++) {
    for (let j = i; j < df; j++)
      packed[packedIndex(df, i, j)] = covariance(i + 1, j + 1) - covariance(i + 1, 0) - covariance(0, j + 1) + covariance(0, 0);
  }
  const factored = factorCholesky(packed, df);
  if (factored.kind === "dependent") return undefined;
  const differences = effects.slice(1).map((effect) => effect - entry(effects, 0));
  const solved = solveCholesky(factored, differences);
  const chisq = Math.max(
    0,
    differences.reduce((total, value, i) => total + value * entry(solved, i), 0),
  );
  return { chisq, df, p: chiSquaredUpperTail(chisq, df) };
}
