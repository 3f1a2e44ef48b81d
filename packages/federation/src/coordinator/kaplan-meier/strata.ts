/**
 * The sum of a log-rank test within hospitals: each compares the groups in its own risk sets, on the intervals merged over all of them.
 *
 * Bounds of one site's entries, n rows in all: expected events are at most its own events, so at most n; V_gg ≤ Σ d n_g (n − n_g) / n² ≤ n / 4,
 * and |V_gh| likewise.
 */

import { packedLength } from "@dure/numerics";
import type { Sum, SumLayout } from "@dure/privacy";
import { logRankTest } from "@dure/statistics";
import type { KaplanMeierResult } from "../../kaplan-meier-result.ts";
import { readVector } from "../sum-reading.ts";
import type { KaplanMeierDesign } from "./design.ts";
import type { StrataState } from "./state.ts";
import { ofShownGroups } from "./test-groups.ts";

export function strataLayout({ groups }: KaplanMeierDesign, { analysis }: StrataState): SumLayout {
  const bound = analysis.n + 1;
  return {
    vectors: [
      { name: "expectedEvents", length: groups.length, encoding: "wide", bound },
      { name: "logRankCovariance", length: packedLength(groups.length), encoding: "wide", bound },
    ],
  };
}

export function absorbStrata(design: KaplanMeierDesign, { analysis, observed }: StrataState, sum: Sum): KaplanMeierResult {
  const groupCount = design.groups.length;
  const test = logRankTest({
    observed: Float64Array.from(observed),
    expected: Float64Array.from(readVector(sum, "expectedEvents", groupCount)),
    covariance: Float64Array.from(readVector(sum, "logRankCovariance", packedLength(groupCount))),
  });
  if (test === undefined) return { analysis };
  return { analysis: { ...analysis, test: { ...ofShownGroups(design, analysis, test), strata: "site" } } };
}
