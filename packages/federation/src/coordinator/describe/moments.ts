/**
 * Means and deviations of a description's numbers: two sums, as in `../standardisation.ts`, of each group's own values.
 *
 * A number that is opened by group is summed by group only; that of all patients follows. Bounds are those of standardisation: with
 * z = (x − m) / s and s² within a factor 2 of the variance, or above it, Σ z² ≤ 2.2 n and |Σ z| ≤ 1.5 n for the n of the part.
 */

import type { Sum, SumLayout } from "@dure/privacy";
import { momentsFromCentred } from "@dure/statistics";
import { momentsLayout as rawLayout, scaleNear } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import { numbersOf } from "./counts.ts";
import type { DescribeDesign } from "./design.ts";
import type { DescribeCounts, Moments, PhaseState, SummedPart } from "./state.ts";

/** In the order of the sums' entries. */
export function summedParts(design: DescribeDesign, { rows, cells, opened }: DescribeCounts): readonly SummedPart[] {
  return numbersOf(design).flatMap((column, i): readonly SummedPart[] => {
    const present = (cells[column] ?? []).map(([count = 0]) => count);
    const total = present.reduce((sum, count) => sum + count, 0);
    if (opened[i] === "nothing") return [];
    if (opened[i] === "total") return [{ column, group: null, n: total }];
    return rows.flatMap((count, group) => (count === 0 ? [] : [{ column, group, n: entry(present, group) }]));
  });
}

export const momentsLayout = (parts: readonly SummedPart[]): SumLayout => rawLayout(parts.length);

export function centresOf(parts: readonly SummedPart[], sum: Sum): PhaseState<"centred">["centres"] {
  const sums = readVector(sum, "sums", parts.length);
  const squares = readVector(sum, "squares", parts.length);
  return parts.map(({ n }, i) => {
    const mean = entry(sums, i) / n;
    return { mean, scale: scaleNear(Math.max(0, entry(squares, i)) / n, mean) };
  });
}

export function centredLayout(parts: readonly SummedPart[]): SumLayout {
  const bound = 4 * Math.max(...parts.map(({ n }) => n));
  return {
    vectors: [
      { name: "deviations", length: parts.length, encoding: "wide", bound },
      { name: "squaredDeviations", length: parts.length, encoding: "wide", bound },
    ],
  };
}

/** Of every part, and behind them of all patients together for each number that was summed by group. */
export function momentsOf(
  parts: readonly SummedPart[],
  { centres, sum }: { readonly centres: PhaseState<"centred">["centres"]; readonly sum: Sum },
): readonly Moments[] {
  const deviations = readVector(sum, "deviations", parts.length);
  const squares = readVector(sum, "squaredDeviations", parts.length);
  const own = parts.map((part, i): Moments => {
    const { mean: centre = 0, scale = 1 } = centres[i] ?? {};
    const found = momentsFromCentred({ n: part.n, mean: 0, sum: entry(deviations, i), sumOfSquares: entry(squares, i) });
    return { ...part, mean: centre + scale * found.mean, standardDeviation: scale * (found.standardDeviation ?? 0) };
  });
  const grouped = [...new Set(own.filter(({ group }) => group !== null).map(({ column }) => column))];
  return [...own, ...grouped.map((column) => together(own.filter((part) => part.column === column)))];
}

/** Σ (x − m)² = Σ over groups of (n_g − 1) s_g² + n_g (m_g − m)². Source: Chan, Golub & LeVeque 1983, Am Stat 37:242. */
function together(groups: readonly Moments[]): Moments {
  const n = groups.reduce((total, group) => total + group.n, 0);
  const mean = groups.reduce((total, group) => total + group.n * group.mean, 0) / n;
  const squares = groups.reduce(
    (total, group) => total + (group.n - 1) * group.standardDeviation ** 2 + group.n * (group.mean - mean) ** 2,
    0,
  );
  return { column: groups[0]?.column ?? 0, group: null, n, mean, standardDeviation: n < 2 ? 0 : Math.sqrt(squares / (n - 1)) };
}
