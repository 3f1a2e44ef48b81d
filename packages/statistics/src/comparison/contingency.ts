/** Tests of a table of counts, rows against columns: Pearson's χ² and Fisher's exact test. */

import { chiSquaredUpperTail } from "@dure/numerics";

export type ChiSquaredTest = { readonly chisq: number; readonly df: number; readonly p: number };

/**
 * Pearson's χ² without continuity correction: Σ (observed − expected)² / expected, (rows − 1)(columns − 1) degrees of freedom.
 *
 * @param counts shape (rows, columns), whole numbers from 0; rows and columns of zeros only are left out
 * @returns undefined where fewer than two rows or columns are left
 * Source: Pearson 1900; R's chisq.test(correct = FALSE).
 */
export function pearsonTest(counts: readonly (readonly number[])[]): ChiSquaredTest | undefined {
  const table = withoutEmpty(counts);
  const [rows, columns] = marginsOf(table);
  if (rows.length < 2 || columns.length < 2) return undefined;
  const n = rows.reduce((total, row) => total + row, 0);
  let chisq = 0;
  table.forEach((row, i) => {
    row.forEach((count, j) => {
      const expected = ((rows[i] ?? 0) * (columns[j] ?? 0)) / n;
      chisq += (count - expected) ** 2 / expected;
    });
  });
  const df = (rows.length - 1) * (columns.length - 1);
  return { chisq, df, p: chiSquaredUpperTail(chisq, df) };
}

export function withoutEmpty(counts: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const [rows, columns] = marginsOf(counts);
  return counts.filter((_, i) => (rows[i] ?? 0) > 0).map((row) => row.filter((_, j) => (columns[j] ?? 0) > 0));
}

export function marginsOf(counts: readonly (readonly number[])[]): readonly [rows: readonly number[], columns: readonly number[]] {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return [counts.map(sum), (counts[0] ?? []).map((_, j) => sum(counts.map((row) => row[j] ?? 0)))];
}
