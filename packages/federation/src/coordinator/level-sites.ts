/**
 * A level that one hospital alone has: its entries of every later sum would be that hospital's own, whatever the masks. So before any of
 * them each hospital says of every level whether it has it, and the sum says how many do. With public data nobody minds, and nobody asks.
 */

import type { Sum, VectorLayout } from "@dure/privacy";
import type { DesignColumn } from "@dure/study";
import type { AnalysisRefusal } from "../analysis.ts";
import { readVector } from "./logistic/sum-reading.ts";

export interface LevelledDesign {
  readonly features: readonly DesignColumn[];
  readonly impliedCells: readonly DesignColumn[];
  readonly minimumCell: number;
}

/** Boolean columns and implied cells, each with both its sides: 0, then 1. */
export const levelledColumns = ({ features, impliedCells }: LevelledDesign): readonly { readonly name: string; readonly index: number }[] =>
  [...features, ...impliedCells].flatMap(({ name, type }, index) => (type === "boolean" ? [{ name, index }] : []));

/** Empty where there is nothing to ask. */
export function levelSitesLayout(design: LevelledDesign): readonly VectorLayout[] {
  const length = 2 * levelledColumns(design).length;
  return design.minimumCell === 0 || length === 0 ? [] : [{ name: "hospitalsByLevel", length, encoding: "histogram", bound: 1 }];
}

/** `level-at-one-site` with the columns of which one hospital alone has a side. One that nobody has is another rule's. */
export function levelAtOneSite(design: LevelledDesign, sum: Sum): AnalysisRefusal | undefined {
  if (levelSitesLayout(design).length === 0) return undefined;
  const columns = levelledColumns(design);
  const hospitals = readVector(sum, "hospitalsByLevel", 2 * columns.length);
  const alone = columns.filter((_, i) => hospitals[2 * i] === 1 || hospitals[2 * i + 1] === 1);
  return alone.length === 0 ? undefined : { code: "level-at-one-site", columns: alone.map(({ name }) => name) };
}
