/**
 * Rule (a): counts shown to a person, with complementary suppression.
 *
 * Hiding the small cells of a table is not enough: its margins give them back by subtraction, along rows, along columns, or round a
 * corner of both. Seen as a network the question is exact. Each count is the flow of an arc: row totals from a source to the rows, cells
 * from rows to columns, column totals from the columns to a sink, the grand total back to the source; that the table adds up is that
 * nothing gets lost at a node. What a reader can conclude about a hidden count is which flows agree with the shown ones and are not
 * negative. Here every small count could be larger by k with all shown counts as they are: along some cycle through its arc, hidden arcs
 * forward may grow without limit, and hidden arcs backward may shrink by what they hold. Where no such cycle is hidden yet, the cheapest
 * one is hidden too (cheapest: least sum of counts lost).
 *
 * Source: Cox 1995, J Am Stat Assoc 90:1453 (network models of cell suppression); the choice of cycles here is greedy, not optimal.
 */

export type ReportedCount = { readonly kind: "exact"; readonly value: number } | { readonly kind: "suppressed"; readonly lessThan: number };

/** In a table a hidden cell does not say whether it is small itself or protects another. */
export type TableCount = { readonly kind: "exact"; readonly value: number } | { readonly kind: "suppressed" };

export interface SuppressedTable {
  readonly cells: readonly (readonly TableCount[])[];
  readonly rowTotals: readonly TableCount[];
  readonly columnTotals: readonly TableCount[];
  readonly total: TableCount;
}

/** A single count: itself from k on, else only that it is less than k; 0 looks like every other small count. */
export function reportCount(count: number, minimumCell: number): ReportedCount {
  checkCount(count);
  return count >= minimumCell ? { kind: "exact", value: count } : { kind: "suppressed", lessThan: minimumCell };
}

export interface SuppressionOptions {
  /** The reader has them already, such as the size of each group at the head of a table: they are shown, and protect nothing. */
  readonly knowsColumnTotals?: boolean;
}

/**
 * @param counts shape (rows, columns), at least 1 by 1; whole numbers from 0. A plain list of counts is one row.
 * @param minimumCell k; 0 (public data) shows everything
 * @param options with known column totals each of them must be at least k; where they leave too little room round a small count, all cells
 * and row totals are hidden: whatever adds up to the column totals is then possible
 * @returns every shown count ≥ k, and every hidden count below k is consistent with some value of at least k more than its own
 * Fails: RangeError on a ragged table or a count that is no count.
 * Numerics: O(small cells × k × arcs × nodes) time; meant for tables of a page, not for grids of thousands.
 * Disclosure: made to be shown. It does not look at other tables over the same patients.
 */
export function suppressCounts(
  counts: readonly (readonly number[])[],
  minimumCell: number,
  options: SuppressionOptions = {},
): SuppressedTable {
  const network = asNetwork(counts, options);
  const small = network.arcs.filter((arc) => arc.count < minimumCell);
  if (small.some(({ isKnown }) => isKnown)) throw new RangeError("a column total that is known is below the minimum cell");
  for (const arc of small) arc.hidden = true;
  for (const arc of small) hideCycles(network, arc, minimumCell);
  const shown = network.arcs.map((arc): TableCount => (arc.hidden ? { kind: "suppressed" } : { kind: "exact", value: arc.count }));
  const at = (index: number): TableCount => shown[index] ?? { kind: "suppressed" };
  const { rowCount, columnCount } = network;
  const cellsEnd = rowCount * columnCount;
  return {
    cells: counts.map((row, r) => row.map((_, c) => at(r * columnCount + c))),
    rowTotals: counts.map((_, r) => at(cellsEnd + r)),
    columnTotals: Array.from({ length: columnCount }, (_, c) => at(cellsEnd + rowCount + c)),
    total: at(cellsEnd + rowCount + columnCount),
  };
}

interface Arc {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly isKnown: boolean;
  hidden: boolean;
}

interface Network {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly nodeCount: number;
  /** Cells row by row, row totals, column totals, grand total. */
  readonly arcs: readonly Arc[];
}

/** Nodes: rows, then columns, then source and sink. */
function asNetwork(counts: readonly (readonly number[])[], { knowsColumnTotals = false }: SuppressionOptions): Network {
  const rowCount = counts.length;
  const columnCount = counts[0]?.length ?? 0;
  if (columnCount === 0 || counts.some((row) => row.length !== columnCount))
    throw new RangeError("a table of counts needs rows of one length, at least 1 by 1");
  for (const count of counts.flat()) checkCount(count);
  const source = rowCount + columnCount;
  const sink = source + 1;
  const arc = (from: number, to: number, count: number, isKnown = false): Arc => ({ from, to, count, isKnown, hidden: false });
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const arcs = [
    ...counts.flatMap((row, r) => row.map((count, c) => arc(r, rowCount + c, count))),
    ...counts.map((row, r) => arc(source, r, sum(row))),
    ...Array.from({ length: columnCount }, (_, c) => arc(rowCount + c, sink, sum(counts.map((row) => row[c] ?? 0)), knowsColumnTotals)),
    arc(sink, source, sum(counts.flat()), knowsColumnTotals),
  ];
  return { rowCount, columnCount, nodeCount: sink + 1, arcs };
}

/** Hides cycles through the arc until k more could flow round them. One always exists, forward along totals, unless those are known. */
function hideCycles(network: Network, small: Arc, minimumCell: number): void {
  const shrinkBy = new Map(network.arcs.map((arc) => [arc, arc.count]));
  let missing = minimumCell;
  while (missing > 0) {
    const path = cheapestPath(network, small, shrinkBy);
    if (path === undefined) {
      for (const arc of network.arcs) arc.hidden = !arc.isKnown;
      return;
    }
    const pushed = path.reduce((least, { arc, forward }) => (forward ? least : Math.min(least, shrinkBy.get(arc) ?? 0)), missing);
    for (const { arc, forward } of path) {
      arc.hidden = true;
      shrinkBy.set(arc, (shrinkBy.get(arc) ?? 0) + (forward ? pushed : -pushed));
    }
    missing -= pushed;
  }
}

interface Step {
  readonly arc: Arc;
  readonly forward: boolean;
}

/** Bellman-Ford from the arc's head back to its tail, over arcs that may grow and arcs that may still shrink; hidden ones cost nothing. */
function cheapestPath({ arcs, nodeCount }: Network, small: Arc, shrinkBy: ReadonlyMap<Arc, number>): Step[] | undefined {
  const cost = new Array<number>(nodeCount).fill(Number.POSITIVE_INFINITY);
  const reachedBy: (Step | undefined)[] = new Array(nodeCount).fill(undefined);
  cost[small.to] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (const arc of arcs) {
      if (arc === small || arc.isKnown) continue;
      for (const step of [{ arc, forward: true }, ...((shrinkBy.get(arc) ?? 0) > 0 ? [{ arc, forward: false }] : [])]) {
        const price = (cost[tailOf(step)] ?? 0) + (arc.hidden ? 0 : arc.count + 1);
        if (price >= (cost[headOf(step)] ?? 0)) continue;
        cost[headOf(step)] = price;
        reachedBy[headOf(step)] = step;
        changed = true;
      }
    }
  }
  return walkBack(reachedBy, small);
}

function walkBack(reachedBy: readonly (Step | undefined)[], small: Arc): Step[] | undefined {
  const path: Step[] = [];
  for (let node = small.from; node !== small.to; ) {
    const step = reachedBy[node];
    if (step === undefined) return undefined;
    path.push(step);
    node = tailOf(step);
  }
  return path;
}

const tailOf = ({ arc, forward }: Step): number => (forward ? arc.from : arc.to);
const headOf = ({ arc, forward }: Step): number => (forward ? arc.to : arc.from);

function checkCount(count: number): void {
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError("a count is a whole number from 0");
}
