/**
 * Any analysis of completed rows, the half that sees rows: it counts what is missing, and hands the analysis's own half completed rows.
 */

import { assert, type JsonValue } from "@dure/kernel";
import { CompensatedSum } from "@dure/numerics";
import type { Contribution } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../../analysis.ts";
import { completedStudy, type MissingDesign, missingDesign } from "../../coordinator/missing-values/design.ts";
import { type Completion, completion, isMultiple, parseCompletion } from "../../coordinator/missing-values/reports.ts";
import { incompleteNumbers } from "../../coordinator/missing-values/single.ts";
import type { MissingPhase, MissingState } from "../../coordinator/missing-values/state.ts";
import type { SiteEvaluation } from "../../result.ts";
import type { FiguresRequest, LocalModels, SiteFigures, SiteFiguresOf } from "../figures.ts";
import { columnOf } from "../gathered-columns.ts";
import { completedTable, judgedTable } from "./completed-table.ts";
import { analysedRows, caseTest, countMissing } from "./counts.ts";
import { multipleSite } from "./multiple.ts";

type AnyPart = SitePart<JsonValue, AnalysisTable>;

/** Fails: as the analysis itself. */
export function imputingSite(study: StudyDocument, inner: (study: StudyDocument) => AnyPart): SitePart<MissingState, AnalysisTable> {
  const design = missingDesign(study);
  const memory = rememberCompleted(study, inner);
  const multiple = study.data.missing?.method === "multiple-imputation" ? multipleSite(study, inner) : undefined;
  return {
    contribute: (state, table) => {
      switch (state.phase) {
        case "missing":
          return { vectors: countMissing(design, table, analysedRows(study, table)), influence: [] };
        case "fill":
          return sumPresent(design, state, { table, rows: analysedRows(study, table) });
        case "analysis": {
          const completed = memory(table, completion(state.counts, state.fill));
          return completed.part.contribute(state.inner, completed.table);
        }
        default:
          assert(multiple !== undefined, "only multiple imputation has such a state");
          return multiple.contribute(state, table);
      }
    },
  };
}

/** The analysis's own figures, on rows completed as those that the model is of. */
export function imputingFigures(figures: SiteFiguresOf): SiteFiguresOf {
  return (study, request) => {
    if (isMultiple(request.result)) return countedFigures(study, request);
    const own = parseCompletion(request.result);
    return figures(completedStudy(study, own.indicators), { ...request, table: judgedTable(missingDesign(study), request.table, own) });
  };
}

/** A model of several completed data sets is not judged on rows that were filled in with the outcome's help: counts are all. */
async function countedFigures(study: StudyDocument, { site, role, table }: FiguresRequest): Promise<SiteFigures | undefined> {
  const rows = role === "training" ? analysedRows(study, table) : Uint32Array.from({ length: table.rowCount }, (_, row) => row);
  const isCase = caseTest(missingDesign(study), table);
  const evaluation: SiteEvaluation = { site, role, n: rows.length, events: rows.filter(isCase).length, auc: {} };
  return rows.length === 0 ? undefined : { evaluation, localOnExternal: [] };
}

/** As the figures. Both need the frozen result. */
export function imputingLocalModels(models: LocalModels): LocalModels {
  return {
    fit: async (study, table, result) => {
      if (isMultiple(result)) return undefined;
      const own = parseCompletion(result);
      return models.fit(completedStudy(study, own.indicators), judgedTable(missingDesign(study), table, own), result);
    },
    parse: (study, value, result) => models.parse(completedStudy(study, parseCompletion(result).indicators), value, result),
  };
}

function sumPresent(
  design: MissingDesign,
  { counts }: MissingPhase<"fill">,
  { table, rows }: { readonly table: AnalysisTable; readonly rows: Uint32Array },
): Contribution {
  const sums = incompleteNumbers(design, counts).map((j) => {
    const column = columnOf(table, design.features[j]?.name ?? "");
    const total = new CompensatedSum();
    for (const row of rows) {
      const value = column[row] ?? Number.NaN;
      if (!Number.isNaN(value)) total.add(value);
    }
    return total.value;
  });
  return { vectors: new Map([["presentSums", Float64Array.from(sums)]]), influence: [] };
}

interface Completed {
  readonly part: AnyPart;
  readonly table: AnalysisTable;
}

/** The analysis's half remembers its table's rows from round to round: it is given the same part and table in each. */
function rememberCompleted(
  study: StudyDocument,
  inner: (study: StudyDocument) => AnyPart,
): (table: AnalysisTable, of: Completion) => Completed {
  const known = new WeakMap<AnalysisTable, Completed & { readonly key: string }>();
  const design = missingDesign(study);
  return (table, of) => {
    const key = JSON.stringify(of);
    const before = known.get(table);
    if (before?.key === key) return before;
    const made = { key, part: inner(completedStudy(study, of.indicators)), table: completedTable(design, table, of) };
    known.set(table, made);
    return made;
  };
}
