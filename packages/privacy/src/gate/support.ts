/**
 * Rule (c): a column enters a model only where enough patients of all sites together tell its levels apart.
 *
 * A level that three patients have makes its row of gradient and information *be* those three. The counts come from a first round of
 * plain counts; a column without support is refused by name before any entry about it is opened.
 */

/** Totals over all sites. */
export type ColumnSupport =
  /** A level of a boolean or categorical column, both levels of a boolean listed: its rows in each outcome class (one class where there is none). */
  | { readonly kind: "level"; readonly column: string; readonly level: string; readonly countsByClass: readonly number[] }
  /** A numeric column: its rows that differ from its most frequent value. */
  | { readonly kind: "numeric"; readonly column: string; readonly differingCount: number };

/** Which column, and which level of it. The count itself is not said. */
export interface SupportProblem {
  readonly column: string;
  readonly level?: string;
}

/** Every column or level whose support is below k; none for k = 0. */
export function supportProblems(columns: readonly ColumnSupport[], minimumCell: number): readonly SupportProblem[] {
  return columns.flatMap((support): SupportProblem[] => {
    const { column } = support;
    if (support.kind === "numeric") return support.differingCount >= minimumCell ? [] : [{ column }];
    return support.countsByClass.every((count) => count >= minimumCell) ? [] : [{ column, level: support.level }];
  });
}
