/** For tests only: meta-analyses and the rows of hospitals that differ, and a run of the two halves. */

import { SeededRandom } from "@dure/kernel";
import { logistic } from "@dure/numerics";
import type { AnalysisTable } from "@dure/records";
import type { MetaAnalysis, StudyDocument } from "@dure/study";
import { metaAnalysisCoordinator } from "../../coordinator/meta-analysis/meta-analysis.ts";
import type { MetaAnalysisState } from "../../coordinator/meta-analysis/state.ts";
import type { MetaAnalysisResult } from "../../meta-analysis-result.ts";
import { coxStudy } from "../cox/testing-cox.ts";
import { type HalvesRun, runHalves, testStudy, testTable } from "../testing.ts";
import { metaAnalysisSite } from "./meta-analysis.ts";

export interface MetaStudyOptions {
  readonly model?: MetaAnalysis["model"];
  readonly effects?: MetaAnalysis["effects"];
  readonly minimumCell?: number;
}

export function metaStudy(features: readonly string[], options: MetaStudyOptions = {}): StudyDocument {
  const { model = "logistic", effects = "random", minimumCell = 0 } = options;
  const base =
    model === "cox"
      ? coxStudy(features, { minimumCell, booleans: ["c"] })
      : testStudy({ outcome: "y", features, booleans: ["c"] }, { minimumCell });
  const variables = base.data.variables.map((variable) =>
    variable.role === "outcome" && model !== "logistic" ? { ...variable, type: "number" as const } : variable,
  );
  return {
    ...base,
    data: { ...base.data, variables },
    analysis: { kind: "meta-analysis", model, effects, reason: "not online for a whole fit" },
  };
}

export const runMeta = (
  study: StudyDocument,
  tables: readonly AnalysisTable[],
): Promise<HalvesRun<MetaAnalysisState, MetaAnalysisResult>> =>
  runHalves({ coordinator: metaAnalysisCoordinator(study), site: () => metaAnalysisSite(study) }, tables);

export interface HospitalRows {
  readonly seed: number;
  readonly rowCount: number;
  /** Of the effect of `a`, around 0.6. */
  readonly shift?: number;
  /** Of the share with the outcome. */
  readonly logOdds?: number;
}

/** Columns a (number), c (boolean) and an outcome of every kind: y (0 or 1), value (number), visits (count), days and event. */
export function hospitalTable({ seed, rowCount, shift = 0, logOdds = -0.5 }: HospitalRows): AnalysisTable {
  const random = new SeededRandom(seed);
  const names = ["a", "c", "y", "value", "visits", "days", "event"];
  const columns = new Map(names.map((name) => [name, new Float64Array(rowCount)]));
  for (let i = 0; i < rowCount; i++) {
    const a = random.normal();
    const c = random.uniform() < 0.4 ? 1 : 0;
    const effect = (0.6 + shift) * a - 0.4 * c;
    const time = (-500 * Math.log(1 - random.uniform())) / Math.exp(effect);
    const row: Record<string, number> = {
      a: 50 + 10 * a,
      c,
      y: random.uniform() < logistic(logOdds + effect) ? 1 : 0,
      value: 120 + 8 * effect + 5 * random.normal(),
      visits: poisson(random, Math.exp(0.4 + 0.5 * effect)),
      days: Math.min(time, 1500),
      event: time <= 1500 ? 1 : 0,
    };
    for (const [name, column] of columns) column[i] = row[name] ?? Number.NaN;
  }
  return testTable({ columns, keyPrefix: `hospital-${seed}` });
}

/** By products of uniform draws (Knuth 1969); small means only. */
function poisson(random: SeededRandom, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.uniform(); product > limit; product *= random.uniform()) count++;
  return count;
}
