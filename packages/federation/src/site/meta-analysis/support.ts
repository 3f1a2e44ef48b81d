/** How many patients of this hospital stand behind each column of its own fit. */

import { type AnalysisTable, designColumnValues } from "@dure/records";
import { supportedColumns } from "../../coordinator/column-support.ts";
import type { MetaAnalysisDesign } from "../../coordinator/meta-analysis/design.ts";
import { columnOf, gatherInto } from "../gathered-columns.ts";
import { countOffMode } from "../row-counts.ts";

/**
 * As in the fit over all hospitals: of a logistic model a boolean's levels by class, of a Cox model their rows and events, of the others
 * their rows; of a number the rows off its most frequent value.
 */
export function countSupport(design: MetaAnalysisDesign, table: AnalysisTable, rows: Uint32Array): readonly number[] {
  const events = design.event === undefined ? undefined : columnOf(table, design.event);
  return supportedColumns(design).flatMap((column) => {
    const values = new Float64Array(rows.length);
    gatherInto(designColumnValues(table, column), rows, values);
    if (column.type !== "boolean") return [countOffMode(values, { from: 0, to: values.length })];
    const cells = [0, 0, 0, 0];
    values.forEach((value, i) => {
      const level = value === 1 ? 2 : 0;
      const isEvent = events?.[rows[i] ?? 0] === 1;
      const counted = [design.model === "logistic" ? !isEvent : true, design.event === undefined || isEvent];
      counted.forEach((counts, cell) => {
        cells[level + cell] = (cells[level + cell] ?? 0) + (counts ? 1 : 0);
      });
    });
    return cells;
  });
}
