/** For tests only: rows with an outcome of every family, that any machine makes alike from a seed. */

import { SeededRandom } from "@dure/kernel";
import type { GeneratedRows } from "../testing.ts";
import type { Glm } from "./families.ts";
import type { GlmRows } from "./likelihood.ts";
import type { OutcomeTotals } from "./newton.ts";

export const glmFeatures = ["born", "ratio", "smoker", "stageB", "stageC"] as const;

const seed = 20261122;

/** 600 rows of 6 hospitals: a year of birth, a ratio near 1e-3, a boolean, two dummies; every value is a short decimal. */
export function generateGlmRows(rowCount = 600): GeneratedRows {
  const random = new SeededRandom(seed);
  const names = [...glmFeatures, "site", "weight", "months", "linear", "logistic", "count", "cost"];
  const columns = new Map(names.map((name) => [name, new Float64Array(rowCount)]));
  for (let i = 0; i < rowCount; i++) {
    const site = Math.floor(6 * random.uniform() ** 1.4);
    const born = Math.round(1958 + 11 * random.normal() + site);
    const ratio = Math.round(1000 * Math.exp(0.5 * random.normal())) / 1e6;
    const smoker = random.uniform() < 0.3 + (born - 1958) / 100 ? 1 : 0;
    const stage = random.below(3);
    const [stageB, stageC] = [Number(stage === 1), Number(stage === 2)];
    const base = 0.02 * (born - 1958) + 400 * (ratio - 1e-3) + 0.4 * smoker - 0.3 * stageB + 0.5 * stageC + 0.15 * (site - 2);
    const months = Math.round(1 + 35 * random.uniform());
    const frailty = gammaDraw(random, 2);
    const row: Record<string, number> = {
      born,
      ratio,
      smoker,
      stageB,
      stageC,
      site,
      weight: Math.round(10 * (0.5 + 2 * random.uniform())) / 10,
      months,
      linear: Math.round(100 * (120 + 15 * base + 12 * random.normal())) / 100,
      logistic: random.uniform() < 1 / (1 + Math.exp(0.4 - base)) ? 1 : 0,
      count: poissonDraw(random, (frailty / 2) * months * 0.1 * Math.exp(base)),
      cost: Math.round(100 * (gammaDraw(random, 3) / 3) * 900 * Math.exp(0.5 * base)) / 100,
    };
    for (const [name, column] of columns) column[i] = row[name] ?? Number.NaN;
  }
  return { names, rowCount, columns };
}

/** Marsaglia & Tsang's is not needed: a whole shape is a sum of exponentials. */
const gammaDraw = (random: SeededRandom, shape: number): number =>
  Array.from({ length: shape }, () => -Math.log(1 - random.uniform())).reduce((total, value) => total + value, 0);

function poissonDraw(random: SeededRandom, mean: number): number {
  let count = -1;
  for (let product = 1; product > Math.exp(-mean); count++) product *= 1 - random.uniform();
  return count;
}

/** Which column is the outcome, and whether exposure time or weights come in. */
export interface GlmCase {
  readonly outcome: string;
  readonly withOffset: boolean;
  readonly withWeights: boolean;
}

/** Standardised rows of a case, and the way back. */
export function standardisedRows(model: Glm, rows: GeneratedRows, { outcome, withOffset, withWeights }: GlmCase) {
  const column = (name: string): Float64Array => rows.columns.get(name) ?? new Float64Array();
  const scales = glmFeatures.map((name) => {
    const values = column(name);
    const mean = values.reduce((total, value) => total + value, 0) / rows.rowCount;
    const sd = Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / (rows.rowCount - 1));
    return { mean, sd };
  });
  const features = new Float64Array(glmFeatures.length * rows.rowCount);
  glmFeatures.forEach((name, j) => {
    column(name).forEach((value, i) => {
      features[j * rows.rowCount + i] = (value - (scales[j]?.mean ?? 0)) / (scales[j]?.sd ?? 1);
    });
  });
  const scale = model.family === "gamma" ? 1024 : 1;
  const weights = column("weight");
  const offset = column("months").map(Math.log);
  const of: GlmRows = {
    rowCount: rows.rowCount,
    features,
    featureCount: glmFeatures.length,
    stride: rows.rowCount,
    outcome: column(outcome).map((value) => value / scale),
    ...(withWeights ? { weights } : {}),
    ...(withOffset ? { offset } : {}),
  };
  return { rows: of, scales, totals: totalsOf(of), outcomeScale: scale };
}

function totalsOf({ outcome, weights, offset, rowCount }: GlmRows): OutcomeTotals {
  let [weight, sum, squares, exposure] = [0, 0, 0, 0];
  for (let i = 0; i < rowCount; i++) {
    const [a, y] = [weights?.[i] ?? 1, outcome[i] ?? Number.NaN];
    weight += a;
    sum += a * y;
    squares += a * y * y;
    exposure += a * Math.exp(offset?.[i] ?? 0);
  }
  return { n: rowCount, weight, sum, squares, ...(offset === undefined ? {} : { exposure }) };
}
