/**
 * Suppression in a table whose total is known: rows in = rows out + rows excluded by reason.
 *
 * Hiding one small cell is no use when the others and the total are printed, since subtraction gives it back. So cells are hidden until
 * their sum is at least the minimum cell and no single one stands alone; where there are not enough cells, the total is blurred instead.
 */

import type { LoadReport, ReportedCount } from "./report-options.ts";

export interface SuppressedLoad {
  readonly source: string;
  readonly rowsIn: ReportedCount;
  readonly rowsOut: ReportedCount;
  readonly excluded: readonly { readonly reason: string; readonly count: ReportedCount }[];
}

/**
 * @param minimumCell k ≥ 0; 0 hides nothing (public data). A reason with no rows is left out of the table.
 * Disclosure: what is printed never fixes a cell from 1 to k - 1. A cell hidden only to protect another prints "–", without a bound.
 */
export function suppressLoad(load: LoadReport, minimumCell: number): SuppressedLoad {
  const cells = load.excluded.filter((cell) => cell.rowCount > 0);
  const hidden = new Set(cells.filter((cell) => cell.rowCount < minimumCell));
  const rowsOutIsSmall = load.rowsOut > 0 && load.rowsOut < minimumCell;
  const enough = () => hidden.size >= 2 && [...hidden].reduce((sum, cell) => sum + cell.rowCount, 0) >= minimumCell;
  const further = cells.filter((cell) => !hidden.has(cell)).sort((a, b) => a.rowCount - b.rowCount);
  while (hidden.size > 0 && !enough()) {
    const next = further.shift();
    if (next === undefined) break;
    hidden.add(next);
  }
  const blurTotal = hidden.size > 0 && !enough();
  return {
    source: load.source,
    rowsIn: blurTotal || rowsOutIsSmall ? {} : { n: load.rowsIn },
    rowsOut: rowsOutIsSmall ? { lessThan: minimumCell } : { n: load.rowsOut },
    excluded: cells.map((cell) => ({ reason: cell.reason, count: suppressCell(cell.rowCount, { hidden: hidden.has(cell), minimumCell }) })),
  };
}

function suppressCell(rowCount: number, options: { readonly hidden: boolean; readonly minimumCell: number }): ReportedCount {
  if (!options.hidden) return { n: rowCount };
  return rowCount < options.minimumCell ? { lessThan: options.minimumCell } : {};
}
