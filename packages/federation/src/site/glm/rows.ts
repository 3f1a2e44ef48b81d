/** One site's rows as the fits of a generalised linear model read them: training rows only, grouped by fifth, column-major. */

import { assert } from "@dure/kernel";
import { type AnalysisTable, foldOf } from "@dure/records";
import type { GlmRows } from "@dure/statistics";
import { foldCount } from "../../coordinator/folds.ts";
import { type GlmDesign, isCounted } from "../../coordinator/glm/design.ts";
import type { OutcomeScale } from "../../coordinator/glm/state.ts";
import type { Standardisation } from "../../coordinator/standardisation.ts";
import { standardiseRows } from "../feature-rows.ts";
import { columnOf, gatherDesign, gatherInto } from "../gathered-columns.ts";
import { cannotContribute, type Words } from "../unusable-rows.ts";
import { NOT_A_COUNT, NOT_POSITIVE, WEIGHT_NOT_POSITIVE } from "./unusable-outcomes.ts";

export interface GlmTrainingRows {
  /** As they are in the table: neither standardised nor scaled. */
  readonly rows: GlmRows;
  /** Fifth f is rows foldStarts[f] to foldStarts[f + 1]; without fifths there is one. */
  readonly foldStarts: readonly number[];
}

/**
 * Rows of a frozen table that the study does not hold out, or the named ones. O(n p).
 *
 * Fails: a DureError where an outcome is no count, not above 0, or a weight is not above 0: the hospital takes no part.
 */
export function glmTrainingRows(design: GlmDesign, table: AnalysisTable): GlmTrainingRows {
  const groups: number[][] = Array.from({ length: design.hasFolds ? foldCount : 1 }, () => []);
  for (let row = 0; row < table.rowCount; row++) {
    if (table.heldOut[row] === 1) continue;
    const group = groups[design.hasFolds ? foldOf(design.studyId, table.rowKeys[row] ?? "", foldCount) : 0];
    assert(group !== undefined, `a fifth from 0 to ${foldCount - 1}`);
    group.push(row);
  }
  const foldStarts = [0];
  for (const group of groups) foldStarts.push((foldStarts.at(-1) ?? 0) + group.length);
  return { rows: gatherGlmRows(design, table, Uint32Array.from(groups.flat())), foldStarts };
}

/** The named rows of a table, in that order. */
export function gatherGlmRows(design: GlmDesign, table: AnalysisTable, tableRows: Uint32Array): GlmRows {
  const gather = (name: string): Float64Array => {
    const out = new Float64Array(tableRows.length);
    gatherInto(columnOf(table, name), tableRows, out);
    return out;
  };
  const rows: GlmRows = {
    rowCount: tableRows.length,
    features: gatherDesign(design, table, tableRows),
    featureCount: design.features.length,
    stride: tableRows.length,
    outcome: gather(design.outcome),
    ...(design.weight === undefined ? {} : { weights: gather(design.weight) }),
    ...(design.offset === undefined ? {} : { offset: gather(design.offset) }),
  };
  checkRows(design, rows);
  return rows;
}

function checkRows(design: GlmDesign, { outcome, weights }: GlmRows): void {
  const refuse = (code: string, words: Words, column: string | undefined): never => {
    throw cannotContribute(code, words, column);
  };
  if (isCounted(design) && !outcome.every((y) => Number.isInteger(y) && y >= 0)) refuse("outcome-not-a-count", NOT_A_COUNT, design.outcome);
  if (design.model.family === "gamma" && !outcome.every((y) => y > 0)) refuse("outcome-not-positive", NOT_POSITIVE, design.outcome);
  if (weights?.every((weight) => weight > 0) === false) refuse("weight-not-positive", WEIGHT_NOT_POSITIVE, design.weight);
}

/** A linear or Gamma outcome with its offset taken off; the other families keep both. */
export function withoutOffset({ model }: GlmDesign, rows: GlmRows): GlmRows {
  const { offset, ...rest } = rows;
  if (offset === undefined || (model.family !== "linear" && model.family !== "gamma")) return rows;
  const outcome = rows.outcome.map((y, i) => (model.family === "linear" ? y - (offset[i] ?? 0) : y * Math.exp(-(offset[i] ?? 0))));
  return { ...rest, outcome };
}

/** Rows on the units of the fits: uncorrelated columns, a scaled outcome, an offset around its mean. O(n p²). */
export function fitRows(
  design: GlmDesign,
  rows: GlmRows,
  { standardisation, scale }: { readonly standardisation: Standardisation; readonly scale: OutcomeScale },
): GlmRows {
  const own = withoutOffset(design, rows);
  const features = standardiseRows(own, standardisation, new Float64Array(own.featureCount * own.stride)).features;
  return {
    ...own,
    features,
    outcome: own.outcome.map((y) => (y - scale.centre) / scale.scale),
    ...(own.offset === undefined ? {} : { offset: own.offset.map((value) => value - scale.offset) }),
  };
}
