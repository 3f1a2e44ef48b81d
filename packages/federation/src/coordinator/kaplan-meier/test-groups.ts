/** A test is computed over every combination of group values; a result lists those that have rows. */

import type { LogRankTest } from "@dure/statistics";
import type { KaplanMeierAnalysis } from "../../kaplan-meier-result.ts";
import { groupLabel } from "../groups.ts";
import type { KaplanMeierDesign } from "./design.ts";

/** The test with one figure for each group of the result, in its order. */
export function ofShownGroups(
  { groups }: KaplanMeierDesign,
  analysis: Pick<KaplanMeierAnalysis, "groups">,
  test: LogRankTest,
): LogRankTest {
  const labels = new Set(analysis.groups.map(({ group }) => groupLabel(group)));
  const shown = (values: readonly number[]): readonly number[] =>
    values.filter((_, i) => groups[i] !== undefined && labels.has(groupLabel(groups[i])));
  return { ...test, observed: shown(test.observed), expected: shown(test.expected) };
}
