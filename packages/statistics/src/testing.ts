/** For tests only: rows that any machine makes alike from a seed, so that an oracle's values and the rows they are of stay together. */

import { SeededRandom } from "@dure/kernel";

export { controlNames, type GeneratedTreatment, generateTreatment, treatmentCsv } from "./causal/testing-treatment.ts";
export { generateGlmRows } from "./glm/testing-glm.ts";
export { binnedEnds, binnedRows } from "./survival/testing-binned-rows.ts";
export { generateCompetingRisks } from "./survival/testing-competing-risks.ts";
export { coxFeatures, type GeneratedSurvival, generateSurvival, survivalCsv } from "./survival/testing-cox.ts";
export { generateVisits, visitFeatures } from "./survival/testing-visits.ts";

export interface GeneratedRows {
  readonly names: readonly string[];
  readonly rowCount: number;
  /** By name; `y` is the outcome. */
  readonly columns: ReadonlyMap<string, Float64Array>;
}

export const generatedSeed = 20260101;

/**
 * 600 rows: age in years, a rare boolean, a heavy-tailed laboratory value in large units, a whole-number count and a boolean
 * correlated with age. Every value is a short decimal, so that the CSV holds exactly the double that the test sees.
 */
export function generateRows(seed: number = generatedSeed, rowCount = 600): GeneratedRows {
  const random = new SeededRandom(seed);
  const names = ["age", "rare", "platelets", "nodes", "hormone", "y"];
  const columns = new Map(names.map((name) => [name, new Float64Array(rowCount)]));
  const set = (name: string, i: number, value: number): void => {
    const column = columns.get(name);
    if (column !== undefined) column[i] = value;
  };
  for (let i = 0; i < rowCount; i++) {
    const age = Math.round((58 + 12 * random.normal()) * 10) / 10;
    const rare = random.uniform() < 0.06 ? 1 : 0;
    const platelets = Math.round(250000 * Math.exp(0.4 * random.normal()));
    const nodes = Math.floor(-2.5 * Math.log(1 - random.uniform()));
    const hormone = random.uniform() < (age > 60 ? 0.7 : 0.3) ? 1 : 0;
    const eta = -1.2 + 0.03 * (age - 58) + 0.9 * rare - 2e-6 * (platelets - 250000) + 0.25 * nodes - 0.5 * hormone;
    set("age", i, age);
    set("rare", i, rare);
    set("platelets", i, platelets);
    set("nodes", i, nodes);
    set("hormone", i, hormone);
    set("y", i, random.uniform() < 1 / (1 + Math.exp(-eta)) ? 1 : 0);
  }
  return { names, rowCount, columns };
}

/** The rows as the oracle reads them. */
export function generatedCsv(rows: GeneratedRows): string {
  const lines = [rows.names.join(",")];
  for (let i = 0; i < rows.rowCount; i++) lines.push(rows.names.map((name) => String(rows.columns.get(name)?.[i])).join(","));
  return `${lines.join("\n")}\n`;
}
