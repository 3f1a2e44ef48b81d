/** One hospital's rows as imputation models read them: what is there, before any scale and any draw. */

import { CompensatedSum } from "@dure/numerics";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import type { ImputationModel, MultipleDesign, PredictorColumn } from "../../coordinator/missing-values/predictors.ts";
import { columnOf } from "../gathered-columns.ts";
import { analysedRows, caseTest } from "./counts.ts";

export interface PredictorRows {
  /** Row of the table by row here. */
  readonly tableRows: Uint32Array;
  /** By feature; NaN where it is missing. */
  readonly features: readonly Float64Array[];
  /** By column of the design: the value that it stands for, NaN where its feature is missing. */
  readonly columns: readonly Float64Array[];
}

export function predictorRows(design: MultipleDesign, study: StudyDocument, table: AnalysisTable): PredictorRows {
  const tableRows = analysedRows(study, table);
  const gather = (name: string): Float64Array => {
    const column = columnOf(table, name);
    return Float64Array.from(tableRows, (row) => column[row] ?? Number.NaN);
  };
  const isCase = caseTest(design, table);
  const cases = Float64Array.from(tableRows, (row) => (isCase(row) ? 1 : 0));
  const features = design.features.map(({ name }) => gather(name));
  const columns = design.columns.map((column) => valuesOf(column, { features, cases, gather, study }));
  return { tableRows, features, columns };
}

interface Sources {
  readonly features: readonly Float64Array[];
  readonly cases: Float64Array;
  readonly gather: (name: string) => Float64Array;
  readonly study: StudyDocument;
}

function valuesOf({ kind, feature, level, variable }: PredictorColumn, { features, cases, gather, study }: Sources): Float64Array {
  const values = feature === undefined ? undefined : features[feature];
  switch (kind) {
    case "case":
      return cases;
    case "hazard": {
      const entry = study.data.variables.find(({ role }) => role === "entry");
      return cumulativeHazard(gather(variable), cases, entry === undefined ? undefined : gather(entry.name));
    }
    case "number":
      return values ?? gather(variable);
    case "level":
      return (values ?? new Float64Array()).map((value) => (Number.isNaN(value) ? value : Number(value === level)));
  }
}

/**
 * Nelson and Aalen's estimate at each row's time, of these rows: Σ over event times up to it of events / rows at risk.
 *
 * Source: Nelson 1972, Technometrics 14:945; Aalen 1978. O(n log n).
 */
export function cumulativeHazard(times: Float64Array, events: Float64Array, entries: Float64Array | undefined): Float64Array {
  const order = Uint32Array.from(times, (_, row) => row).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  const begins = (entries ?? new Float64Array(times.length)).slice().sort();
  const out = new Float64Array(times.length);
  const hazard = new CompensatedSum();
  let [begun, ended] = [0, 0];
  for (let from = 0; from < order.length; ) {
    const time = times[order[from] ?? 0] ?? 0;
    let to = from;
    let eventCount = 0;
    while (to < order.length && times[order[to] ?? 0] === time) eventCount += events[order[to++] ?? 0] ?? 0;
    while (begun < begins.length && ((begins[begun] ?? 0) < time || entries === undefined)) begun++;
    if (eventCount > 0) hazard.add(eventCount / (begun - ended));
    for (let i = from; i < to; i++) out[order[i] ?? 0] = hazard.value;
    ended += to - from;
    from = to;
  }
  return out;
}

/** Rows that have every feature that the model asks for, and of a later level of a category none of the earlier ones. */
export function modelRows(
  { features, tableRows }: PredictorRows,
  { feature, from }: ImputationModel,
  requires: readonly number[],
): Uint32Array {
  const own = features[feature];
  return Uint32Array.from({ length: tableRows.length }, (_, row) => row).filter(
    (row) =>
      requires.every((required) => !Number.isNaN(features[required]?.[row])) &&
      (own?.[row] ?? Number.NaN) >= (from === 0 ? -Infinity : from),
  );
}
