/**
 * A hospital on its own: the same two halves with one site and no coordinator, nothing leaves.
 *
 * The minimum cell is 0 here: it protects what a coordinator opens, and here nobody opens anything. What becomes of the result afterwards
 * (the own release `local-model`) is decided by the gate and the steward.
 */

import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { AnalysisRefusal } from "../analysis.ts";
import { coordinatorPartFor } from "../coordinator/registry.ts";
import type { AnalysisResult } from "../result.ts";
import { sitePartFor } from "./registry.ts";

export type AloneEnd =
  | { readonly kind: "done"; readonly result: AnalysisResult }
  | { readonly kind: "refused"; readonly refusal: AnalysisRefusal };

/** Fails: DureError `federation/analysis-not-available`, and what the analysis says of rows that it cannot use. */
export async function runAlone(study: StudyDocument, table: AnalysisTable): Promise<AloneEnd> {
  const alone = { ...study, privacy: { ...study.privacy, minimumCell: 0 } };
  const coordinator = coordinatorPartFor(alone);
  const site = sitePartFor(alone);
  let state = coordinator.begin([]);
  for (;;) {
    const { vectors } = await site.contribute(state, table);
    const absorbed = coordinator.absorb(state, { siteCount: 1, vectors });
    // The study's own part made it; JSON only for those who do not know the analysis.
    if (absorbed.kind === "done") return { kind: "done", result: absorbed.result as unknown as AnalysisResult };
    if (absorbed.kind === "refused") return absorbed;
    state = absorbed.state;
  }
}
