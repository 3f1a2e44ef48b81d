/** For tests only: a description with two groups, its rows, and its run over hospitals. */

import { SeededRandom } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { parseStudy, type StudyDocument } from "@dure/study";
import { describeCoordinator, refusedDescribeAnalysis } from "../../coordinator/describe/describe.ts";
import type { DescribeAnalysis, DescribedVariable } from "../../describe-result.ts";
import { runHalves, testTable } from "../testing.ts";
import { describeSite } from "./describe.ts";

export interface PatientRow {
  /** 0 or 1, or with `arms: 3` up to 2. */
  readonly arm: number;
  readonly age: number;
  readonly stage: number;
  readonly smoker: number;
  readonly marker: number;
}

const COLUMNS = ["arm", "age", "stage", "smoker", "marker"] as const;

export const describeStudy = (options: { readonly minimumCell: number; readonly more?: string; readonly group?: string }): StudyDocument =>
  parseStudy(`dure: 1
id: patients
title: Patients
purpose: statistics
data:
  table: invented
  variables:
    ${options.group ?? "arm: { role: group, type: boolean }"}
    age: { role: feature, type: number }
    stage: { role: feature, type: category, levels: [I, II, III] }
    smoker: { role: feature, type: boolean }
    marker: { role: feature, type: number }
analysis: { kind: describe, tests: true ${options.more ?? ""} }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: ${options.minimumCell} }
`);

const tableOf = (rows: readonly PatientRow[], prefix: string): AnalysisTable =>
  testTable({ columns: new Map(COLUMNS.map((name) => [name, Float64Array.from(rows, (row) => row[name])])), keyPrefix: prefix });

/** Deals rows out in turn, so that every group is at every hospital. */
export const tablesOf = (rows: readonly PatientRow[], siteCount: number): readonly AnalysisTable[] =>
  Array.from({ length: siteCount }, (_, site) =>
    tableOf(
      rows.filter((_row, i) => i % siteCount === site),
      `site-${site}`,
    ),
  );

export async function runDescribe(document: StudyDocument, tables: readonly AnalysisTable[]) {
  const run = await runHalves({ coordinator: describeCoordinator(document), site: () => describeSite(document) }, tables);
  const { end } = run;
  const analysis: DescribeAnalysis = end.kind === "done" ? end.result.analysis : refusedDescribeAnalysis(document, end.state, end.refusal);
  return { analysis, states: run.states };
}

/** Ages in whole years, a skewed marker with many digits, and some of each missing. */
export function patients(
  seed: number,
  rowCount: number,
  options: { readonly missing?: number; readonly arms?: number } = {},
): readonly PatientRow[] {
  const random = new SeededRandom(seed);
  const { missing = 0.1, arms = 2 } = options;
  const maybe = (value: number): number => (random.uniform() < missing ? Number.NaN : value);
  return Array.from({ length: rowCount }, () => {
    const arm = random.below(arms);
    return {
      arm,
      age: maybe(Math.round(60 + 4 * arm + 11 * random.normal())),
      stage: maybe(Math.min(2, Math.floor(3 * random.uniform() ** (1 + 0.4 * arm)))),
      smoker: maybe(random.uniform() < 0.3 + 0.15 * arm ? 1 : 0),
      marker: maybe(1e-3 * Math.exp(random.normal() + 0.3 * arm)),
    };
  });
}

type NumberVariable = Extract<DescribedVariable, { readonly kind: "number" }>;

export function numberOf(analysis: DescribeAnalysis, name: string): NumberVariable {
  const found = analysis.variables.find(({ variable }) => variable === name);
  if (found?.kind !== "number") throw new Error(`no number ${name}`);
  return found;
}

export function levelsOf(analysis: DescribeAnalysis, name: string): Exclude<DescribedVariable, NumberVariable> {
  const found = analysis.variables.find(({ variable }) => variable === name);
  if (found === undefined || found.kind === "number") throw new Error(`no levels of ${name}`);
  return found;
}
