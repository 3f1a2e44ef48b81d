/** The effect within each level of a subgroup variable, under the weights of all patients, and whether the levels' effects differ. */

import { chiSquaredUpperTail, factorCholesky, packedIndex, packedLength, solveCholesky } from "@dure/numerics";
import { contrastGradient, contrastOf } from "@dure/statistics";
import type { MeasuredEffect, SubgroupEffects } from "../../treatment-effect-result.ts";
import { entry } from "../sum-reading.ts";
import { blocksOf } from "./blocks.ts";
import type { TreatmentDesign } from "./design.ts";
import { type BlockSums, blockMeans, hazardRatio, measuredEffect, measuresOf } from "./estimates.ts";
import type { Finished } from "./state.ts";

export function subgroupsOf(
  design: TreatmentDesign,
  state: Finished,
  influence: readonly (readonly number[])[],
): readonly SubgroupEffects[] {
  return blocksOf(design, state.counts).flatMap((block, index): readonly SubgroupEffects[] => {
    if ((block.kind !== "subgroup" && block.kind !== "hazard") || block.subgroup === undefined) return [];
    const sums = { block, index, influence: influence[index] ?? [], fixed: state.slopes[index]?.fixed ?? [] };
    const { variable, levels } = design.subgroups[block.subgroup] ?? { variable: "", levels: [] };
    const arms = state.counts.subgroupArms[block.subgroup] ?? [];
    const { effects, compared } = block.kind === "hazard" ? hazardsOf(state, sums) : meansOf(design, state, sums);
    const interaction = testOfEffects(compared);
    return [
      {
        variable,
        levels: levels.map((level, i) => {
          const effect = effects[i];
          return { level, arms: arms[i] ?? [0, 0], ...(effect === undefined ? {} : { effect }) };
        }),
        ...(interaction === undefined ? {} : { interaction }),
      },
    ];
  });
}

/** Effects of all levels on the scale of their errors, and their covariance. */
interface Compared {
  readonly effects: readonly number[];
  readonly covariance: (a: number, b: number) => number;
}

interface OfLevels {
  readonly effects: readonly (MeasuredEffect | undefined)[];
  readonly compared: Compared;
}

const cellOf = (packed: readonly number[], order: number, i: number, j: number): number =>
  entry(packed, i <= j ? packedIndex(order, i, j) : packedIndex(order, j, i));

function hazardsOf(state: Finished, { block, index, influence, fixed }: BlockSums): OfLevels {
  const order = block.targets.length;
  const n = state.counts.arms[0] + state.counts.arms[1];
  return {
    effects: block.targets.map((_, target) => hazardRatio(state, { index, target, order, influence, fixed })),
    compared: { effects: state.totals.blocks[index]?.means ?? [], covariance: (a, b) => cellOf(influence, order, a, b) / n ** 2 },
  };
}

function meansOf(design: TreatmentDesign, state: Finished, sums: BlockSums): OfLevels {
  const { counts, scale } = state;
  const [contrast = "difference"] = measuresOf(design);
  const pairs = blockMeans(state, sums);
  const order = sums.block.targets.length;
  const unit = (scale.deviation / (counts.arms[0] + counts.arms[1])) ** 2;
  const gradients = pairs.flatMap((pair) => [...contrastGradient(pair.means, contrast)]);
  const covariance = (a: number, b: number): number => {
    let total = 0;
    for (const i of [2 * a, 2 * a + 1]) {
      for (const j of [2 * b, 2 * b + 1]) total += entry(gradients, i) * entry(gradients, j) * cellOf(sums.influence, order, i, j);
    }
    return unit * total;
  };
  const effects = pairs.map((pair) => contrastOf(pair, contrast)?.estimate ?? Number.NaN);
  return { effects: pairs.map((pair) => measuredEffect(design, { pair, contrast })), compared: { effects, covariance } };
}

/** Wald test of δⱼ = effectⱼ − effect₀ = 0 for all levels j, with all levels' covariance: their weights come from one propensity model. */
function testOfEffects({ effects, covariance }: Compared): SubgroupEffects["interaction"] {
  const df = effects.length - 1;
  if (df < 1 || !effects.every(Number.isFinite)) return undefined;
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
