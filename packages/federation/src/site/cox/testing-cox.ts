/** For tests only: Cox studies and tables, and a run of the two halves. */

import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import { coxCoordinator } from "../../coordinator/cox/cox-regression.ts";
import type { CoxState } from "../../coordinator/cox/state.ts";
import type { CoxResult } from "../../cox-result.ts";
import { type HalvesRun, runHalves, testStudy } from "../testing.ts";
import { coxSite } from "./cox-regression.ts";

export interface CoxStudyOptions {
  readonly minimumCell?: number;
  readonly holdout?: string;
  readonly ties?: "efron" | "breslow";
  readonly booleans?: readonly string[];
  readonly at?: readonly number[];
}

export function coxStudy(features: readonly string[], options: CoxStudyOptions = {}): StudyDocument {
  const { ties = "efron", booleans = [], at = [365, 730, 1096, 1461, 1826] } = options;
  const base = testStudy({ outcome: "event", features, booleans }, options);
  const [, ...variables] = base.data.variables;
  const survival = [
    { name: "days", role: "time", type: "number" },
    { name: "event", role: "event", type: "boolean" },
  ] as const;
  return { ...base, data: { ...base.data, variables: [...survival, ...variables] }, analysis: { kind: "cox", ties, strata: "site", at } };
}

export const runCox = (study: StudyDocument, tables: readonly AnalysisTable[]): Promise<HalvesRun<CoxState, CoxResult>> =>
  runHalves({ coordinator: coxCoordinator(study), site: () => coxSite(study) }, tables);
