/** For tests only: studies of a treatment, and a run of the two halves. */

import type { AnalysisTable } from "@dure/records";
import type { StudyDocument, TreatmentEffect, Variable } from "@dure/study";
import type { TreatmentState } from "../../coordinator/treatment-effect/state.ts";
import { treatmentEffectCoordinator } from "../../coordinator/treatment-effect/treatment-effect.ts";
import type { TreatmentEffectResult } from "../../treatment-effect-result.ts";
import { type HalvesRun, runHalves } from "../testing.ts";
import { treatmentEffectSite } from "./treatment-effect.ts";

export interface TreatmentStudyOptions {
  readonly outcome?: Pick<Variable, "name" | "type">;
  readonly features?: readonly Omit<Variable, "role">[];
  readonly subgroups?: readonly Omit<Variable, "role">[];
  readonly controls?: readonly string[];
  readonly minimumCell?: number;
  readonly analysis?: Partial<TreatmentEffect>;
}

const FEATURES: readonly Omit<Variable, "role">[] = [
  { name: "age", type: "number" },
  { name: "severity", type: "number" },
  { name: "diabetes", type: "boolean" },
  { name: "stage", type: "category", levels: [0, 1, 2] },
];

/** Of a survival outcome where none is named: `days` and `event`. */
export function treatmentStudy(options: TreatmentStudyOptions = {}): StudyDocument {
  const { outcome, features = FEATURES, subgroups = [], controls = [], minimumCell = 0, analysis = {} } = options;
  const measured: readonly Variable[] =
    outcome === undefined
      ? [
          { name: "days", role: "time", type: "number" },
          { name: "event", role: "event", type: "boolean" },
        ]
      : [{ ...outcome, role: "outcome" }];
  return {
    dure: 1,
    id: "a-treatment",
    title: "A treatment of generated patients",
    purpose: "scientific-research",
    data: {
      table: "generated",
      variables: [
        { name: "treated", role: "treatment", type: "boolean" },
        ...measured,
        ...features.map((feature): Variable => ({ ...feature, role: "feature" })),
        ...subgroups.map((subgroup): Variable => ({ ...subgroup, role: "subgroup" })),
        ...controls.map((name): Variable => ({ name, role: "negative-control", type: "boolean" })),
      ],
    },
    analysis: {
      kind: "treatment-effect",
      estimators: ["iptw"],
      estimand: "ate",
      stabilised: true,
      outcomeModel: "logistic",
      siteTerms: true,
      ...analysis,
    },
    evaluation: { localModels: false, intervals: "delong" },
    privacy: { secureSum: { minimumSites: 3 }, minimumCell },
  };
}

export const runTreatment = (
  study: StudyDocument,
  tables: readonly AnalysisTable[],
): Promise<HalvesRun<TreatmentState, TreatmentEffectResult>> =>
  runHalves({ coordinator: treatmentEffectCoordinator(study), site: () => treatmentEffectSite(study) }, tables);
