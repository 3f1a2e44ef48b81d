/**
 * Multiple imputation by chained equations of sums, the public half: candidates → centre → spread → draw (visit after visit) → completed.
 *
 * Any number of completed data sets advance in the same rounds, so that a run takes as many rounds for twenty imputations as for two. Every
 * hospital draws its own patients' values; what leaves are sums over rows in which drawn and seen values stand alike.
 */

import { type JsonValue, unreachable } from "@dure/kernel";
import type { Sum, SumLayout } from "@dure/privacy";
import type { StudyDocument } from "@dure/study";
import type { Absorbed, CoordinatorPart } from "../../analysis.ts";
import type { MissingValuesReport } from "../../missing-values-result.ts";
import type { Analysis } from "../../result.ts";
import { candidatesLayout, planImputation, requiredOf, targetsOf } from "./candidates.ts";
import { absorbVisit, beginVisit, drawLayout, visitCount, visitFits } from "./chained.ts";
import { absorbRuns, runsLayout } from "./completed-runs.ts";
import { completedStudy } from "./design.ts";
import type { CompletedRun, ImputationPlan, MultipleState } from "./multiple-state.ts";
import { pooledAnalysis } from "./pooled-analysis.ts";
import { type MultipleDesign, modelsOf } from "./predictors.ts";
import { filledWith, missingVariables, withReport } from "./reports.ts";
import { centreLayout, meansOf, scalesOf, spreadLayout } from "./scales.ts";
import { fillOnce } from "./single.ts";
import type { MissingCounts, MissingPhase } from "./state.ts";

type AnyPart = CoordinatorPart<JsonValue, JsonValue>;
type Step = Absorbed<MultipleState, JsonValue>;

/** The study that each completed data set is analysed by: without folds, for nothing is judged on rows that were filled in. */
export function studyOfCompleted(study: StudyDocument): StudyDocument {
  const completed = completedStudy(study, []);
  return { ...completed, data: { ...completed.data, split: completed.data.split ?? {} } };
}

export function beginMultiple(design: MultipleDesign, counts: MissingCounts): MultipleState {
  const targets = targetsOf(design, counts);
  return { phase: "candidates", counts, targets, requires: requiredOf(design, counts, targets) };
}

export function multipleLayout(design: MultipleDesign, state: MultipleState, inner: AnyPart): SumLayout {
  switch (state.phase) {
    case "candidates":
      return candidatesLayout(design, state);
    case "centre":
      return centreLayout(design);
    case "spread":
      return spreadLayout(design);
    case "draw":
      return drawLayout(design, state);
    case "completed":
      return runsLayout(inner, state.runs);
    default:
      return unreachable(state);
  }
}

export interface Absorbing {
  readonly inner: AnyPart;
  readonly sum: Sum;
}

export function absorbMultiple(design: MultipleDesign, state: MultipleState, { inner, sum }: Absorbing): Step {
  switch (state.phase) {
    case "candidates": {
      const planned = planImputation(design, state, sum);
      return planned.kind === "refused"
        ? planned
        : { kind: "continue", state: { phase: "centre", counts: state.counts, plan: planned.plan } };
    }
    case "centre":
      return { kind: "continue", state: { ...state, phase: "spread", means: meansOf(design, state.counts, sum) } };
    case "spread": {
      const { counts, plan, means } = state;
      const scales = scalesOf(design, counts, { means, sum });
      return nextVisit(design, { phase: "draw", counts, plan, scales, history: [] }, inner);
    }
    case "draw": {
      const visited = absorbVisit(design, state, sum);
      if (visited.kind !== "drawn") return visited;
      const { newton: _, ...kept } = state;
      return nextVisit(design, { ...kept, history: visited.history }, inner);
    }
    case "completed":
      return absorbCompleted(design, state, { inner, sum });
    default:
      return unreachable(state);
  }
}

/** Visits whose models have no columns take no sum: their draws follow from the counts. */
function nextVisit(design: MultipleDesign, state: Omit<MissingPhase<"draw">, "newton">, inner: AnyPart): Step {
  const { counts, plan, scales, history } = state;
  if (history.length >= visitCount(design, plan)) {
    const runs = Array.from({ length: design.imputations }, (): CompletedRun => ({ kind: "running", inner: inner.begin(counts.sites) }));
    return { kind: "continue", state: { phase: "completed", counts, plan, scales, history, runs } };
  }
  const begun = beginVisit(design, state);
  if (visitFits(design, begun).length > 0) return { kind: "continue", state: begun };
  const visited = absorbVisit(design, begun, NOTHING);
  return visited.kind === "drawn" ? nextVisit(design, { ...state, history: visited.history }, inner) : visited;
}

const NOTHING: Sum = {
  siteCount: 0,
  vectors: new Map(
    ["imputationLikelihood", "imputationGradient", "imputationInformation", "imputationExtremes"].map((name) => [name, new Float64Array()]),
  ),
};

function absorbCompleted(design: MultipleDesign, state: MissingPhase<"completed">, { inner, sum }: Absorbing): Step {
  const advanced = absorbRuns(inner, state.runs, sum);
  if (advanced.kind === "refused") return advanced;
  const { runs } = advanced;
  const done = runs.flatMap((run): readonly Analysis[] => (run.kind === "done" ? [run.analysis] : []));
  if (done.length < runs.length) return { kind: "continue", state: { ...state, runs } };
  const { analysis, terms } = pooledAnalysis(done);
  return { kind: "done", result: { analysis: withReport(analysis, { ...multipleReport(design, state), terms }) } };
}

export function multipleReport(
  design: MultipleDesign,
  { counts, plan, scales }: Pick<MissingPhase<"completed">, "counts" | "plan" | "scales">,
): MissingValuesReport {
  const fill = fillOnce(design, counts, { plan, scales });
  const variables = missingVariables(design, counts, (j) =>
    plan.targets.includes(j) ? { model: modelName(design, plan, j) } : filledWith(design, j, fill),
  );
  const { imputations, iterations, seed } = design;
  return { method: "multiple-imputation", variables, imputations, iterations, seed };
}

function modelName(design: MultipleDesign, plan: ImputationPlan, feature: number): "linear" | "logistic" | "nested-dichotomies" {
  const kinds = modelsOf(design, plan.targets).filter((model) => model.feature === feature);
  if (kinds[0]?.kind === "linear") return "linear";
  return design.features[feature]?.type === "boolean" ? "logistic" : "nested-dichotomies";
}
