/**
 * A hospital's own models: the same two halves with one site and no coordinator, nothing leaves.
 *
 * The minimum cell is 0 here: it protects what a coordinator opens, and here nobody opens anything. What becomes of a local model
 * afterwards (the own release `local-model`) is decided by the gate and the steward.
 */

import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { AnalysisRefusal } from "../../analysis.ts";
import { logisticRegressionCoordinator } from "../../coordinator/logistic/logistic-regression.ts";
import type { LogisticRegressionResult } from "../../result.ts";
import { logisticRegressionSite } from "./logistic-regression.ts";

export type LocalFit =
  | { readonly kind: "done"; readonly result: LogisticRegressionResult }
  | { readonly kind: "refused"; readonly refusal: AnalysisRefusal };

/** The full local model, and the five that leave a fold out where the study holds no rows out. Fails: RangeError on a study that is no logistic regression. */
export async function fitLocalModels(study: StudyDocument, table: AnalysisTable): Promise<LocalFit> {
  const alone = { ...study, privacy: { ...study.privacy, minimumCell: 0 } };
  const coordinator = logisticRegressionCoordinator(alone);
  const site = logisticRegressionSite(alone);
  let state = coordinator.begin([]);
  for (;;) {
    const { vectors } = await site.contribute(state, table);
    const absorbed = coordinator.absorb(state, { siteCount: 1, vectors });
    if (absorbed.kind !== "continue") return absorbed;
    state = absorbed.state;
  }
}
