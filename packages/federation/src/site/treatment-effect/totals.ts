/** One site's sums of the round after the models: propensities, balance under every weighting, means, and weighted curves. */

import { sum } from "@dure/numerics";
import type { Contribution } from "@dure/privacy";
import { binCount, binOf, targetTotals } from "@dure/statistics";
import { blocksOf } from "../../coordinator/treatment-effect/blocks.ts";
import type { TreatmentDesign } from "../../coordinator/treatment-effect/design.ts";
import type { TreatmentCounts, TreatmentPhase } from "../../coordinator/treatment-effect/state.ts";
import { propensityAtBounds, propensitySteps, type Scheme, schemesOf } from "../../coordinator/treatment-effect/totals.ts";
import { featureColumn } from "../feature-rows.ts";
import { influenceOf } from "./influence.ts";
import { type FittedRows, targetTerms } from "./targets.ts";

export function contributeTotals(design: TreatmentDesign, state: TreatmentPhase<"totals">, rows: FittedRows): Contribution {
  const vectors = new Map<string, Float64Array>(propensityCounts(rows));
  for (const scheme of schemesOf(design))
    for (const [name, values] of balanceSums(design, rows, scheme)) vectors.set(`${scheme}/${name}`, values);
  for (const block of blocksOf(design, state.counts)) {
    if (block.kind === "hazard") continue;
    const totals = targetTerms(design, rows, { block, totals: undefined }).map(targetTotals);
    vectors.set(
      `${block.name}/numerators`,
      Float64Array.from(totals, ([num]) => num),
    );
    vectors.set(
      `${block.name}/denominators`,
      Float64Array.from(totals, ([, den]) => den),
    );
  }
  for (const [name, values] of curveSums(design, state.counts, rows)) vectors.set(name, values);
  return { vectors, influence: influenceOf(design, state.counts, rows) };
}

function propensityCounts({ propensity, rows: { treated } }: FittedRows): readonly (readonly [string, Float64Array])[] {
  const bounds = new Float64Array(2);
  const steps = new Float64Array(2 * propensitySteps);
  const etaMax = Math.log1p(-propensityAtBounds) - Math.log(propensityAtBounds);
  propensity.mean.forEach((share, row) => {
    const step = Math.min(propensitySteps - 1, Math.floor(share * propensitySteps)) + (treated[row] === 1 ? propensitySteps : 0);
    steps[step] = (steps[step] ?? 0) + 1;
    const eta = propensity.eta[row] ?? 0;
    if (Math.abs(eta) > etaMax) bounds[eta < 0 ? 0 : 1] = (bounds[eta < 0 ? 0 : 1] ?? 0) + 1;
  });
  return [
    ["propensityBounds", bounds],
    ["propensitiesByArm", steps],
  ];
}

/** By arm; sums of columns arm by arm. */
function balanceSums(design: TreatmentDesign, rows: FittedRows, scheme: Scheme): readonly (readonly [string, Float64Array])[] {
  const weights = weightsOf(rows, scheme);
  const arms = [0, 1].map((arm) => weights.map((weight, row) => (rows.rows.treated[row] === arm ? weight : 0)));
  const columns = design.features.map((_, j) => featureColumn(rows.standardised, j));
  const overArms = (of: (arm: Float64Array, column: Float64Array) => number): Float64Array =>
    Float64Array.from(arms.flatMap((arm) => columns.map((column) => of(arm, column))));
  return [
    ["balanceWeights", Float64Array.from([...arms.map(sum), ...arms.map((arm) => sum(arm.map((weight) => weight * weight)))])],
    ["balanceSums", overArms((arm, column) => sum(arm.map((weight, row) => weight * (column[row] ?? 0))))],
    ["balanceSquares", overArms((arm, column) => sum(arm.map((weight, row) => weight * (column[row] ?? 0) ** 2)))],
  ];
}

/** Weighted events, and weights and squared weights at risk, on each arm's merged intervals: arm by arm. */
function curveSums(
  design: TreatmentDesign,
  { intervals }: TreatmentCounts,
  rows: FittedRows,
): readonly (readonly [string, Float64Array])[] {
  const { grid, weightings } = design;
  const { times } = rows.rows;
  if (grid === undefined || intervals === null || times === undefined) return [];
  return weightings.flatMap((weighting) => {
    const weights = weightsOf(rows, weighting);
    const parts = intervals.map(({ ends }, arm) => {
      const intervalOf = intervalsByBin(ends, binCount(grid));
      const sums = { events: new Float64Array(ends.length), atRisk: new Float64Array(ends.length), squares: new Float64Array(ends.length) };
      const [leaving, squaresLeaving] = [new Float64Array(ends.length + 1), new Float64Array(ends.length + 1)];
      times.forEach((time, row) => {
        if (rows.rows.treated[row] !== arm) return;
        const weight = weights[row] ?? 0;
        const k = time > grid.horizonDays ? ends.length : (intervalOf[binOf(time, grid.binWidthDays)] ?? ends.length);
        leaving[k] = (leaving[k] ?? 0) + weight;
        squaresLeaving[k] = (squaresLeaving[k] ?? 0) + weight * weight;
        if (rows.rows.outcome[row] === 1 && k < ends.length) sums.events[k] = (sums.events[k] ?? 0) + weight;
      });
      // At risk in an interval is whoever leaves in it or later.
      let [atRisk, squares] = [leaving[ends.length] ?? 0, squaresLeaving[ends.length] ?? 0];
      for (let k = ends.length - 1; k >= 0; k--) {
        sums.atRisk[k] = atRisk += leaving[k] ?? 0;
        sums.squares[k] = squares += squaresLeaving[k] ?? 0;
      }
      return sums;
    });
    const both = (of: "events" | "atRisk" | "squares"): Float64Array => Float64Array.from(parts.flatMap((part) => [...part[of]]));
    return [
      [`${weighting}/weightedEvents`, both("events")],
      [`${weighting}/weightedAtRisk`, both("atRisk")],
      [`${weighting}/weightSquaresAtRisk`, both("squares")],
    ] as const;
  });
}

export const weightsOf = (rows: FittedRows, scheme: Scheme): Float64Array =>
  scheme === "unweighted" ? new Float64Array(rows.rows.rowCount).fill(1) : (rows.weights.get(scheme)?.weight ?? new Float64Array());

/** By bin, the first interval that ends there or later; as many as there are intervals behind the last. */
function intervalsByBin(ends: readonly number[], bins: number): Uint32Array {
  const found = new Uint32Array(bins);
  let k = 0;
  for (let bin = 0; bin < bins; bin++) {
    while (k < ends.length && (ends[k] ?? 0) < bin) k++;
    found[bin] = k;
  }
  return found;
}
