/**
 * The first round: plain counts, before anything that carries a covariate is opened; as for a logistic regression.
 *
 * A level needs the minimum cell of rows; of a logistic family in each class; of counts also of rows with at least one, whose number and
 * total its entry of the gradient tells. Where λ is chosen by leaving fifths of the rows out, every fifth needs the same, since all fits
 * start at one point and the difference of two is that fifth's aggregate.
 */

import { type ColumnSupport, type Sum, type SumLayout, supportProblems, type VectorLayout } from "@dure/privacy";
import type { DesignColumn } from "@dure/study";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { GlmResult } from "../../glm-result.ts";
import { supportedColumns } from "../column-support.ts";
import { countVector } from "../count-vectors.ts";
import { foldCount } from "../folds.ts";
import { levelAtOneSite, levelSitesLayout } from "../level-sites.ts";
import { entry, readVector } from "../sum-reading.ts";
import { CLUSTERS_MIN, type GlmDesign, isBinary, isCounted, parameterCount } from "./design.ts";
import type { GlmState } from "./state.ts";

/** Rows by class: without and with the outcome, without and with a count above 0, or all in one. */
export const classCount = (design: GlmDesign): number => (isBinary(design) || isCounted(design) ? 2 : 1);

/** What is counted of one column: of a boolean its two levels in each class, of a number the rows off its most frequent value. */
const cellsOf = (design: GlmDesign, { type }: DesignColumn): number => (type === "boolean" ? 2 * classCount(design) : 1);

const supportLength = (design: GlmDesign): number => supportedColumns(design).reduce((total, column) => total + cellsOf(design, column), 0);

export function countsLayout(design: GlmDesign): SumLayout {
  const [classes, support] = [classCount(design), supportLength(design)];
  const whole = [
    countVector("outcomeRows", classes),
    countVector("excluded", design.reasons.length),
    countVector("support", support),
    ...levelSitesLayout(design),
    ...varyingLayout(design),
  ];
  return {
    vectors: design.hasFolds
      ? [...whole, countVector("foldRows", foldCount * classes), countVector("foldSupport", foldCount * support)]
      : whole,
  };
}

export function absorbCounts(design: GlmDesign, sum: Sum): Absorbed<GlmState, GlmResult> {
  const classes = readVector(sum, "outcomeRows", classCount(design));
  const group = { classes, support: readVector(sum, "support", supportLength(design)), siteCount: sum.siteCount };
  const refusal =
    findRefusal(design, group) ?? levelAtOneSite(design, sum) ?? varyingAtOneSite(design, sum) ?? refuseFolds(design, sum, classes);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const excluded = readVector(sum, "excluded", design.reasons.length);
  const n = total(classes);
  const counts = { n, siteCount: sum.siteCount, events: isBinary(design) ? entry(classes, 1) : 0, excluded, folds: foldRows(design, sum) };
  return { kind: "continue", state: { phase: "moments", counts } };
}

/**
 * Where every hospital has an intercept of its own, a column adds nothing at a hospital in which it does not vary. Were it to vary at one alone,
 * its entries would be that hospital's own.
 */
export const asksForVariation = ({ hasOwnIntercepts, minimumCell }: GlmDesign): boolean => hasOwnIntercepts && minimumCell > 0;

const varyingLayout = (design: GlmDesign): readonly VectorLayout[] =>
  asksForVariation(design) ? [countVector("hospitalsVarying", design.features.length, 1)] : [];

function varyingAtOneSite(design: GlmDesign, sum: Sum): AnalysisRefusal | undefined {
  if (!asksForVariation(design)) return undefined;
  const hospitals = readVector(sum, "hospitalsVarying", design.features.length);
  const columns = design.names.filter((_, j) => entry(hospitals, j) < 2);
  return columns.length === 0 ? undefined : { code: "varies-at-one-site", columns };
}

interface RowGroup {
  readonly classes: readonly number[];
  readonly support: readonly number[];
  readonly siteCount: number;
}

function findRefusal(design: GlmDesign, { classes, support, siteCount }: RowGroup): AnalysisRefusal | undefined {
  const n = total(classes);
  const k = design.minimumCell;
  const columns = parameterCount(design, siteCount);
  if (n === 0) return { code: "too-few-rows", columns: [] };
  if (isBinary(design) && classes.some((rows) => rows === 0)) return { code: "one-class", columns: [design.outcome] };
  if (isCounted(design) && entry(classes, 1) === 0) return { code: "no-events", columns: [design.outcome] };
  if (columns >= n || (k > 0 && 3 * columns > n)) return { code: "too-many-columns", columns: [] };
  if (k === 0) return undefined;
  if (design.errors === "site-clustered" && siteCount < CLUSTERS_MIN) return { code: "too-few-sites", columns: [] };
  if (n < k || isThin(design, classes)) return { code: "too-few-rows", columns: [] };
  const unsupported = unsupportedColumns(design, support);
  return unsupported.length > 0 ? { code: "unsupported-column", columns: unsupported } : undefined;
}

/** Both classes of a logistic family; of counts those above 0. */
const isThin = (design: GlmDesign, classes: readonly number[]): boolean =>
  (isBinary(design) ? classes : isCounted(design) ? classes.slice(1) : []).some((rows) => rows < design.minimumCell);

function unsupportedColumns(design: GlmDesign, support: readonly number[]): readonly string[] {
  const classes = classCount(design);
  let next = 0;
  const columns = supportedColumns(design).flatMap((column): readonly ColumnSupport[] => {
    const cells = support.slice(next, next + cellsOf(design, column));
    next += cells.length;
    if (column.type === "number") return [{ kind: "numeric", column: column.name, differingCount: entry(cells, 0) }];
    return ["0", "1"].map((level, i) => {
      const own = cells.slice(classes * i, classes * (i + 1));
      return { kind: "level", column: column.name, level, countsByClass: isCounted(design) ? [total(own), entry(own, 1)] : own };
    });
  });
  return [...new Set(supportProblems(columns, design.minimumCell).map(({ column }) => column))];
}

const foldRows = (design: GlmDesign, sum: Sum): readonly number[] => {
  if (!design.hasFolds) return [];
  const classes = classCount(design);
  const rows = readVector(sum, "foldRows", foldCount * classes);
  return Array.from({ length: foldCount }, (_, fold) => total(rows.slice(fold * classes, (fold + 1) * classes)));
};

/** A fifth must carry what the whole must, and so must the rest without it. */
function refuseFolds(design: GlmDesign, sum: Sum, all: readonly number[]): AnalysisRefusal | undefined {
  if (!design.hasFolds) return undefined;
  const [classes, length] = [classCount(design), supportLength(design)];
  const rows = readVector(sum, "foldRows", foldCount * classes);
  const support = readVector(sum, "foldSupport", foldCount * length);
  const isSupported = Array.from({ length: foldCount }, (_, fold) => {
    const own = rows.slice(fold * classes, (fold + 1) * classes);
    const rest = own.map((value, i) => entry(all, i) - value);
    const group = { classes: rest, support, siteCount: sum.siteCount };
    if (findRefusal({ ...design, minimumCell: 0 }, group) !== undefined) return false;
    if (design.minimumCell === 0) return true;
    if (total(own) < design.minimumCell || isThin(design, own)) return false;
    return unsupportedColumns(design, support.slice(fold * length, (fold + 1) * length)).length === 0;
  });
  return isSupported.every(Boolean) ? undefined : { code: "fold-too-small", columns: [] };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
