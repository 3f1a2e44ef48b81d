/** For tests only: rows of which some are missing at random, and a run of an imputed analysis. */

import { type JsonValue, SeededRandom, sha256 } from "@dure/kernel";
import { logistic } from "@dure/numerics";
import type { AnalysisTable } from "@dure/records";
import type { MissingValues, StudyDocument, Variable } from "@dure/study";
import type { CoordinatorPart, SitePart } from "../../analysis.ts";
import { coordinatorPartFor } from "../../coordinator/registry.ts";
import type { AnalysisResult } from "../../result.ts";
import { sitePartFor } from "../registry.ts";
import { type HalvesRun, pickRows, runHalves, testStudy, testTable } from "../testing.ts";

export const age: Variable = { name: "age", role: "feature", type: "number" };
export const smoker: Variable = { name: "smoker", role: "feature", type: "boolean" };
export const stage: Variable = { name: "stage", role: "feature", type: "category", levels: ["I", "II", "III"] };

export interface ImputedStudy {
  readonly features?: readonly Variable[];
  readonly minimumCell?: number;
  readonly missing?: MissingValues;
}

export function imputedStudy({
  features = [age, smoker, stage],
  minimumCell = 0,
  missing = { method: "single-imputation" },
}: ImputedStudy = {}): StudyDocument {
  const base = testStudy({ outcome: "y", features: [] }, { minimumCell });
  return {
    ...base,
    data: { ...base.data, variables: [...base.data.variables, ...features], missing },
    evaluation: { localModels: false, intervals: "delong" },
  };
}

/** Log odds of y by (age − 60) / 10, smoking, and a step of stage. */
const TRUTH = { age: 0.05, smoker: 0.6, stage: 0.4 } as const;

/** Of every fourth to tenth row something is missing, more often of the old. */
export function incompleteColumns(seed: number, rowCount: number): ReadonlyMap<string, Float64Array> {
  const random = new SeededRandom(seed);
  const columns = new Map(["y", "age", "smoker", "stage"].map((name) => [name, new Float64Array(rowCount)]));
  for (let i = 0; i < rowCount; i++) {
    const years = 60 + 10 * random.normal();
    const smokes = random.uniform() < 0.3 ? 1 : 0;
    const level = random.below(3);
    const y = random.uniform() < logistic(-0.5 + TRUTH.age * (years - 60) + TRUTH.smoker * smokes + TRUTH.stage * level) ? 1 : 0;
    const orMissing = (value: number, share: number): number => (random.uniform() < share ? Number.NaN : value);
    const row = { y, age: orMissing(years, 0.1), smoker: orMissing(smokes, years > 65 ? 0.3 : 0.1), stage: orMissing(level, 0.15) };
    for (const [name, value] of Object.entries(row)) (columns.get(name) ?? new Float64Array())[i] = value;
  }
  return columns;
}

/**
 * Row i to hospital i mod siteCount; a row keeps its key wherever it lies, and all tables have one hash, so that it keeps its draws as well: what is
 * compared is then the same imputation.
 */
export function dealRows(columns: ReadonlyMap<string, Float64Array>, siteCount: number): readonly AnalysisTable[] {
  const rowCount = columns.get("y")?.length ?? 0;
  return Array.from({ length: siteCount }, (_, site) => {
    const rows = Array.from({ length: rowCount }, (_, row) => row).filter((row) => row % siteCount === site);
    const table = testTable({ columns: pickRows(columns, rows) });
    return { ...table, hash: DEALT, rowKeys: rows.map((row) => `row-${String(row).padStart(8, "0")}`) };
  });
}

const DEALT = sha256("dealt");

export type ImputedRun = HalvesRun<JsonValue, JsonValue>;

export function runImputed(study: StudyDocument, tables: readonly AnalysisTable[]): Promise<ImputedRun> {
  const coordinator: CoordinatorPart<JsonValue, JsonValue> = coordinatorPartFor(study);
  const site = (): SitePart<JsonValue, AnalysisTable> => sitePartFor({ ...study });
  return runHalves({ coordinator, site }, tables);
}

/** Fails: throws where the analysis was refused. */
export async function analysisOf(study: StudyDocument, tables: readonly AnalysisTable[]): Promise<AnalysisResult["analysis"]> {
  const { end } = await runImputed(study, tables);
  if (end.kind !== "done") throw new Error(`refused: ${JSON.stringify(end.refusal)}`);
  return (end.result as unknown as AnalysisResult).analysis;
}
