/**
 * Any analysis of completed rows, the public half: rounds that find out what is missing and what is put in its place, then the analysis's own
 * rounds on the completed rows, unchanged.
 */

import { assert, type JsonValue, unreachable } from "@dure/kernel";
import type { Sum, SumLayout } from "@dure/privacy";
import type { StudyDocument } from "@dure/study";
import type { Absorbed, AnalysisRefusal, CoordinatorPart } from "../../analysis.ts";
import type { Analysis, AnalysisResult } from "../../result.ts";
import { targetsOf } from "./candidates.ts";
import { missingLayout, readMissing } from "./counts.ts";
import { completedStudy, type MissingDesign, missingDesign } from "./design.ts";
import { absorbMultiple, beginMultiple, multipleLayout, multipleReport, studyOfCompleted } from "./multiple.ts";
import { multipleDesign } from "./predictors.ts";
import { completion, singleReport, withReport } from "./reports.ts";
import { fillLayout, fillOf, incompleteNumbers } from "./single.ts";
import type { Fill, MissingCounts, MissingPhase, MissingState } from "./state.ts";

type AnyPart = CoordinatorPart<JsonValue, JsonValue>;

/** How an analysis is made and refused, whatever its kind; the registry gives it. */
export interface InnerAnalyses {
  readonly part: (study: StudyDocument) => AnyPart;
  readonly refused: (study: StudyDocument, state: JsonValue, refusal: AnalysisRefusal) => Analysis;
}

/** Fails: DureError `federation/analysis-not-available`, as the analysis itself. */
export function imputingCoordinator(study: StudyDocument, inner: InnerAnalyses): CoordinatorPart<MissingState, JsonValue> {
  const context: Context = { study, design: missingDesign(study), inner };
  return {
    exact: inner.part(completedStudy(study, [])).exact,
    begin: (sites) => ({ phase: "missing", sites }),
    layout: (state) => layoutOf(context, state),
    absorb: (state, sum) => absorb(context, state, sum),
  };
}

/** What the analysis says of itself where it was refused, and what is missing if that was known. */
export function refusedImputing(
  study: StudyDocument,
  state: MissingState,
  { refusal, inner }: { readonly refusal: AnalysisRefusal; readonly inner: InnerAnalyses },
): Analysis {
  if (state.phase === "analysis") {
    const { counts, fill } = state;
    const refused = inner.refused(completedStudy(study, counts.indicators), state.inner, refusal);
    return withReport(refused, singleReport(missingDesign(study), counts, fill));
  }
  const own = studyOfCompleted(study);
  if (state.phase === "completed") {
    const running = state.runs.find((run) => run.kind === "running");
    const last = running?.inner ?? inner.part(own).begin(state.counts.sites);
    return withReport(inner.refused(own, last, refusal), multipleReport(multipleDesign(study), state));
  }
  const sites = state.phase === "missing" ? state.sites : state.counts.sites;
  return inner.refused(own, inner.part(own).begin(sites), refusal);
}

interface Context {
  readonly study: StudyDocument;
  readonly design: MissingDesign;
  readonly inner: InnerAnalyses;
}

type Step = Absorbed<MissingState, JsonValue>;

function layoutOf(context: Context, state: MissingState): SumLayout {
  switch (state.phase) {
    case "missing":
      return missingLayout(context.design);
    case "fill":
      return fillLayout(context.design, state.counts);
    case "analysis":
      return innerPart(context, state.counts).layout(state.inner);
    default:
      return multipleLayout(multipleDesign(context.study), state, completedPart(context));
  }
}

function absorb(context: Context, state: MissingState, sum: Sum): Step {
  switch (state.phase) {
    case "missing": {
      const read = readMissing(context.design, state.sites, sum);
      if (read.kind === "refused") return read;
      const { counts } = read;
      if (isMultiple(context, counts)) return { kind: "continue", state: beginMultiple(multipleDesign(context.study), counts) };
      if (incompleteNumbers(context.design, counts).length > 0) return { kind: "continue", state: { phase: "fill", counts } };
      return beginAnalysis(context, counts, fillOf(context.design, counts, undefined));
    }
    case "fill":
      return beginAnalysis(context, state.counts, fillOf(context.design, state.counts, sum));
    case "analysis":
      return absorbInner(context, state, sum);
    default:
      return absorbMultiple(multipleDesign(context.study), state, { inner: completedPart(context), sum });
  }
}

/** Where nothing is drawn there is one data set, and one analysis of it. */
const isMultiple = ({ study }: Context, counts: MissingCounts): boolean =>
  study.data.missing?.method === "multiple-imputation" && targetsOf(multipleDesign(study), counts).length > 0;

const completedPart = ({ study, inner }: Context): AnyPart => inner.part(studyOfCompleted(study));

const innerPart = ({ study, inner }: Context, { indicators }: MissingCounts): AnyPart => inner.part(completedStudy(study, indicators));

function beginAnalysis(context: Context, counts: MissingCounts, fill: Fill): Step {
  const inner = innerPart(context, counts).begin(counts.sites);
  return { kind: "continue", state: { phase: "analysis", counts, fill, inner } };
}

function absorbInner(context: Context, state: MissingPhase<"analysis">, sum: Sum): Step {
  const { counts, fill } = state;
  const absorbed = innerPart(context, counts).absorb(state.inner, sum);
  switch (absorbed.kind) {
    case "continue":
      return { kind: "continue", state: { ...state, inner: absorbed.state } };
    case "refused":
      return absorbed;
    case "done": {
      const { result } = absorbed;
      assert(typeof result === "object" && result !== null && !Array.isArray(result), "every analysis ends with an object");
      const { analysis } = result as unknown as AnalysisResult; // made by the study's own part
      const told = withReport(analysis, singleReport(context.design, counts, fill));
      return { kind: "done", result: { ...result, analysis: told, completion: completion(counts, fill) } };
    }
    default:
      return unreachable(absorbed);
  }
}
