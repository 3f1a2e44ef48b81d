/** For tests only: a study over an invented table, and rows from a seeded generator. No data of anybody's. */

import { SeededRandom, sha256, utf8 } from "@dure/kernel";
import { type FrozenStudy, freezeStudy, parseStudy } from "@dure/study";

const source = `
dure: 1
id: invented
title: An invented study
purpose: statistics
data:
  table: invented
  variables:
    y: { role: outcome, type: boolean }
    x: { role: feature, type: number }
    z: { role: feature, type: boolean }
analysis: { kind: logistic-regression, standardise: false }
evaluation: { localModels: true, intervals: delong }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`;

export const tableFile = { name: "tables/invented.yaml", content: utf8("invented: true\n") };

/** Another title is another version of the same study: the folds of its validation follow from its id, so its answer is the same. */
export const inventedStudy = (title = "An invented study"): FrozenStudy =>
  freezeStudy(parseStudy(source.replace("title: An invented study", `title: ${title}`)), () => tableFile.content);

/** Rows with a true logistic model, as an analysis table. */
export function inventedTable(seed: number, rowCount = 150) {
  const random = new SeededRandom(seed);
  const x = Float64Array.from({ length: rowCount }, () => random.normal());
  const z = Float64Array.from({ length: rowCount }, () => random.below(2));
  const y = Float64Array.from(x, (value, i) => (random.uniform() < 1 / (1 + Math.exp(0.3 - 0.8 * value - 0.5 * (z[i] ?? 0))) ? 1 : 0));
  const columns = new Map([
    ["y", y],
    ["x", x],
    ["z", z],
  ]);
  const rowKeys = Array.from({ length: rowCount }, (_, i) => `${seed}-${String(i).padStart(6, "0")}`);
  return { rowKeys, rowCount, columns, heldOut: new Uint8Array(rowCount), excluded: [], hash: sha256(`table ${seed}`) };
}
