/**
 * Meta-analysis over hospitals, the half that sees rows. It fits the study's model on this hospital's rows, once, and answers every round
 * from that fit's coefficients and standard errors. A hospital whose rows carry no such fit counts itself under its reason and adds zeros.
 */

import { unreachable } from "@dure/kernel";
import type { Contribution } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import { type SiteEstimate, WEIGHTED_SUMS, weightedSums } from "@dure/statistics";
import type { StudyDocument } from "@dure/study";
import type { SitePart } from "../../analysis.ts";
import { supportLength } from "../../coordinator/column-support.ts";
import { LEFT_OUT_REASONS, type MetaAnalysisDesign, metaAnalysisDesign } from "../../coordinator/meta-analysis/design.ts";
import { runningSearches } from "../../coordinator/meta-analysis/pooling.ts";
import type { MetaAnalysisState } from "../../coordinator/meta-analysis/state.ts";
import { entry } from "../../coordinator/sum-reading.ts";
import type { SiteEvaluation } from "../../result.ts";
import type { FiguresRequest, SiteFigures } from "../figures.ts";
import { columnOf } from "../gathered-columns.ts";
import { countExcluded } from "../row-counts.ts";
import { fitOwn, type OwnFit, trainingRows } from "./own-fit.ts";
import { countSupport } from "./support.ts";

/** Fails: DureError of rows that the hospital's own model cannot take: it takes no part. */
export function metaAnalysisSite(study: StudyDocument): SitePart<MetaAnalysisState, AnalysisTable> {
  const design = metaAnalysisDesign(study);
  const fits = new WeakMap<AnalysisTable, Promise<OwnFit>>();
  const fitOf = (table: AnalysisTable): Promise<OwnFit> => {
    const fit = fits.get(table) ?? fitOwn(design, study, table);
    fits.set(table, fit);
    return fit;
  };
  return {
    contribute: async (state, table) => {
      const fit = await fitOf(table);
      if (state.phase === "counts") return { vectors: countRows(design, study, { table, fit }), influence: [] };
      return contribute(design, state, fit.kind === "fitted" ? fit.estimates : undefined);
    },
  };
}

/** Rows and events of this hospital; nothing of one that has no row. */
export async function metaAnalysisFigures(study: StudyDocument, { site, role, table }: FiguresRequest): Promise<SiteFigures | undefined> {
  const [n = 0, events = 0] = countCases(metaAnalysisDesign(study), table, trainingRows(study, table));
  const evaluation: SiteEvaluation = { site, role, n, events, auc: {} };
  return n === 0 ? undefined : { evaluation, localOnExternal: [] };
}

interface Fitted {
  readonly table: AnalysisTable;
  readonly fit: OwnFit;
}

/** Of a hospital without a fit nothing is counted but its reason: its rows are in no coefficient. */
function countRows(design: MetaAnalysisDesign, study: StudyDocument, { table, fit }: Fitted): ReadonlyMap<string, Float64Array> {
  const isFitted = fit.kind === "fitted";
  const rows = trainingRows(study, table);
  return new Map([
    ["ownFits", Float64Array.of(isFitted ? 1 : 0)],
    ["ownFitsLeftOut", Float64Array.from(LEFT_OUT_REASONS, (reason) => (!isFitted && fit.reason === reason ? 1 : 0))],
    ["cases", Float64Array.from(isFitted ? countCases(design, table, rows) : [0, 0])],
    ["excluded", isFitted ? countExcluded(design, table) : new Float64Array(design.reasons.length)],
    ["support", isFitted ? Float64Array.from(countSupport(design, table, rows)) : new Float64Array(supportLength(design))],
  ]);
}

/** Rows, and those with the event. */
function countCases({ event }: MetaAnalysisDesign, table: AnalysisTable, rows: Uint32Array): readonly [number, number] {
  if (event === undefined) return [rows.length, 0];
  const events = columnOf(table, event);
  return [rows.length, rows.reduce((total, row) => total + (events[row] === 1 ? 1 : 0), 0)];
}

type PoolingState = Exclude<MetaAnalysisState, { phase: "counts" }>;

function contribute(design: MetaAnalysisDesign, state: PoolingState, estimates: readonly SiteEstimate[] | undefined): Contribution {
  const vectors = estimates === undefined ? zeros(design, state) : poolingVectors(state, estimates);
  return { vectors, influence: [] };
}

function poolingVectors(state: PoolingState, estimates: readonly SiteEstimate[]): ReadonlyMap<string, Float64Array> {
  if (state.phase === "scales") {
    return new Map([["errorExponents", Float64Array.from(estimates, ({ standardError }) => Math.round(Math.log2(standardError)))]]);
  }
  const scaled = estimates.map(({ estimate, standardError }, j): SiteEstimate => {
    const scale = entry(state.scales, j);
    return { estimate: estimate / scale, standardError: standardError / scale };
  });
  const sumsOf = (term: number, tauSquared: number, centre: number): readonly number[] => {
    const own = scaled[term];
    if (own === undefined) throw new RangeError(`the fit has no term ${term}`);
    return weightedSums(own, { tauSquared, centre });
  };
  switch (state.phase) {
    case "means": {
      const sums = scaled.map((_, j) => sumsOf(j, 0, 0));
      return new Map([
        ["precisions", Float64Array.from(sums, ([weight]) => weight ?? Number.NaN)],
        ["weightedEstimates", Float64Array.from(sums, ([, total]) => total ?? Number.NaN)],
      ]);
    }
    case "spread":
      return new Map([["heterogeneity", Float64Array.from(scaled.flatMap((_, j) => sumsOf(j, 0, entry(state.centres, j))))]]);
    case "between": {
      const sums = runningSearches(state).flatMap(({ term, search }) => sumsOf(term, search.trial, entry(state.centres, term)));
      return new Map([["betweenHospitals", Float64Array.from(sums)]]);
    }
    default:
      return unreachable(state);
  }
}

/** A hospital without a fit has the weight 0. */
function zeros({ terms }: MetaAnalysisDesign, state: PoolingState): ReadonlyMap<string, Float64Array> {
  const zero = (count: number): Float64Array => new Float64Array(count);
  switch (state.phase) {
    case "scales":
      return new Map([["errorExponents", zero(terms.length)]]);
    case "means":
      return new Map([
        ["precisions", zero(terms.length)],
        ["weightedEstimates", zero(terms.length)],
      ]);
    case "spread":
      return new Map([["heterogeneity", zero(WEIGHTED_SUMS * terms.length)]]);
    case "between":
      return new Map([["betweenHospitals", zero(WEIGHTED_SUMS * runningSearches(state).length)]]);
    default:
      return unreachable(state);
  }
}
