/** For tests only: survival data that any machine makes alike from a seed, beside which R's values are kept. */

import { SeededRandom } from "@dure/kernel";
import { type GeneratedRows, generatedCsv } from "../testing.ts";

/**
 * 420 rows: whole days with ties and a few zeros, an event, two booleans that make four groups of unequal hazard, and five sites of unequal
 * size and hazard. Follow-up ends after 900 days.
 */
export function generateSurvivalRows(seed = 20260203, rowCount = 420): GeneratedRows {
  const random = new SeededRandom(seed);
  const names = ["time", "event", "treated", "old", "site"];
  const columns = new Map(names.map((name) => [name, new Float64Array(rowCount)]));
  for (let i = 0; i < rowCount; i++) {
    const treated = random.below(2);
    const old = random.uniform() < 0.35 ? 1 : 0;
    const site = Math.floor(5 * random.uniform() ** 1.4);
    const hazard = 0.0022 * Math.exp(-0.45 * treated + 0.5 * old + 0.15 * site);
    const eventDay = Math.floor(-Math.log(1 - random.uniform()) / hazard);
    const endDay = Math.min(900, Math.floor(1400 * random.uniform()));
    const values = { time: Math.min(eventDay, endDay), event: eventDay <= endDay ? 1 : 0, treated, old, site };
    for (const [name, value] of Object.entries(values)) {
      const column = columns.get(name);
      if (column !== undefined) column[i] = value;
    }
  }
  return { names, rowCount, columns };
}

export const survivalCsv = (): string => generatedCsv(generateSurvivalRows());
