/**
 * Single imputation: the mean of a number, the most frequent level of the others, over the hospitals together, and a column that says where.
 *
 * The missing-indicator method. It keeps every row and, where the missing value itself was part of the decision that is predicted, says
 * something about the patient. It biases coefficients of correlated variables (Greenland & Finkle 1995, Am J Epidemiol 142:1255; Groenwold
 * et al. 2012, CMAJ 184:1265), and its standard errors take what was put in as seen: for effects choose multiple imputation.
 */

import type { Sum, SumLayout } from "@dure/privacy";
import { momentsBound } from "../standardisation.ts";
import { readVector } from "../sum-reading.ts";
import type { MissingDesign } from "./design.ts";
import type { ColumnScales, ImputationPlan } from "./multiple-state.ts";
import type { MultipleDesign } from "./predictors.ts";
import type { Fill, MissingCounts } from "./state.ts";

/** Numbers that some row lacks, by place among the features. */
export const incompleteNumbers = ({ features }: MissingDesign, { missing }: MissingCounts): readonly number[] =>
  features.flatMap(({ type }, j) => (type === "number" && (missing[j] ?? 0) > 0 ? [j] : []));

export const fillLayout = (design: MissingDesign, counts: MissingCounts): SumLayout => ({
  vectors: [{ name: "presentSums", length: incompleteNumbers(design, counts).length, encoding: "wide", bound: momentsBound }],
});

export function fillOf(design: MissingDesign, counts: MissingCounts, sum: Sum | undefined): Fill {
  const numbers = incompleteNumbers(design, counts);
  const sums = sum === undefined ? [] : readVector(sum, "presentSums", numbers.length);
  return design.features.map((_, j) => {
    const missing = counts.missing[j] ?? 0;
    if (missing === 0) return null;
    const place = numbers.indexOf(j);
    return place < 0 ? (counts.modes[j] ?? null) : (sums[place] ?? Number.NaN) / (counts.n - missing);
  });
}

/** In multiple imputation: of features that are missing, but in too few rows to be drawn. */
export function fillOnce(
  design: MultipleDesign,
  counts: MissingCounts,
  { plan, scales }: { readonly plan: ImputationPlan; readonly scales: ColumnScales },
): Fill {
  return design.features.map((_, j) => {
    if ((counts.missing[j] ?? 0) === 0 || plan.targets.includes(j)) return null;
    const column = design.columns.findIndex(({ feature, kind }) => feature === j && kind === "number");
    return column < 0 ? (counts.modes[j] ?? null) : (scales.means[column] ?? Number.NaN);
  });
}
