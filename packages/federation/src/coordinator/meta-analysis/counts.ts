/**
 * The first round: how many hospitals have a fit of their own, why the others have none, and plain counts of the rows behind those fits.
 *
 * Only then is anything of a coefficient summed, and only over as many hospitals as a secure sum takes: a sum over two would tell each of
 * them the other's. A level or column needs the same total support as in one fit over all hospitals.
 */

import type { Sum, SumLayout } from "@dure/privacy";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { MetaAnalysisResult } from "../../meta-analysis-result.ts";
import { supportLength, unsupported } from "../column-support.ts";
import { countVector } from "../count-vectors.ts";
import { entry, readVector } from "../sum-reading.ts";
import { LEFT_OUT_REASONS, type MetaAnalysisDesign } from "./design.ts";
import type { MetaAnalysisPhase, MetaAnalysisState } from "./state.ts";

export function countsLayout(design: MetaAnalysisDesign): SumLayout {
  return {
    vectors: [
      countVector("ownFits", 1, 1),
      countVector("ownFitsLeftOut", LEFT_OUT_REASONS.length, 1),
      countVector("cases", 2),
      countVector("excluded", design.reasons.length),
      countVector("support", supportLength(design)),
    ],
  };
}

export function absorbCounts(
  design: MetaAnalysisDesign,
  { alone }: MetaAnalysisPhase<"counts">,
  sum: Sum,
): Absorbed<MetaAnalysisState, MetaAnalysisResult> {
  const fitted = entry(readVector(sum, "ownFits", 1), 0);
  const left = readVector(sum, "ownFitsLeftOut", LEFT_OUT_REASONS.length);
  const refusal = fitted < (alone ? 1 : design.hospitalsMin) ? tooFew(left) : unsupportedColumns(design, sum);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const [n = 0, events = 0] = readVector(sum, "cases", 2);
  const excluded = readVector(sum, "excluded", design.reasons.length);
  return { kind: "continue", state: { phase: "scales", counts: { n, events, fitted, left, excluded } } };
}

/** With the reasons in the place of columns: a count of hospitals each, and none of patients. */
const tooFew = (left: readonly number[]): AnalysisRefusal => ({
  code: "too-few-hospitals",
  columns: LEFT_OUT_REASONS.flatMap((reason, i) => (entry(left, i) > 0 ? [`${reason}: ${entry(left, i)}`] : [])),
});

function unsupportedColumns(design: MetaAnalysisDesign, sum: Sum): AnalysisRefusal | undefined {
  if (design.minimumCell === 0) return undefined;
  const columns = unsupported(design, readVector(sum, "support", supportLength(design)));
  return columns.length > 0 ? { code: "unsupported-column", columns } : undefined;
}
