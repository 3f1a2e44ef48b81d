/** What the gate asks about the rows that a site's sums are of. */

import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";

export interface TrainingCounts {
  readonly rowCount: number;
  /** Rows without and with the outcome; undefined for a study without an outcome. */
  readonly classCounts: readonly [number, number] | undefined;
}

/** Training rows of a frozen table: rows that the study holds out leave no sums and do not count. O(n). */
export function trainingCounts(study: StudyDocument, table: AnalysisTable): TrainingCounts {
  const hasSplit = study.data.split !== undefined;
  const outcome = study.data.variables.find((variable) => variable.role === "outcome");
  const values = outcome === undefined ? undefined : table.columns.get(outcome.name);
  const classes: [number, number] = [0, 0];
  for (let row = 0; row < table.rowCount; row++) {
    if (!(hasSplit && table.heldOut[row] === 1)) classes[values?.[row] === 1 ? 1 : 0]++;
  }
  return { rowCount: classes[0] + classes[1], classCounts: values === undefined ? undefined : classes };
}
