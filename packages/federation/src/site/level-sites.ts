/** Which levels this hospital has: the half that sees rows. */

import { type LevelledDesign, levelledColumns, levelSitesLayout } from "../coordinator/level-sites.ts";
import { type FeatureRows, featureColumn } from "./feature-rows.ts";

/** 1 for each side of each boolean column that some row has, in the layout's order; empty where nothing is asked. O(n p). */
export function levelSites(design: LevelledDesign, rows: FeatureRows): ReadonlyMap<string, Float64Array> {
  if (levelSitesLayout(design).length === 0) return new Map();
  const sides = levelledColumns(design).flatMap(({ index }) => {
    const column = featureColumn(rows, index);
    return [Number(column.includes(0)), Number(column.includes(1))];
  });
  return new Map([["hospitalsByLevel", Float64Array.from(sides)]]);
}
