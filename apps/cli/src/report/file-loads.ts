/** The loads of a report from a site's own load report: one line a file, with reasons in both languages where they are the product's own. */

import { type Text, text } from "@dure/kernel";
import type { LoadReport } from "./report-options.ts";

/** What is needed of a site's report on one file. */
export interface FileCounts {
  readonly path: string;
  readonly rowsIn: number;
  readonly excluded: readonly { readonly reason: string; readonly rowCount: number }[];
}

export const fileLoads = (files: readonly FileCounts[]): readonly LoadReport[] =>
  files.map(({ path, rowsIn, excluded }) => ({
    source: path,
    rowsIn,
    rowsOut: rowsIn - excluded.reduce((sum, { rowCount }) => sum + rowCount, 0),
    excluded: excluded.map(({ reason, rowCount }) => ({ reason: reasonText(reason), rowCount })),
  }));

/** A mapping states its reasons in one language; those stay as they were written. */
function reasonText(reason: string): Text {
  if (reason === "opted out") return text("Opted out", "정보 제공 거부");
  if (reason.startsWith("not a person of file ")) return text("Not in the file of patients", "환자 파일에 없음");
  const [value, requirement] = reason.split(": ");
  if (requirement === "missing, which PERSON requires") return text(`Missing and required: ${value}`, `필수 항목 결측: ${value}`);
  return text(reason, reason);
}
