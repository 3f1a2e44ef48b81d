/** What the gate asks about the rows that a site's sums are of. */

import { type AnalysisTable, personsOfStudy } from "@dure/records";
import type { StudyDocument, Variable } from "@dure/study";

export interface TrainingCounts {
  /** Persons; rows where each is a person's. */
  readonly rowCount: number;
  /** Rows without and with the outcome (of a treatment with site terms: untreated and treated); undefined where a study has no classes. */
  readonly classCounts: readonly [number, number] | undefined;
}

/** What a model of the study tells apart. A hospital's own intercept needs patients of either treatment; a shared one does not. */
function classVariable({ analysis, data: { variables } }: StudyDocument): Variable | undefined {
  if (analysis.kind !== "treatment-effect") return variables.find(({ role, type }) => role === "outcome" && type === "boolean");
  return analysis.siteTerms ? variables.find(({ role }) => role === "treatment") : undefined;
}

/** Training rows of a frozen table: rows that the study holds out leave no sums and do not count. O(n). */
export function trainingCounts(study: StudyDocument, table: AnalysisTable): TrainingCounts {
  const hasSplit = study.data.split !== undefined;
  const isTraining = (row: number): boolean => !(hasSplit && table.heldOut[row] === 1);
  const outcome = classVariable(study);
  const values = outcome === undefined ? undefined : table.columns.get(outcome.name);
  const classes: [number, number] = [0, 0];
  for (let row = 0; row < table.rowCount; row++) {
    if (isTraining(row)) classes[values?.[row] === 1 ? 1 : 0]++;
  }
  const persons = personsOfStudy(study, table)?.ofRow;
  const rowCount = persons === undefined ? classes[0] + classes[1] : new Set(persons.filter((_, row) => isTraining(row))).size;
  return { rowCount, classCounts: values === undefined ? undefined : classes };
}
