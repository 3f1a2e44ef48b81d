/**
 * The first round: plain counts, before anything that carries a covariate is opened.
 *
 * A column whose entries will carry covariates needs a total support of k rows (design.md section 7 c). A boolean level needs them in
 * each class, because the gradient at a level of three rows with one outcome is three patients' outcomes. For a number it is the
 * rows off its most frequent value. That value is not known over sites without opening a histogram, so each site counts the rows off its
 * *own* most frequent one: the rows at the most frequent value overall are at most the sum of the sites' largest counts, so the
 * support asked for is a lower bound of the true one and the rule is never weaker than written.
 *
 * Fits that leave a fold out start from the same coefficients as the full fit, so at the start their difference *is* that fold's
 * aggregate. A fold therefore needs the same support. All five are fitted or none: four and the full fit would tell the fifth.
 */

import type { Sum, SumLayout } from "@dure/privacy";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { LogisticRegressionResult } from "../../result.ts";
import { supportLength, unsupported } from "../column-support.ts";
import { countVector } from "../count-vectors.ts";
import { foldCount } from "../folds.ts";
import { levelAtOneSite, levelSitesLayout } from "../level-sites.ts";
import { entry, readVector } from "../sum-reading.ts";
import type { LogisticDesign } from "./design.ts";
import type { Counts, LogisticState } from "./state.ts";

export function countsLayout(design: LogisticDesign): SumLayout {
  const support = supportLength(design);
  const cells = subgroupLength(design);
  const whole = [
    countVector("classes", 2),
    countVector("excluded", design.reasons.length),
    countVector("support", support),
    ...(cells === 0 ? [] : [countVector("subgroups", cells)]),
    ...levelSitesLayout(design),
  ];
  return {
    vectors: design.hasFolds
      ? [...whole, countVector("foldClasses", 2 * foldCount), countVector("foldSupport", foldCount * support)]
      : whole,
  };
}

/** A cell of each class for every level of every subgroup variable. */
const subgroupLength = ({ subgroups }: LogisticDesign): number => subgroups.reduce((total, { levels }) => total + 2 * levels.length, 0);

export function absorbCounts(design: LogisticDesign, sum: Sum): Absorbed<LogisticState, LogisticRegressionResult> {
  const classes = readVector(sum, "classes", 2);
  const [zeros, ones] = [entry(classes, 0), entry(classes, 1)];
  const n = zeros + ones;
  const support = readVector(sum, "support", supportLength(design));
  const refusal = findRefusal(design, { zeros, ones, support }) ?? levelAtOneSite(design, sum);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const excluded = readVector(sum, "excluded", design.reasons.length);
  const subgroups = design.subgroups.length === 0 ? [] : readVector(sum, "subgroups", subgroupLength(design));
  const counts: Counts = { n, classes: [zeros, ones], excluded, subgroups, folds: design.hasFolds ? supportedFolds(design, sum, n) : [] };
  return { kind: "continue", state: { phase: "moments", counts } };
}

interface Totals {
  readonly zeros: number;
  readonly ones: number;
  readonly support: readonly number[];
}

function findRefusal(design: LogisticDesign, totals: Totals): AnalysisRefusal | undefined {
  const { zeros, ones, support } = totals;
  const { minimumCell } = design;
  const n = zeros + ones;
  if (n === 0) return { code: "too-few-rows", columns: [] };
  if (zeros === 0 || ones === 0) return { code: "one-class", columns: [design.outcome] };
  if (minimumCell === 0) return undefined;
  if (zeros < minimumCell || ones < minimumCell || isOverfull(design, n)) return { code: "too-few-rows", columns: [] };
  const columns = unsupported(design, support);
  return columns.length > 0 ? { code: "unsupported-column", columns } : undefined;
}

/** More coefficients than a third of the rows: the sums would tell rows (design.md section 7 d). */
const isOverfull = (design: LogisticDesign, n: number): boolean => 3 * design.terms.length > n;

function supportedFolds(design: LogisticDesign, sum: Sum, n: number): Counts["folds"] {
  const length = supportLength(design);
  const classes = readVector(sum, "foldClasses", 2 * foldCount);
  const support = readVector(sum, "foldSupport", foldCount * length);
  const folds = Array.from({ length: foldCount }, (_, fold) => [entry(classes, 2 * fold), entry(classes, 2 * fold + 1)] as const);
  const total: readonly [number, number] = [folds.reduce((sum, [zeros]) => sum + zeros, 0), folds.reduce((sum, [, ones]) => sum + ones, 0)];
  const isSupported = folds.every(([zeros, ones], fold) => {
    const rest = total[0] - zeros > 0 && total[1] - ones > 0;
    if (design.minimumCell === 0) return rest;
    const isFilled = zeros >= design.minimumCell && ones >= design.minimumCell && !isOverfull(design, n - zeros - ones);
    return rest && isFilled && unsupported(design, support.slice(fold * length, (fold + 1) * length)).length === 0;
  });
  return isSupported ? folds : [];
}
