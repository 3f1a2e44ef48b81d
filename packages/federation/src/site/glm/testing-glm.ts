/** For tests only: studies of generalised linear models on generated rows. */

import { SeededRandom } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import type { GeneralisedLinearModel, StudyDocument, Variable } from "@dure/study";
import { glmCoordinator } from "../../coordinator/glm/generalised-linear-model.ts";
import { pickRows, runHalves, testTable } from "../testing.ts";
import { glmSite } from "./generalised-linear-model.ts";

export const features: readonly Variable[] = [
  { name: "born", role: "feature", type: "number" },
  { name: "ratio", role: "feature", type: "number" },
  { name: "smoker", role: "feature", type: "boolean" },
  { name: "stage", role: "feature", type: "category", levels: ["A", "B", "C"] },
];

export interface GlmStudyOptions {
  readonly analysis: Omit<GeneralisedLinearModel, "kind" | "errors"> & Partial<Pick<GeneralisedLinearModel, "errors">>;
  readonly outcome: string;
  readonly features?: readonly Variable[];
  readonly offset?: string;
  readonly weight?: string;
  readonly minimumCell?: number;
  readonly holdout?: string;
}

export function glmStudy(options: GlmStudyOptions): StudyDocument {
  const { analysis, outcome, offset, weight, minimumCell = 0, holdout } = options;
  return {
    dure: 1,
    id: "a-test-study",
    title: "A study of generated rows",
    purpose: "scientific-research",
    data: {
      table: "generated",
      ...(holdout === undefined ? {} : { split: { holdout } }),
      variables: [
        { name: outcome, role: "outcome", type: analysis.family === "logistic" ? "boolean" : "number" },
        ...(options.features ?? features),
        ...(offset === undefined ? [] : [{ name: offset, role: "offset", type: "number" } as const]),
        ...(weight === undefined ? [] : [{ name: weight, role: "weight", type: "number" } as const]),
      ],
    },
    analysis: { kind: "generalised-linear-model", errors: "model", ...analysis },
    evaluation: { localModels: false, intervals: "delong" },
    privacy: { secureSum: { minimumSites: 3 }, minimumCell },
  };
}

export const runGlm = (study: StudyDocument, tables: readonly AnalysisTable[]) =>
  runHalves({ coordinator: glmCoordinator(study), site: () => glmSite(study) }, tables);

/** One table a hospital, by the values of a column. */
export function tablesBy(columns: ReadonlyMap<string, Float64Array>, by: string): readonly AnalysisTable[] {
  const values = columns.get(by) ?? new Float64Array();
  return [...new Set(values)]
    .sort((a, b) => a - b)
    .map((site) => {
      const rows = [...values.keys()].filter((row) => values[row] === site);
      return testTable({ columns: pickRows(columns, rows), keyPrefix: `site-${site}` });
    });
}

/** Rows dealt to hospitals of unequal size. */
export function dealRows(seed: number, columns: ReadonlyMap<string, Float64Array>, siteCount: number): readonly AnalysisTable[] {
  const random = new SeededRandom(seed);
  const rowCount = columns.values().next().value?.length ?? 0;
  const sites: number[][] = Array.from({ length: siteCount }, () => []);
  for (let row = 0; row < rowCount; row++) sites[Math.floor(siteCount * random.uniform() ** 1.3)]?.push(row);
  return sites.filter((rows) => rows.length > 0).map((rows, i) => testTable({ columns: pickRows(columns, rows), keyPrefix: `site-${i}` }));
}
