/**
 * What is asked of levels before any sum carries them, beside their support.
 *
 * A level that one hospital alone has: its entries of every later sum would be that hospital's own, whatever the masks. So each hospital says
 * of every level whether it has it, and the sum says how many do.
 *
 * Two levels together make four cells, and every cell is an entry of the information matrix or a difference of some: where one patient has
 * both, the entry is that patient's weight p (1 − p) alone, round after round, and from as many rounds as the patient has columns follow all of
 * them. Where one level lies within the other but for a patient, the difference of their entries is that patient's row. So each of the four
 * cells needs the minimum cell of patients, or none. A hospital says no more of a cell than whether it holds as many itself: the sum reaches the
 * minimum cell exactly where the patients do.
 *
 * Not seen by this: columns that are numbers, and three columns together. With public data nobody minds, and nobody asks.
 */

import type { Sum, VectorLayout } from "@dure/privacy";
import type { DesignColumn } from "@dure/study";
import type { AnalysisRefusal } from "../analysis.ts";
import { readVector } from "./sum-reading.ts";

export interface LevelledDesign {
  readonly features: readonly DesignColumn[];
  readonly impliedCells: readonly DesignColumn[];
  readonly minimumCell: number;
}

interface LevelledColumn {
  readonly name: string;
  readonly index: number;
}

/** Boolean columns and implied cells, each with both its sides: 0, then 1. */
export const levelledColumns = ({ features, impliedCells }: LevelledDesign): readonly LevelledColumn[] =>
  [...features, ...impliedCells].flatMap(({ name, type }, index) => (type === "boolean" ? [{ name, index }] : []));

export type LevelPair = readonly [LevelledColumn, LevelledColumn];

/** Of different variables: levels of one share nobody, and their support is asked already. */
export function levelPairs(design: LevelledDesign): readonly LevelPair[] {
  const all = [...design.features, ...design.impliedCells];
  const columns = levelledColumns(design);
  const areExclusive = (a: DesignColumn | undefined, b: DesignColumn | undefined): boolean =>
    a?.factors.some((one) => b?.factors.some((other) => isOtherLevel(one, other))) === true;
  return columns.flatMap((first, i) =>
    columns
      .slice(i + 1)
      .flatMap((second): readonly LevelPair[] => (areExclusive(all[first.index], all[second.index]) ? [] : [[first, second]])),
  );
}

type Factor = DesignColumn["factors"][number];

const isOtherLevel = (one: Factor, other: Factor): boolean =>
  one.kind === "level" && other.kind === "level" && one.variable === other.variable && one.level !== other.level;

/** Cells of a pair: neither, the second only, the first only, both. */
export const PAIR_CELLS = 4;

/** Empty where there is nothing to ask. */
export function levelSitesLayout(design: LevelledDesign): readonly VectorLayout[] {
  const length = 2 * levelledColumns(design).length;
  if (design.minimumCell === 0 || length === 0) return [];
  const pairs = levelPairs(design).length;
  return [
    { name: "hospitalsByLevel", length, encoding: "histogram", bound: 1 },
    ...(pairs === 0
      ? []
      : [{ name: "patientsByPair", length: PAIR_CELLS * pairs, encoding: "histogram", bound: design.minimumCell } as const]),
  ];
}

/**
 * `level-at-one-site` with the columns of which one hospital alone has a side; one that nobody has is another rule's. Or `unsupported-column`
 * with the columns that make a cell of too few patients together.
 */
export function levelAtOneSite(design: LevelledDesign, sum: Sum): AnalysisRefusal | undefined {
  if (levelSitesLayout(design).length === 0) return undefined;
  const columns = levelledColumns(design);
  const hospitals = readVector(sum, "hospitalsByLevel", 2 * columns.length);
  const alone = columns.filter((_, i) => hospitals[2 * i] === 1 || hospitals[2 * i + 1] === 1);
  if (alone.length > 0) return { code: "level-at-one-site", columns: alone.map(({ name }) => name) };
  const thin = thinPairs(design, sum);
  return thin.length > 0 ? { code: "unsupported-column", columns: thin } : undefined;
}

function thinPairs(design: LevelledDesign, sum: Sum): readonly string[] {
  const pairs = levelPairs(design);
  if (pairs.length === 0) return [];
  const counts = readVector(sum, "patientsByPair", PAIR_CELLS * pairs.length);
  const isSmall = (count: number): boolean => count > 0 && count < design.minimumCell;
  const thin = pairs.filter((_, i) => counts.slice(PAIR_CELLS * i, PAIR_CELLS * (i + 1)).some(isSmall));
  return [...new Set(thin.flatMap((pair) => pair.map(({ name }) => name)))];
}
