/** A hospital's own figures in a study of a treatment: its patients, and those with the outcome or event. */

import type { StudyDocument } from "@dure/study";
import { treatmentDesign } from "../../coordinator/treatment-effect/design.ts";
import type { SiteEvaluation } from "../../result.ts";
import type { FiguresRequest, SiteFigures } from "../figures.ts";
import { columnOf } from "../gathered-columns.ts";

/** Nothing of a hospital without a row; of an outcome that is a number, patients and those treated. */
export async function treatmentFigures(study: StudyDocument, { site, role, table }: FiguresRequest): Promise<SiteFigures | undefined> {
  const design = treatmentDesign(study);
  const counted = design.survival?.event ?? (design.outcome?.isBoolean === true ? design.outcome.name : design.treatment);
  const values = columnOf(table, counted);
  let [n, events] = [0, 0];
  for (let row = 0; row < values.length; row++) {
    if (table.heldOut[row] === 1) continue;
    n++;
    if (values[row] === 1) events++;
  }
  const evaluation: SiteEvaluation = { site, role, n, events, auc: {} };
  return n === 0 ? undefined : { evaluation, localOnExternal: [] };
}
