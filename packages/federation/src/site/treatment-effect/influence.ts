/** What the gate is told of a round's sums over weights and predictions: how many patients carry them. */

import { sum } from "@dure/numerics";
import type { Influence } from "@dure/privacy";
import type { TreatmentDesign } from "../../coordinator/treatment-effect/design.ts";
import type { TreatmentCounts } from "../../coordinator/treatment-effect/state.ts";
import type { FittedRows } from "./targets.ts";

/**
 * How many patients carry the sums, by weighting and arm: for means their weights, for slopes also how fast these change. Of a regression of
 * the outcome, how many carry its predictions and their slopes. What is 0 of everybody adds nothing and shows nothing.
 */
export function influenceOf(design: TreatmentDesign, { arms }: TreatmentCounts, rows: FittedRows): readonly Influence[] {
  const { treated } = rows.rows;
  const linearPredictorMax = largest(rows.propensity.eta);
  const ofArm = (values: Float64Array, arm: number): Float64Array => values.filter((_, row) => treated[row] === arm);
  const weighted = design.weightings.flatMap((scheme) => {
    const own = rows.weights.get(scheme);
    return [0, 1].flatMap((arm) =>
      [own?.weight, own?.slope].flatMap((values) => {
        const carried = values === undefined ? new Float64Array() : ofArm(values.map(Math.abs), arm);
        return influence(`${scheme}, arm ${arm}`, carried, { linearPredictorMax, totalRowCount: arms[arm] ?? 0 });
      }),
    );
  });
  const predicted = (rows.predictions ?? []).flatMap(({ eta, mean, weight }, arm) => {
    if (design.outcomeRegression === "linear") return [];
    const known = { linearPredictorMax: largest(eta), totalRowCount: arms[0] + arms[1] };
    return [mean, weight].flatMap((values) => influence(`predictions, arm ${arm}`, values, known));
  });
  return [...weighted, ...predicted];
}

const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Of means: as many effective rows as the minimum cell. */
function influence(
  what: string,
  carried: Float64Array,
  known: Pick<Influence, "linearPredictorMax" | "totalRowCount">,
): readonly Influence[] {
  const weightSum = sum(carried);
  if (weightSum === 0) return [];
  const weightSquareSum = sum(carried.map((weight) => weight * weight));
  return [{ what, rowCount: carried.length, parameterCount: 1, weightSum, weightSquareSum, effectiveRowsMin: 0, ...known }];
}
