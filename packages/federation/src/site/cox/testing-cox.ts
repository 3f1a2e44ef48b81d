/** For tests only: Cox studies and tables, and a run of the two halves. */

import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import { coxCoordinator } from "../../coordinator/cox/cox-regression.ts";
import type { CoxState } from "../../coordinator/cox/state.ts";
import { pooledCoxCoordinator } from "../../coordinator/cox-pooled/cox-pooled.ts";
import type { PooledState } from "../../coordinator/cox-pooled/state.ts";
import type { CoxResult } from "../../cox-result.ts";
import { pooledCoxSite } from "../cox-pooled/cox-pooled.ts";
import { type HalvesRun, runHalves, testStudy } from "../testing.ts";
import { coxSite } from "./cox-regression.ts";

export interface CoxStudyOptions {
  readonly minimumCell?: number;
  readonly holdout?: string;
  readonly ties?: "efron" | "breslow";
  readonly booleans?: readonly string[];
  readonly at?: readonly number[];
  /** Rows (entry, days] of persons, and an event of the causes 1 and 2. */
  readonly visits?: { readonly cause: "1" | "2" };
  /** One baseline hazard for all hospitals, on this grid. */
  readonly grid?: { readonly timeBinDays: number; readonly horizonDays: number };
}

export function coxStudy(features: readonly string[], options: CoxStudyOptions = {}): StudyDocument {
  const { ties = "efron", booleans = [], at = [365, 730, 1096, 1461, 1826] } = options;
  const base = testStudy({ outcome: "event", features, booleans }, options);
  const [, ...variables] = base.data.variables;
  const event = { name: "cause", role: "event", type: "category", levels: [0, 1, 2] } as const;
  const survival = [
    { name: "days", role: "time", type: "number" },
    ...(options.visits === undefined
      ? ([{ name: "event", role: "event", type: "boolean" }] as const)
      : ([event, { name: "entry", role: "entry", type: "number" }, { name: "person", role: "person", type: "identifier" }] as const)),
  ] as const;
  const analysis = {
    kind: "cox",
    ties,
    at,
    ...(options.visits === undefined ? {} : { cause: options.visits.cause }),
    ...(options.grid === undefined ? { strata: "site" as const } : options.grid),
  } as const;
  return { ...base, data: { ...base.data, variables: [...survival, ...variables] }, analysis };
}

export const runCox = (study: StudyDocument, tables: readonly AnalysisTable[]): Promise<HalvesRun<CoxState, CoxResult>> =>
  runHalves({ coordinator: coxCoordinator(study), site: () => coxSite(study) }, tables);

/** One baseline hazard for all hospitals. */
export const runPooledCox = (study: StudyDocument, tables: readonly AnalysisTable[]): Promise<HalvesRun<PooledState, CoxResult>> =>
  runHalves({ coordinator: pooledCoxCoordinator(study), site: () => pooledCoxSite(study) }, tables);
