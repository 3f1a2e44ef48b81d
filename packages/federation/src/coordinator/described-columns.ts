/** What counts and moments tell of the rows of a model. */

import type { LogisticAnalysis } from "../result.ts";
import type { Feature } from "./column-support.ts";
import { reportedCount, reportedExclusions } from "./excluded-reasons.ts";
import type { Standardisation } from "./standardisation.ts";
import { entry } from "./sum-reading.ts";

export interface DescribedDesign {
  readonly features: readonly Feature[];
  readonly reasons: readonly string[];
  readonly minimumCell: number;
}

interface KnownRows {
  readonly n: number;
  readonly excluded: readonly number[];
  readonly standardisation: Standardisation | undefined;
}

/** Who was left out and why, and what each feature looks like, with counts below the minimum cell suppressed. */
export function describeColumns(
  design: DescribedDesign,
  { n, excluded: counts, standardisation }: KnownRows,
): Pick<LogisticAnalysis, "excluded" | "description"> {
  const excluded = reportedExclusions(design, counts);
  const description = design.features.flatMap(({ name, factors }, j) => {
    const [factor, ...others] = factors;
    // A product and the bends of a spline say nothing of a patient that the features themselves do not.
    if (factor === undefined || factor.kind === "spline" || others.length > 0) return [];
    const mean = standardisation?.means[j];
    const standardDeviation = standardisation?.standardDeviations[j];
    const missing = reportedCount(entry(counts, design.reasons.indexOf(`${factor.variable}: missing`)), design.minimumCell);
    return mean === undefined || standardDeviation === undefined ? [] : [{ variable: name, n, mean, standardDeviation, missing }];
  });
  return { excluded, description };
}
