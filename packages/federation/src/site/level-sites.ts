/** Which levels this hospital has, alone and two together: the half that sees rows. */

import {
  type LevelledDesign,
  type LevelPair,
  levelledColumns,
  levelPairs,
  levelSitesLayout,
  PAIR_CELLS,
} from "../coordinator/level-sites.ts";
import { type FeatureRows, featureColumn } from "./feature-rows.ts";

/** Where a person may have several rows, `persons` says whose each is. */
type LevelledRows = FeatureRows & { readonly persons?: Uint32Array | undefined };

/**
 * 1 for each side of each boolean column that some row has, in the layout's order; and of each pair's cells how many patients, up to the
 * minimum cell. Empty where nothing is asked. O(n p), and O(n) a pair of which a cell is rare.
 */
export function levelSites(design: LevelledDesign, rows: LevelledRows): ReadonlyMap<string, Float64Array> {
  const layout = levelSitesLayout(design);
  if (layout.length === 0) return new Map();
  const sides = levelledColumns(design).flatMap(({ index }) => {
    const column = featureColumn(rows, index);
    return [Number(column.includes(0)), Number(column.includes(1))];
  });
  const vectors = new Map([["hospitalsByLevel", Float64Array.from(sides)]]);
  const pairs = levelPairs(design);
  if (pairs.length > 0)
    vectors.set("patientsByPair", Float64Array.from(pairs.flatMap((pair) => pairCells(rows, pair, design.minimumCell))));
  return vectors;
}

function pairCells(rows: LevelledRows, [first, second]: LevelPair, enough: number): readonly number[] {
  const [a, b] = [featureColumn(rows, first.index), featureColumn(rows, second.index)];
  const cells = new Array<number>(PAIR_CELLS).fill(0);
  const met = new Set<number>();
  let filled = 0;
  for (let row = 0; row < rows.rowCount && filled < PAIR_CELLS; row++) {
    const cell = 2 * (a[row] ?? 0) + (b[row] ?? 0);
    const count = cells[cell] ?? 0;
    if (count >= enough) continue;
    if (rows.persons !== undefined) {
      const who = PAIR_CELLS * (rows.persons[row] ?? 0) + cell;
      if (met.has(who)) continue;
      met.add(who);
    }
    cells[cell] = count + 1;
    if (count + 1 === enough) filled++;
  }
  return cells;
}
