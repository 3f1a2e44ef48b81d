/**
 * Means and standard deviations by which the columns of imputation models are standardised: of numbers by two rounds, of levels from the counts.
 *
 * The scale only keeps sums near 1; whoever is drawn for is not in it. n in the denominator.
 */

import type { Sum, SumLayout } from "@dure/privacy";
import { momentsBound } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import { levelCount } from "./design.ts";
import type { ColumnScales } from "./multiple-state.ts";
import type { MultipleDesign } from "./predictors.ts";
import type { MissingCounts } from "./state.ts";

/** Columns whose mean is not known from counts. */
export const scaledColumns = ({ columns }: MultipleDesign): readonly number[] =>
  columns.flatMap(({ kind }, c) => (kind === "number" || kind === "hazard" ? [c] : []));

const wideLayout = (name: string, design: MultipleDesign): SumLayout => ({
  vectors: [{ name, length: scaledColumns(design).length, encoding: "wide", bound: momentsBound }],
});

export const centreLayout = (design: MultipleDesign): SumLayout => wideLayout("presentSums", design);
export const spreadLayout = (design: MultipleDesign): SumLayout => wideLayout("presentDeviations", design);

export function meansOf(design: MultipleDesign, counts: MissingCounts, sum: Sum): readonly number[] {
  const sums = readVector(sum, "presentSums", scaledColumns(design).length);
  return byColumn(
    design,
    counts,
    (place, present) => entry(sums, place) / present,
    (share) => share,
  );
}

/** A spread of 1e-10 of the magnitude is the rounding of a constant. */
const RELATIVE_SPREAD_MIN = 1e-10;

export function scalesOf(
  design: MultipleDesign,
  counts: MissingCounts,
  { means, sum }: { readonly means: readonly number[]; readonly sum: Sum },
): ColumnScales {
  const squares = readVector(sum, "presentDeviations", scaledColumns(design).length);
  const deviations = byColumn(
    design,
    counts,
    (place, present) => Math.sqrt(Math.max(0, entry(squares, place)) / present),
    (share) => Math.sqrt(share * (1 - share)),
  );
  return { means, deviations: deviations.map((value, c) => (value > RELATIVE_SPREAD_MIN * Math.abs(entry(means, c)) ? value : 0)) };
}

function byColumn(
  design: MultipleDesign,
  counts: MissingCounts,
  ofNumber: (place: number, present: number) => number,
  ofShare: (share: number) => number,
): readonly number[] {
  const scaled = scaledColumns(design);
  const levelStarts = startsOf(design);
  return design.columns.map(({ feature, kind, level }, c) => {
    const present = counts.n - (feature === undefined ? 0 : (counts.missing[feature] ?? 0));
    if (kind === "case") return ofShare(counts.cases / counts.n);
    if (kind === "level") return ofShare((counts.levels[(levelStarts[feature ?? 0] ?? 0) + level] ?? 0) / present);
    return ofNumber(scaled.indexOf(c), present);
  });
}

/** Where the levels of each feature begin. */
function startsOf({ features }: MultipleDesign): readonly number[] {
  let next = 0;
  return features.map((feature) => {
    next += levelCount(feature);
    return next - levelCount(feature);
  });
}
