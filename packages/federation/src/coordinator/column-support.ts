/** How many rows stand behind a column of the design matrix, before anything that carries it is opened (design.md section 7 c). */

import { type ColumnSupport, supportProblems } from "@dure/privacy";
import type { DesignColumn } from "@dure/study";
import { entry } from "./sum-reading.ts";

/** A column of the design matrix. */
export type Feature = DesignColumn;

/** What is counted: the columns of a model, and the cells that they give away by subtraction. */
export interface CountedColumns {
  readonly features: readonly Feature[];
  readonly impliedCells: readonly Feature[];
}

/** Entries of the support of all columns. */
export const supportLength = (design: CountedColumns): number =>
  supportedColumns(design).reduce((total, feature) => total + supportCells(feature), 0);

/** Everything whose support is counted, in that order. */
export const supportedColumns = (design: CountedColumns): readonly Feature[] => [...design.features, ...design.impliedCells];

/** Cells that the support of one column takes: a boolean's two levels in two classes, a number's rows off its most frequent value. */
const supportCells = (feature: Feature): number => (feature.type === "boolean" ? 4 : 1);

/** Names of the columns below the minimum cell; `support` holds every column's cells, in the order of the features. */
export function unsupported(design: CountedColumns & { readonly minimumCell: number }, support: readonly number[]): readonly string[] {
  let next = 0;
  const columns = supportedColumns(design).flatMap((feature): readonly ColumnSupport[] => {
    const cells = support.slice(next, next + supportCells(feature));
    next += cells.length;
    const column = feature.name;
    if (feature.type === "number") return [{ kind: "numeric", column, differingCount: entry(cells, 0) }];
    return ["0", "1"].map((level, i) => ({ kind: "level", column, level, countsByClass: cells.slice(2 * i, 2 * i + 2) }));
  });
  return [...new Set(supportProblems(columns, design.minimumCell).map((problem) => problem.column))];
}
