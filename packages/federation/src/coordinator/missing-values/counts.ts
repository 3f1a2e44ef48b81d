/**
 * The first round: of how many rows each feature is missing, alone and together with another, and its levels where it is not.
 *
 * An indicator is a column that singles out the rows that lack a value, and with the filled-in column those of the most frequent level that
 * do not. So it enters the model only where all of these are enough rows for the minimum cell, in each outcome class (of a Cox
 * regression rows and events), and where it differs from every earlier indicator in as many rows: laboratory values of one panel are
 * missing together, and one column says so for all; and where more than one hospital has rows on either side. Elsewhere the values are put
 * in without an indicator, and the result says why. A variable that fewer than three hospitals have is refused: what is put in would be theirs.
 */

import { packedIndex, packedLength } from "@dure/numerics";
import type { Sum, SumLayout } from "@dure/privacy";
import type { AnalysisRefusal } from "../../analysis.ts";
import { countVector } from "../count-vectors.ts";
import { entry, readVector } from "../sum-reading.ts";
import { levelCount, type MissingDesign } from "./design.ts";
import type { MissingCounts } from "./state.ts";

export function missingLayout({ features }: MissingDesign): SumLayout {
  return {
    vectors: [
      countVector("rowsAndCases", 2),
      countVector("missing", 2 * features.length),
      countVector("missingTogether", packedLength(features.length)),
      countVector("hospitalsByPresence", 2 * features.length, 1),
      countVector("hospitalsByKnownLevel", levelsLength({ features }), 1),
      countVector("levels", 2 * levelsLength({ features })),
    ],
  };
}

/** Levels of all features, in their order. */
export const levelsLength = ({ features }: Pick<MissingDesign, "features">): number =>
  features.reduce((total, feature) => total + levelCount(feature), 0);

/** Rows, and the cases among them. */
export interface Cell {
  readonly rows: number;
  readonly cases: number;
}

const cellAt = (values: readonly number[], index: number): Cell => ({
  rows: entry(values, 2 * index),
  cases: entry(values, 2 * index + 1),
});

/** Enough rows for the minimum cell, in each class that the design tells apart. */
function isSupported({ cases, minimumCell }: MissingDesign, cell: Cell): boolean {
  const least = Math.max(1, minimumCell);
  if (cell.rows < least) return false;
  if (cases === undefined || minimumCell === 0) return true;
  return cell.cases >= least && (cases.asks === "events" || cell.rows - cell.cases >= least);
}

export type ReadCounts =
  | { readonly kind: "known"; readonly counts: MissingCounts }
  | { readonly kind: "refused"; readonly refusal: AnalysisRefusal };

export function readMissing(design: MissingDesign, sites: readonly string[], sum: Sum): ReadCounts {
  const { features, minimumCell } = design;
  const all = cellAt(readVector(sum, "rowsAndCases", 2), 0);
  if (all.rows < Math.max(1, minimumCell)) return { kind: "refused", refusal: { code: "too-few-rows", columns: [] } };
  const missingCells = readVector(sum, "missing", 2 * features.length);
  const missing = features.map((_, j) => cellAt(missingCells, j));
  const named = (isNamed: (j: number) => boolean): readonly string[] => features.filter((_, j) => isNamed(j)).map(({ name }) => name);
  const absent = named((j) => missing[j]?.rows === all.rows);
  if (absent.length > 0) return { kind: "refused", refusal: { code: "all-missing-column", columns: absent } };
  const present = readVector(sum, "hospitalsByPresence", 2 * features.length);
  const hospitals = features.map((_, j): Presence => ({ lacking: entry(present, 2 * j), having: entry(present, 2 * j + 1) }));
  const fewHave = named((j) => (missing[j]?.rows ?? 0) > 0 && (hospitals[j]?.having ?? 0) < HOSPITALS_MIN && minimumCell > 0);
  if (fewHave.length > 0) return { kind: "refused", refusal: { code: "known-at-few-sites", columns: fewHave } };
  const scarce = named((j) => all.rows - (missing[j]?.rows ?? 0) < minimumCell);
  if (scarce.length > 0) return { kind: "refused", refusal: { code: "unsupported-column", columns: scarce } };
  const levels = readVector(sum, "levels", 2 * levelsLength(design));
  const modes = mostFrequent(design, levels, readVector(sum, "hospitalsByKnownLevel", levelsLength(design)));
  const together = readVector(sum, "missingTogether", packedLength(features.length));
  return {
    kind: "known",
    counts: {
      n: all.rows,
      cases: all.cases,
      sites,
      together,
      levels: levels.filter((_, i) => i % 2 === 0),
      missing: missing.map(({ rows }) => rows),
      hospitalsWithout: hospitals.map(({ having }) => Math.max(0, sum.siteCount - having)),
      modes: modes.map((mode) => mode?.level ?? null),
      ...chooseIndicators(design, { all, missing, together, modes, hospitals }),
    },
  };
}

/** Hospitals with a row that lacks a feature, and with one that has it. */
interface Presence {
  readonly lacking: number;
  readonly having: number;
}

/** As few as a secure sum may be over. */
export const HOSPITALS_MIN = 3;

interface Mode extends Cell {
  readonly level: number;
  /** Where it is known. */
  readonly hospitals: number;
}

/** The first of equally frequent levels. */
function mostFrequent({ features }: MissingDesign, levels: readonly number[], hospitals: readonly number[]): readonly (Mode | undefined)[] {
  let next = 0;
  return features.map((feature) => {
    const cells = Array.from(
      { length: levelCount(feature) },
      (_, level): Mode => ({
        level,
        hospitals: entry(hospitals, next + level),
        ...cellAt(levels, next + level),
      }),
    );
    next += cells.length;
    return cells.reduce<Mode | undefined>((best, cell) => (best === undefined || cell.rows > best.rows ? cell : best), undefined);
  });
}

interface Choosing {
  readonly all: Cell;
  readonly missing: readonly Cell[];
  readonly together: readonly number[];
  readonly modes: readonly (Mode | undefined)[];
  readonly hospitals: readonly Presence[];
}

function chooseIndicators(
  design: MissingDesign,
  { all, missing, together, modes, hospitals }: Choosing,
): Pick<MissingCounts, "indicators" | "withoutIndicator"> {
  const { features, minimumCell } = design;
  const kept: number[] = [];
  const withoutIndicator: MissingCounts["withoutIndicator"][number][] = [];
  const differing = (i: number, j: number): number =>
    (missing[i]?.rows ?? 0) + (missing[j]?.rows ?? 0) - 2 * entry(together, packedIndex(features.length, Math.min(i, j), Math.max(i, j)));
  for (const [j, { name: variable }] of features.entries()) {
    const cell = missing[j];
    if (cell === undefined || cell.rows === 0) continue;
    const present = { rows: all.rows - cell.rows, cases: all.cases - cell.cases };
    const cells = [cell, present, ...(modes[j] === undefined ? [] : [modes[j]])];
    const sides = [hospitals[j]?.lacking, hospitals[j]?.having, modes[j]?.hospitals];
    if (minimumCell > 0 && sides.includes(1)) withoutIndicator.push({ variable, why: "one-hospital" });
    else if (!cells.every((of) => isSupported(design, of))) withoutIndicator.push({ variable, why: "too-few-rows" });
    else if (kept.some((i) => differing(i, j) < Math.max(1, minimumCell))) withoutIndicator.push({ variable, why: "same-rows-as-another" });
    else kept.push(j);
  }
  return { indicators: kept.flatMap((j) => features[j]?.name ?? []), withoutIndicator };
}
