/** A description of the patients, the half that sees rows: it counts them by group and level, and sums and counts their numbers. */

import { unreachable } from "@dure/kernel";
import { CompensatedSum } from "@dure/numerics";
import type { Contribution } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import { binEdges } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../../analysis.ts";
import { cellsOf, numbersOf } from "../../coordinator/describe/counts.ts";
import { type DescribeDesign, describeDesign } from "../../coordinator/describe/design.ts";
import { summedParts } from "../../coordinator/describe/moments.ts";
import { ENTRIES_A_SEARCH } from "../../coordinator/describe/quartiles.ts";
import { rankBin, rankedNumbers } from "../../coordinator/describe/ranks.ts";
import type { DescribeState, PhaseState, SummedPart } from "../../coordinator/describe/state.ts";
import type { SiteEvaluation } from "../../result.ts";
import type { FiguresRequest, SiteFigures } from "../figures.ts";
import { columnOf } from "../gathered-columns.ts";
import { countExcluded, countOffMode } from "../row-counts.ts";

export function describeSite(study: StudyDocument): SitePart<DescribeState, AnalysisTable> {
  const design = describeDesign(study);
  const grouped = new WeakMap<AnalysisTable, GroupedRows>();
  const rowsOf = (table: AnalysisTable): GroupedRows => {
    const rows = grouped.get(table) ?? new GroupedRows(design, table);
    grouped.set(table, rows);
    return rows;
  };
  return {
    contribute: (state, table) => {
      switch (state.phase) {
        case "counts":
          return contributionOf(countVectors(design, rowsOf(table), table));
        case "moments":
          return contributionOf(sumVectors(rowsOf(table), summedParts(design, state.counts)));
        case "centred":
          return contributionOf(centredVectors(rowsOf(table), summedParts(design, state.counts), state.centres));
        case "quartiles":
          return contributionOf([["valuesByBin", countBins(rowsOf(table), state)]]);
        case "ranks":
          return contributionOf([["valuesByGroup", countRanks(design, rowsOf(table), state)]]);
        default:
          return unreachable(state);
      }
    },
  };
}

/** How many rows this hospital described; there is no event, so each counts as one. */
export async function describeFigures(study: StudyDocument, { table, site, role }: FiguresRequest): Promise<SiteFigures | undefined> {
  const n = new GroupedRows(describeDesign(study), table).rowCount;
  const evaluation: SiteEvaluation = { site, role, n, events: n, auc: {} };
  return n === 0 ? undefined : { evaluation, localOnExternal: [] };
}

const contributionOf = (vectors: Iterable<readonly [string, Float64Array]>): Contribution => ({ vectors: new Map(vectors), influence: [] });

/** The table's rows by group, those that the study holds out left out; a number's values of a group ascending, each sorted once. */
class GroupedRows {
  readonly sizes: readonly number[];
  readonly #design: DescribeDesign;
  readonly #table: AnalysisTable;
  readonly #rows: readonly Uint32Array[];
  readonly #sorted = new Map<string, Float64Array>();

  constructor(design: DescribeDesign, table: AnalysisTable) {
    this.#design = design;
    this.#table = table;
    const groups: number[][] = Array.from({ length: design.groupCount }, () => []);
    const levels = design.group === undefined ? undefined : columnOf(table, design.group.variable);
    for (let row = 0; row < table.rowCount; row++) if (table.heldOut[row] !== 1) groups[levels?.[row] ?? 0]?.push(row);
    this.#rows = groups.map((rows) => Uint32Array.from(rows));
    this.sizes = groups.map((rows) => rows.length);
  }

  get rowCount(): number {
    return this.sizes.reduce((total, size) => total + size, 0);
  }

  /** Values that are there, ascending; of all groups where `group` is null. */
  values(column: number, group: number | null): Float64Array {
    const key = `${column} ${group}`;
    const known = this.#sorted.get(key);
    if (known !== undefined) return known;
    const all = columnOf(this.#table, this.#design.columns[column]?.name ?? "");
    const groups = group === null ? this.#rows : this.#rows.slice(group, group + 1);
    const values = new Float64Array(groups.reduce((total, rows) => total + rows.length, 0));
    let count = 0;
    for (const rows of groups) {
      for (const row of rows) {
        const value = all[row] ?? Number.NaN;
        if (!Number.isNaN(value)) values[count++] = value;
      }
    }
    const sorted = values.slice(0, count).sort();
    this.#sorted.set(key, sorted);
    return sorted;
  }
}

function countVectors(design: DescribeDesign, rows: GroupedRows, table: AnalysisTable): readonly (readonly [string, Float64Array])[] {
  const groups = rows.sizes.map((_, group) => group);
  const levels = design.columns.flatMap((column, index) =>
    groups.flatMap((group) => {
      const values = rows.values(index, group);
      if (column.kind === "number") return [values.length];
      const counts = new Array<number>(cellsOf(column)).fill(0);
      for (const level of values) counts[level] = (counts[level] ?? 0) + 1;
      return counts;
    }),
  );
  const support = numbersOf(design).flatMap((column) =>
    groups.map((group) => {
      const values = rows.values(column, group);
      return countOffMode(values, { from: 0, to: values.length });
    }),
  );
  const hospitals = numbersOf(design).flatMap((column) =>
    [...groups, null].map((group) => (rows.values(column, group).length > 0 ? 1 : 0)),
  );
  return [
    ["groupSizes", Float64Array.from(rows.sizes)],
    ["hospitalsByGroup", Float64Array.from(rows.sizes, (size) => (size > 0 ? 1 : 0))],
    ["excluded", countExcluded(design, table)],
    ["levelCounts", Float64Array.from(levels)],
    ...(support.length === 0
      ? []
      : [["numberSupport", Float64Array.from(support)] as const, ["hospitalsByNumber", Float64Array.from(hospitals)] as const]),
  ];
}

function sumVectors(rows: GroupedRows, parts: readonly SummedPart[]): readonly (readonly [string, Float64Array])[] {
  const total = (of: (value: number) => number) =>
    Float64Array.from(parts, ({ column, group }) => {
      const sum = new CompensatedSum();
      for (const value of rows.values(column, group)) sum.add(of(value));
      return sum.value;
    });
  return [
    ["sums", total((value) => value)],
    ["squares", total((value) => value * value)],
  ];
}

function centredVectors(
  rows: GroupedRows,
  parts: readonly SummedPart[],
  centres: PhaseState<"centred">["centres"],
): readonly (readonly [string, Float64Array])[] {
  const deviations = new Float64Array(parts.length);
  const squares = new Float64Array(parts.length);
  parts.forEach(({ column, group }, i) => {
    const { mean = 0, scale = 1 } = centres[i] ?? {};
    const [sum, square] = [new CompensatedSum(), new CompensatedSum()];
    for (const value of rows.values(column, group)) {
      const z = (value - mean) / scale;
      sum.add(z);
      square.add(z * z);
    }
    deviations[i] = sum.value;
    squares[i] = square.value;
  });
  return [
    ["deviations", deviations],
    ["squaredDeviations", squares],
  ];
}

/** Of each bracket: values below it, and in each of its bins. O(brackets × bins × log rows). */
function countBins(rows: GroupedRows, { searches, moments }: PhaseState<"quartiles">): Float64Array {
  const counts = new Float64Array(searches.length * ENTRIES_A_SEARCH);
  searches.forEach((search, i) => {
    const { column = 0, group = null } = moments[search.part] ?? {};
    const values = rows.values(column, group);
    let before = 0;
    binEdges(search).forEach((edge, j) => {
      const below = countBelow(values, edge);
      counts[i * ENTRIES_A_SEARCH + j] = below - before;
      before = below;
    });
  });
  return counts;
}

function countBelow(sorted: Float64Array, edge: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < edge) low = middle + 1;
    else high = middle;
  }
  return low;
}

function countRanks(design: DescribeDesign, rows: GroupedRows, { moments }: PhaseState<"ranks">): Float64Array {
  const numbers = rankedNumbers(design, moments);
  const counts = new Float64Array(numbers.reduce((total, { binCount }) => total + binCount, 0) * design.groupCount);
  let start = 0;
  for (const number of numbers) {
    for (let group = 0; group < design.groupCount; group++) {
      for (const value of rows.values(number.column, group)) {
        const at = start + rankBin(number, value);
        counts[at] = (counts[at] ?? 0) + 1;
      }
      start += number.binCount;
    }
  }
  return counts;
}
