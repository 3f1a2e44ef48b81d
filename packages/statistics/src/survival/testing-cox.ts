/** For tests only: survival rows that any machine makes alike from a seed, so that an oracle's values and the rows they are of stay together. */

import { SeededRandom } from "@dure/kernel";
import { type CoxRows, sortCoxRows } from "./cox-rows.ts";

const coxSeed = 20260303;
export const coxFeatures = ["age", "platelets", "nodes", "hormone"] as const;
const coxCentres = [1, 2, 3] as const;

export interface GeneratedSurvival {
  readonly rowCount: number;
  /** `days`, `event`, the features, and `centre` 1 to 3. */
  readonly columns: ReadonlyMap<string, Float64Array>;
}

/**
 * 500 rows of three centres of unequal size and hazard. Times are whole months written as days, so that many events share one; the
 * columns have units far apart. Every value is a short decimal: the CSV holds exactly the double that the test sees.
 */
export function generateSurvival(seed: number = coxSeed, rowCount = 500): GeneratedSurvival {
  const random = new SeededRandom(seed);
  const names = ["days", "event", ...coxFeatures, "centre"];
  const columns = new Map(names.map((name) => [name, new Float64Array(rowCount)]));
  for (let i = 0; i < rowCount; i++) {
    const age = Math.round((58 + 12 * random.normal()) * 10) / 10;
    const platelets = Math.round(250000 * Math.exp(0.4 * random.normal()));
    const nodes = Math.floor(-2.5 * Math.log(1 - random.uniform()));
    const hormone = random.uniform() < (age > 60 ? 0.7 : 0.3) ? 1 : 0;
    const share = random.uniform();
    const centre = share < 0.5 ? 1 : share < 0.85 ? 2 : 3;
    const eta = 0.02 * (age - 58) - 1e-6 * (platelets - 250000) + 0.12 * nodes - 0.4 * hormone;
    const months = Math.ceil((-20 * centre * Math.log(1 - random.uniform())) / Math.exp(eta));
    const end = Math.ceil(60 * random.uniform()) + 6;
    const row: Record<string, number> = { age, platelets, nodes, hormone, centre };
    row["days"] = 30 * Math.min(months, end);
    row["event"] = months <= end ? 1 : 0;
    for (const [name, column] of columns) column[i] = row[name] ?? Number.NaN;
  }
  return { rowCount, columns };
}

/** The rows as the oracle reads them. */
export function survivalCsv({ columns, rowCount }: GeneratedSurvival): string {
  const names = [...columns.keys()];
  const lines = Array.from({ length: rowCount }, (_, i) => names.map((name) => String(columns.get(name)?.[i])).join(","));
  return `${[names.join(","), ...lines].join("\n")}\n`;
}

/** One part a centre, features as (x − centre) / scale. */
export function coxStrata(
  { columns, rowCount }: GeneratedSurvival,
  scales: readonly { readonly mean: number; readonly sd: number }[],
): readonly CoxRows[] {
  const of = (name: string): Float64Array => columns.get(name) ?? new Float64Array();
  return coxCentres.map((centre) => {
    const rows = Array.from({ length: rowCount }, (_, i) => i).filter((i) => of("centre")[i] === centre);
    const pick = (name: string): readonly number[] => rows.map((i) => of(name)[i] ?? Number.NaN);
    const features = coxFeatures.flatMap((name, j) => pick(name).map((value) => (value - (scales[j]?.mean ?? 0)) / (scales[j]?.sd ?? 1)));
    return sortCoxRows({
      times: Float64Array.from(pick("days")),
      events: Float64Array.from(pick("event")),
      features: Float64Array.from(features),
      featureCount: coxFeatures.length,
    });
  });
}
