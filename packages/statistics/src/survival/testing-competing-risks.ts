/** For tests only: rows with two causes of an event, alike on any machine, beside which R's values are kept. */

import { SeededRandom } from "@dure/kernel";
import { type GeneratedRows, generatedCsv } from "../testing.ts";

/**
 * 380 rows: whole days with ties, cause 0 (none), 1 or 2, three stages of unequal hazard and a treatment, and four sites. Follow-up ends after
 * 720 days.
 */
export function generateCompetingRisks(seed = 20260505, rowCount = 380): GeneratedRows {
  const random = new SeededRandom(seed);
  const names = ["time", "cause", "stage", "treated", "site"];
  const columns = new Map(names.map((name) => [name, new Float64Array(rowCount)]));
  for (let i = 0; i < rowCount; i++) {
    const stage = random.below(3);
    const treated = random.below(2);
    const hazards = [0.0012 * Math.exp(0.5 * stage - 0.4 * treated), 0.0008 * Math.exp(0.2 * stage)] as const;
    const eventDay = Math.floor(-Math.log(1 - random.uniform()) / (hazards[0] + hazards[1]));
    const endDay = Math.min(720, Math.floor(1100 * random.uniform()));
    const cause = random.uniform() < hazards[0] / (hazards[0] + hazards[1]) ? 1 : 2;
    const values = { time: Math.min(eventDay, endDay), cause: eventDay <= endDay ? cause : 0, stage, treated, site: random.below(4) };
    for (const [name, value] of Object.entries(values)) {
      const column = columns.get(name);
      if (column !== undefined) column[i] = value;
    }
  }
  return { names, rowCount, columns };
}

export const competingRisksCsv = (): string => generatedCsv(generateCompetingRisks());
