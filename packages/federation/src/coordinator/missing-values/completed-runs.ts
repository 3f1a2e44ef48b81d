/**
 * The study's analysis on every completed data set, side by side in the same rounds, and Rubin's rules at the end.
 *
 * Vectors carry their imputation in front of their name. Data sets that have converged ask for nothing more.
 */

import type { JsonValue } from "@dure/kernel";
import type { Sum, SumLayout } from "@dure/privacy";
import type { AnalysisRefusal, CoordinatorPart } from "../../analysis.ts";
import type { AnalysisResult } from "../../result.ts";
import type { CompletedRun } from "./multiple-state.ts";

type AnyPart = CoordinatorPart<JsonValue, JsonValue>;

export const imputationPrefix = (imputation: number): string => `imputation ${imputation + 1}/`;

export const runsLayout = (part: AnyPart, runs: readonly CompletedRun[]): SumLayout => ({
  vectors: runs.flatMap((run, i) =>
    run.kind === "done" ? [] : part.layout(run.inner).vectors.map((vector) => ({ ...vector, name: imputationPrefix(i) + vector.name })),
  ),
});

export type AdvancedRuns =
  | { readonly kind: "continue"; readonly runs: readonly CompletedRun[] }
  | { readonly kind: "refused"; readonly refusal: AnalysisRefusal };

export function absorbRuns(part: AnyPart, runs: readonly CompletedRun[], sum: Sum): AdvancedRuns {
  const next: CompletedRun[] = [];
  for (const [i, run] of runs.entries()) {
    if (run.kind === "done") {
      next.push(run);
      continue;
    }
    const absorbed = part.absorb(run.inner, partOf(sum, imputationPrefix(i)));
    if (absorbed.kind === "refused") return absorbed;
    if (absorbed.kind === "continue") next.push({ kind: "running", inner: absorbed.state });
    else next.push({ kind: "done", analysis: (absorbed.result as unknown as AnalysisResult).analysis }); // made by the study's own part
  }
  return { kind: "continue", runs: next };
}

function partOf({ siteCount, vectors }: Sum, prefix: string): Sum {
  const own = [...vectors].flatMap(([name, values]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), values] as const] : []));
  return { siteCount, vectors: new Map(own) };
}
