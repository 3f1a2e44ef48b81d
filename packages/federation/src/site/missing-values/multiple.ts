/** Multiple imputation by chained equations of sums, the half that sees rows. */

import { type JsonValue, unreachable } from "@dure/kernel";
import { CompensatedSum } from "@dure/numerics";
import type { Contribution, Influence } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../../analysis.ts";
import { imputationPrefix } from "../../coordinator/missing-values/completed-runs.ts";
import { studyOfCompleted } from "../../coordinator/missing-values/multiple.ts";
import type { MultipleState } from "../../coordinator/missing-values/multiple-state.ts";
import { type MultipleDesign, multipleDesign } from "../../coordinator/missing-values/predictors.ts";
import { scaledColumns } from "../../coordinator/missing-values/scales.ts";
import { fillOnce } from "../../coordinator/missing-values/single.ts";
import type { Fill, MissingPhase } from "../../coordinator/missing-values/state.ts";
import { countCandidates } from "./candidates.ts";
import { ChainedRows } from "./chained-rows.ts";
import { type PredictorRows, predictorRows } from "./predictor-rows.ts";

type AnyPart = SitePart<JsonValue, AnalysisTable>;

/** Fails: as the analysis itself. */
export function multipleSite(study: StudyDocument, inner: (study: StudyDocument) => AnyPart): SitePart<MultipleState, AnalysisTable> {
  const design = multipleDesign(study);
  const memory = rememberRows(design, study, inner);
  return {
    contribute: (state, table) => {
      switch (state.phase) {
        case "candidates":
          return { vectors: countCandidates(design, state, memory.rows(table)), influence: [] };
        case "centre":
          return sumColumnsOf(design, memory.rows(table), { name: "presentSums", of: (value) => value });
        case "spread":
          return sumColumnsOf(design, memory.rows(table), {
            name: "presentDeviations",
            of: (value, column) => (value - (state.means[column] ?? Number.NaN)) ** 2,
          });
        case "draw":
          return memory.chained(table, state).contribute(state);
        case "completed":
          return contributeRuns(state, memory.completed(table, state));
        default:
          return unreachable(state);
      }
    },
  };
}

interface ColumnSum {
  readonly name: string;
  readonly of: (value: number, column: number) => number;
}

function sumColumnsOf(design: MultipleDesign, { columns }: PredictorRows, { name, of }: ColumnSum): Contribution {
  const sums = scaledColumns(design).map((column) => {
    const total = new CompensatedSum();
    for (const value of columns[column] ?? []) if (!Number.isNaN(value)) total.add(of(value, column));
    return total.value;
  });
  return { vectors: new Map([[name, Float64Array.from(sums)]]), influence: [] };
}

interface CompletedData {
  readonly part: AnyPart;
  readonly table: AnalysisTable;
}

async function contributeRuns(state: MissingPhase<"completed">, data: readonly CompletedData[]): Promise<Contribution> {
  const vectors = new Map<string, Float64Array>();
  const influence: Influence[] = [];
  for (const [i, run] of state.runs.entries()) {
    const own = data[i];
    if (run.kind === "done" || own === undefined) continue;
    const contributed = await own.part.contribute(run.inner, own.table);
    for (const [name, values] of contributed.vectors) vectors.set(imputationPrefix(i) + name, values);
    influence.push(...contributed.influence.map((of) => ({ ...of, what: imputationPrefix(i) + of.what })));
  }
  return { vectors, influence };
}

interface RowMemory {
  rows(table: AnalysisTable): PredictorRows;
  chained(table: AnalysisTable, state: MissingPhase<"draw"> | MissingPhase<"completed">): ChainedRows;
  completed(table: AnalysisTable, state: MissingPhase<"completed">): readonly CompletedData[];
}

/** The same answer whenever it is asked: made once for a table and a plan, and advanced with the history. */
function rememberRows(design: MultipleDesign, study: StudyDocument, inner: (study: StudyDocument) => AnyPart): RowMemory {
  const predictors = new WeakMap<AnalysisTable, PredictorRows>();
  const chains = new WeakMap<AnalysisTable, { readonly key: string; readonly rows: ChainedRows }>();
  const completions = new WeakMap<ChainedRows, readonly CompletedData[]>();
  const rows = (table: AnalysisTable): PredictorRows => {
    const known = predictors.get(table) ?? predictorRows(design, study, table);
    predictors.set(table, known);
    return known;
  };
  const chained: RowMemory["chained"] = (table, { counts, plan, scales, history }) => {
    const key = JSON.stringify([plan, scales]);
    const before = chains.get(table);
    if (before?.key === key && before.rows.advance(history)) return before.rows;
    const begun = new ChainedRows({ design, plan, scales, start: startOf(design, { counts, plan, scales }), rows: rows(table), table });
    begun.advance(history);
    chains.set(table, { key, rows: begun });
    return begun;
  };
  const completed: RowMemory["completed"] = (table, state) => {
    const chain = chained(table, state);
    // Each completed table has an analysis's half of its own, which remembers its rows.
    const data = completions.get(chain) ?? state.runs.map((_, i) => ({ part: inner(studyOfCompleted(study)), table: chain.completed(i) }));
    completions.set(chain, data);
    return data;
  };
  return { rows, chained, completed };
}

/** Before its first visit a feature has its mean or most frequent level. */
function startOf(design: MultipleDesign, { counts, plan, scales }: Pick<MissingPhase<"draw">, "counts" | "plan" | "scales">): Fill {
  return fillOnce(design, counts, { plan: { ...plan, targets: [] }, scales });
}
