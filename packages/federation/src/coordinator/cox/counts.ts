/**
 * The first round: plain counts, before anything that carries a covariate is opened.
 *
 * As for a classifier, but the cells of a boolean level are its rows and its rows with the event: a cohort in which everybody has the
 * event, so that nobody is censored, is a sound one. Where a person may have several rows, persons are counted: those with the level in
 * any of their rows, and those with it in the row of their event.
 */

import type { Sum, SumLayout } from "@dure/privacy";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { CoxResult } from "../../cox-result.ts";
import { supportLength, unsupported } from "../column-support.ts";
import { countVector } from "../count-vectors.ts";
import { foldCount } from "../folds.ts";
import { levelAtOneSite, levelSitesLayout } from "../level-sites.ts";
import { entry, readVector } from "../sum-reading.ts";
import type { CoxDesign } from "./design.ts";
import type { Cases, CoxState } from "./state.ts";

export function countsLayout(design: CoxDesign): SumLayout {
  const support = supportLength(design);
  const rows = design.person === undefined ? [] : [countVector("rows", 1)];
  const whole = [
    countVector("cases", 2),
    ...rows,
    countVector("excluded", design.reasons.length),
    countVector("support", support),
    ...levelSitesLayout(design),
    ...(asksForVariation(design) ? [countVector("hospitalsVarying", design.features.length, 1)] : []),
  ];
  return {
    vectors: design.hasFolds ? [...whole, countVector("foldCases", 2 * foldCount), countVector("foldSupport", foldCount * support)] : whole,
  };
}

export function absorbCounts(design: CoxDesign, sum: Sum): Absorbed<CoxState, CoxResult> {
  const sums = readVector(sum, "cases", 2);
  const cases: Cases = [entry(sums, 0), entry(sums, 1)];
  const refusal =
    findRefusal(design, cases, readVector(sum, "support", supportLength(design))) ??
    levelAtOneSite(design, sum) ??
    varyingAtOneSite(design, sum);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const rows = readRows(design, sum, cases);
  const excluded = readVector(sum, "excluded", design.reasons.length);
  const folds = design.hasFolds ? supportedFolds(design, sum, cases) : [];
  return { kind: "continue", state: { phase: "moments", counts: { cases, rows, excluded, folds } } };
}

/**
 * Within a stratum a column adds nothing where it does not vary: the entries of one that varies at a single hospital would be that hospital's.
 */
export const asksForVariation = ({ minimumCell }: CoxDesign): boolean => minimumCell > 0;

function varyingAtOneSite(design: CoxDesign, sum: Sum): AnalysisRefusal | undefined {
  if (!asksForVariation(design)) return undefined;
  const hospitals = readVector(sum, "hospitalsVarying", design.features.length);
  const columns = design.names.filter((_, j) => entry(hospitals, j) === 1);
  return columns.length === 0 ? undefined : { code: "varies-at-one-site", columns };
}

/** Rows of all hospitals. */
export const readRows = ({ person }: CoxDesign, sum: Sum, [persons]: Cases): number =>
  person === undefined ? persons : entry(readVector(sum, "rows", 1), 0);

export function findRefusal(design: CoxDesign, [n, events]: Cases, support: readonly number[]): AnalysisRefusal | undefined {
  if (n === 0) return { code: "too-few-rows", columns: [] };
  if (events === 0) return { code: "no-events", columns: [design.event] };
  if (design.minimumCell === 0) return undefined;
  if (n < design.minimumCell) return { code: "too-few-rows", columns: [] };
  if (events < design.minimumCell) return { code: "too-few-events", columns: [design.event] };
  if (isOverfull(design, n)) return { code: "too-many-columns", columns: [] };
  const columns = unsupported(design, support);
  return columns.length > 0 ? { code: "unsupported-column", columns } : undefined;
}

/** More coefficients than a third of the persons: the sums would tell rows (design.md section 7 d). */
const isOverfull = (design: CoxDesign, n: number): boolean => 3 * design.features.length > n;

/** All five folds or none, as for a classifier. */
function supportedFolds(design: CoxDesign, sum: Sum, [n, events]: Cases): readonly Cases[] {
  const length = supportLength(design);
  const cases = readVector(sum, "foldCases", 2 * foldCount);
  const support = readVector(sum, "foldSupport", foldCount * length);
  const folds = Array.from({ length: foldCount }, (_, fold): Cases => [entry(cases, 2 * fold), entry(cases, 2 * fold + 1)]);
  const isSupported = folds.every(([rows, withEvent], fold) => {
    if (events - withEvent === 0) return false;
    if (design.minimumCell === 0) return true;
    const isFilled = rows >= design.minimumCell && withEvent >= design.minimumCell && !isOverfull(design, n - rows);
    return isFilled && unsupported(design, support.slice(fold * length, (fold + 1) * length)).length === 0;
  });
  return isSupported ? folds : [];
}
