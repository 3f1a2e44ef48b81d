/** result.json from its parts: the analysis, every site's released figures, and what the run took. */

import type { JsonValue } from "@dure/kernel";
import type { FrozenStudy, StudyDocument } from "@dure/study";
import type { AnalysisRefusal } from "../analysis.ts";
import type { Analysis, AnalysisResult, LocalOnExternal, RunSummary, SiteEvaluation, StudyResult } from "../result.ts";
import { pooledBeside, shownBeside } from "./given-away.ts";
import { refusedAnalysis } from "./registry.ts";

export type AnalysisEnd =
  | { readonly kind: "done"; readonly result: AnalysisResult }
  /** The state in which the last sum was refused tells what was already known. */
  | { readonly kind: "refused"; readonly state: JsonValue; readonly refusal: AnalysisRefusal };

export interface ResultParts {
  readonly study: FrozenStudy;
  readonly end: AnalysisEnd;
  /** Of each site that released them, in any order. */
  readonly figures: readonly { readonly evaluation: SiteEvaluation; readonly localOnExternal: readonly LocalOnExternal[] }[];
  readonly run: RunSummary;
}

/** Sites come sorted, training before external and then by name: the order of arrival must not show in `evaluation`. */
export function composeResult(parts: ResultParts): StudyResult {
  const { study, end, figures, run } = parts;
  const { minimumCell } = study.document.privacy;
  const analysis = analysisOf(parts);
  const evaluations = figures.map((figure) => withoutBaseline(figure.evaluation)).sort((a, b) => order(siteKey(a), siteKey(b)));
  const sites = areOfSummedRows(study.document) ? shownBeside(analysis, evaluations, minimumCell) : evaluations;
  const localOnExternal = figures.flatMap((figure) => figure.localOnExternal).sort((a, b) => order([a.model, a.site], [b.model, b.site]));
  const pooled = end.kind === "done" ? (end.result.pooled ?? null) : null;
  return {
    study: { id: study.document.id, hash: study.hash, title: study.document.title, minimumCell },
    analysis,
    evaluation: { sites, localOnExternal, ...(pooled === null ? {} : { pooled: pooledBeside(pooled, sites, minimumCell) }) },
    run,
  };
}

/** Models are judged on the rows that a study holds out; everything else is told of the others. */
const areOfSummedRows = ({ analysis: { kind }, data }: StudyDocument): boolean =>
  data.split === undefined || !["logistic-regression", "generalised-linear-model", "cox"].includes(kind);

function analysisOf({ study, end, figures }: ResultParts): Analysis {
  const analysis = end.kind === "done" ? end.result.analysis : refusedAnalysis(study.document, end.state, end.refusal);
  if (analysis.kind !== "cox") return analysis;
  const released = figures.flatMap(({ evaluation: { site, baselineHazard: at } }) => (at === undefined ? [] : [{ site, at }]));
  const baselineHazard = released.sort((a, b) => order([a.site], [b.site]));
  return baselineHazard.length === 0 ? analysis : { ...analysis, baselineHazard };
}

function withoutBaseline({ baselineHazard: _, ...evaluation }: SiteEvaluation): SiteEvaluation {
  return evaluation;
}

const siteKey = (site: SiteEvaluation): readonly string[] => [site.role === "training" ? "0" : "1", site.site];

function order(a: readonly string[], b: readonly string[]): number {
  for (const [i, key] of a.entries()) {
    const other = b[i] ?? "";
    if (key !== other) return key < other ? -1 : 1;
  }
  return 0;
}
