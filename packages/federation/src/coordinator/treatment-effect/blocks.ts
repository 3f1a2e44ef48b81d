/**
 * What is estimated, as blocks of targets. Each target is a ratio of two sums over rows (statistics/causal/influence.ts); targets of one block
 * are compared with each other, so that their errors are summed with their products.
 *
 *  - one block an estimator: the mean of the untreated and of the treated
 *  - one block a negative control, and one a subgroup variable (two targets a level), by the first weighting
 *  - one block a weighted Cox regression, and one a subgroup variable: log hazard ratios, whose error terms have their own form
 */

import type { Estimator } from "../../treatment-effect-result.ts";
import type { TreatmentDesign, Weighting } from "./design.ts";
import type { TreatmentCounts } from "./state.ts";

export interface Target {
  readonly arm: 0 | 1;
  /** Of the block's subgroup. */
  readonly level?: number;
}

export type Block = {
  readonly name: string;
  readonly estimator: Estimator;
  /** Which model's error the targets share; AIPW's influence function needs none. */
  readonly model: "propensity" | "outcome" | "none";
  readonly targets: readonly Target[];
} & (
  | { readonly kind: "outcome" }
  | { readonly kind: "control"; readonly control: number }
  | { readonly kind: "subgroup"; readonly subgroup: number }
  /** Of all patients, or of each level of a subgroup. */
  | { readonly kind: "hazard"; readonly weighting: Weighting; readonly subgroup?: number }
);

const arms: readonly Target[] = [{ arm: 0 }, { arm: 1 }];

export function blocksOf(design: TreatmentDesign, counts: Pick<TreatmentCounts, "controls" | "subgroups">): readonly Block[] {
  const [first] = design.weightings;
  const controls = first === undefined ? [] : counts.controls.map((control) => controlBlock(control, first));
  if (design.outcomeModel === "kaplan-meier") return [];
  if (design.outcomeModel === "cox") {
    const levels = first === undefined ? [] : counts.subgroups.map((subgroup) => hazardsByLevel(design, subgroup, first));
    return [...design.weightings.map(hazardBlock), ...levels, ...controls];
  }
  const main = design.estimators.map(
    (estimator): Block => ({ name: estimator, kind: "outcome", estimator, model: modelOf(estimator), targets: arms }),
  );
  const subgroups = first === undefined ? [] : counts.subgroups.map((subgroup) => subgroupBlock(design, subgroup, first));
  return [...main, ...subgroups, ...controls];
}

const modelOf = (estimator: Estimator): Block["model"] =>
  estimator === "aipw" ? "none" : estimator === "g-computation" ? "outcome" : "propensity";

const hazardBlock = (weighting: Weighting): Block => ({
  name: weighting,
  kind: "hazard",
  estimator: weighting,
  model: "propensity",
  weighting,
  targets: [{ arm: 1 }],
});

const hazardsByLevel = ({ subgroups }: TreatmentDesign, subgroup: number, weighting: Weighting): Block => ({
  ...hazardBlock(weighting),
  kind: "hazard",
  weighting,
  name: `subgroup ${subgroup + 1}`,
  subgroup,
  targets: (subgroups[subgroup]?.levels ?? []).map((_, level) => ({ arm: 1, level })),
});

const controlBlock = (control: number, estimator: Weighting): Block => ({
  name: `control ${control + 1}`,
  kind: "control",
  estimator,
  model: "propensity",
  control,
  targets: arms,
});

const subgroupBlock = ({ subgroups }: TreatmentDesign, subgroup: number, estimator: Weighting): Block => ({
  name: `subgroup ${subgroup + 1}`,
  kind: "subgroup",
  estimator,
  model: "propensity",
  subgroup,
  targets: (subgroups[subgroup]?.levels ?? []).flatMap((_, level) => arms.map(({ arm }) => ({ arm, level }))),
});
