/** For tests only: rows of a treatment that was not given at random, made alike on any machine from a seed. */

import { SeededRandom } from "@dure/kernel";

const treatmentSeed = 20261122;

export interface GeneratedTreatment {
  readonly rowCount: number;
  readonly columns: ReadonlyMap<string, Float64Array>;
}

const names = ["site", "treated", "age", "severity", "diabetes", "stage", "female", "y", "score", "visits", "days", "event"] as const;
export const controlNames = ["c1", "c2", "c3", "c4", "c5"] as const;

/**
 * 900 patients of four hospitals of unequal size, habit and risk. The sicker are treated more often; treatment helps. Controls depend on
 * severity but not on treatment. Every value is a short decimal: the CSV holds exactly the double that the test sees.
 */
export function generateTreatment(seed: number = treatmentSeed, rowCount = 900): GeneratedTreatment {
  const random = new SeededRandom(seed);
  const columns = new Map<string, Float64Array>([...names, ...controlNames].map((name) => [name, new Float64Array(rowCount)]));
  const chance = (eta: number): number => (random.uniform() < 1 / (1 + Math.exp(-eta)) ? 1 : 0);
  const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
  for (let i = 0; i < rowCount; i++) {
    const share = random.uniform();
    const site = share < 0.4 ? 1 : share < 0.7 ? 2 : share < 0.9 ? 3 : 4;
    const age = round(62 + 11 * random.normal(), 1);
    const severity = round(Math.exp(0.5 * random.normal()), 3);
    const diabetes = chance(-1 + 0.02 * (age - 62));
    const stage = random.below(3);
    const female = random.below(2);
    const burden = 0.03 * (age - 62) + 0.5 * (severity - 1.1) + 0.3 * diabetes + 0.25 * stage;
    const treated = chance(-0.6 + 0.9 * burden + 0.35 * (site - 2));
    const y = chance(-1.2 + burden - 0.7 * treated + 0.2 * (site - 2) + 0.5 * treated * female);
    const score = round(50 - 4 * burden + 3 * treated - 1.5 * site + 6 * random.normal(), 2);
    const visits = Math.floor(-Math.log(1 - random.uniform()) * Math.exp(0.6 + 0.4 * burden - 0.3 * treated));
    const time = Math.ceil((-700 * Math.log(1 - random.uniform())) / Math.exp(burden - 0.6 * treated + 0.1 * site));
    const end = Math.ceil(1200 * random.uniform());
    const row: Record<string, number> = { site, treated, age, severity, diabetes, stage, female, y, score, visits };
    row["days"] = Math.min(time, end);
    row["event"] = time <= end ? 1 : 0;
    controlNames.forEach((name, k) => {
      row[name] = chance(-1.4 + 0.2 * k + 0.4 * burden + 0.3 * (random.uniform() - 0.5));
    });
    for (const [name, column] of columns) column[i] = row[name] ?? Number.NaN;
  }
  return { rowCount, columns };
}

/** The rows as the oracle reads them. */
export function treatmentCsv({ columns, rowCount }: GeneratedTreatment): string {
  const header = [...columns.keys()];
  const lines = Array.from({ length: rowCount }, (_, i) => header.map((name) => String(columns.get(name)?.[i])).join(","));
  return `${[header.join(","), ...lines].join("\n")}\n`;
}
