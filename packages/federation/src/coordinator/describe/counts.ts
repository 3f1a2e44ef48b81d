/**
 * The first sum of a description: plain counts, before anything that carries a value is opened.
 *
 * Patients by group; of a category and a yes/no variable patients by level; of a number those who have one, and those off their hospital's
 * own most frequent value (decision 12). A number is then opened by group only where it is supported in every group: of all patients and
 * all groups but one the one left would follow by subtraction. Where it is not, it is opened for all patients together, or not at all. What
 * one hospital alone has would be that hospital's own figure, so two are needed of each number that is opened.
 *
 * A group of few patients, or of one hospital, ends the study by name: the sizes of the others and of all would tell it.
 */

import type { Sum, SumLayout } from "@dure/privacy";
import type { AnalysisRefusal } from "../../analysis.ts";
import { countVector } from "../count-vectors.ts";
import { unusableGroups } from "../group-refusals.ts";
import { labelsOf } from "../group-variable.ts";
import type { OrRefused } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import type { DescribeDesign, DescribedColumn } from "./design.ts";
import type { DescribeCounts } from "./state.ts";

/** Cells of one group. */
export const cellsOf = (column: DescribedColumn): number => (column.kind === "number" ? 1 : column.levels.length);

export const numbersOf = ({ columns }: DescribeDesign): readonly number[] =>
  columns.flatMap(({ kind }, i) => (kind === "number" ? [i] : []));

const cellCount = ({ columns, groupCount }: DescribeDesign): number =>
  columns.reduce((total, column) => total + cellsOf(column) * groupCount, 0);

export function countsLayout(design: DescribeDesign): SumLayout {
  const numbers = numbersOf(design).length;
  return {
    vectors: [
      countVector("groupSizes", design.groupCount),
      countVector("hospitalsByGroup", design.groupCount, 1),
      countVector("excluded", design.reasons.length),
      countVector("levelCounts", cellCount(design)),
      ...(numbers === 0
        ? []
        : [
            countVector("numberSupport", numbers * design.groupCount),
            countVector("hospitalsByNumber", numbers * hospitalCells(design), 1),
          ]),
    ],
  };
}

/** Of each group, and of all together. */
const hospitalCells = ({ groupCount }: DescribeDesign): number => groupCount + 1;

export function readCounts(design: DescribeDesign, sum: Sum): OrRefused<DescribeCounts> {
  const { groupCount } = design;
  const rows = readVector(sum, "groupSizes", groupCount);
  const refusal = tooLittle(design, { sum, rows });
  if (refusal !== undefined) return { kind: "refused", refusal };
  const cells = readCells(design, readVector(sum, "levelCounts", cellCount(design)));
  const numbers = numbersOf(design);
  const support = numbers.length === 0 ? [] : readVector(sum, "numberSupport", numbers.length * groupCount);
  const hospitals = numbers.length === 0 ? [] : readVector(sum, "hospitalsByNumber", numbers.length * hospitalCells(design));
  const opened = numbers.map((column, i) =>
    openedOf(design, {
      rows,
      hospitals: hospitals.slice(i * hospitalCells(design), (i + 1) * hospitalCells(design)),
      siteCount: sum.siteCount,
      present: (cells[column] ?? []).map(([present = 0]) => present),
      differing: support.slice(i * groupCount, (i + 1) * groupCount),
    }),
  );
  return { kind: "known", value: { rows, excluded: readVector(sum, "excluded", design.reasons.length), cells, opened } };
}

function tooLittle(
  { group, minimumCell }: DescribeDesign,
  { sum, rows }: { readonly sum: Sum; readonly rows: readonly number[] },
): AnalysisRefusal | undefined {
  const n = rows.reduce((total, count) => total + count, 0);
  if (n === 0 || n < minimumCell) return { code: "too-few-rows", columns: [] };
  if (group === undefined) return undefined;
  return unusableGroups({ labels: labelsOf(group), sizes: rows }, sum, minimumCell);
}

/** By column, group and level. */
function readCells({ columns, groupCount }: DescribeDesign, flat: readonly number[]): DescribeCounts["cells"] {
  let next = 0;
  return columns.map((column) =>
    Array.from({ length: groupCount }, () => {
      const start = next;
      next += cellsOf(column);
      return flat.slice(start, next);
    }),
  );
}

interface NumberCounts {
  readonly rows: readonly number[];
  readonly present: readonly number[];
  readonly differing: readonly number[];
  /** By group, and of all together last. */
  readonly hospitals: readonly number[];
  readonly siteCount: number;
}

function openedOf({ minimumCell, group }: DescribeDesign, counts: NumberCounts): DescribeCounts["opened"][number] {
  const { rows, present, differing, hospitals, siteCount } = counts;
  const isSupported = (values: number, off: number, held: number): boolean =>
    values > 0 && values >= minimumCell && off >= minimumCell && (held > 1 || siteCount === 1);
  const ofAll = isSupported(
    present.reduce((total, count) => total + count, 0),
    differing.reduce((total, count) => total + count, 0),
    entry(hospitals, rows.length),
  );
  if (!ofAll) return "nothing";
  if (group === undefined) return "total";
  const everyGroup = rows.every((count, i) => count === 0 || isSupported(entry(present, i), entry(differing, i), entry(hospitals, i)));
  return everyGroup ? "groups" : "total";
}
