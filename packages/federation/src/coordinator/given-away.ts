/**
 * What the figures of hospitals give away of the one that shows none, when they are subtracted from those of all.
 *
 * A hospital with fewer events than the minimum cell takes part in a survival curve and keeps its own figures back; but the events of all, less
 * those of the hospitals that show theirs, are its own. So where too few would be left, another hospital's figures are left out too
 * (complementary suppression), and of a classifier's subgroups and thresholds the pooled figures are.
 *
 * This protects the readers of a result. The coordinator has seen sums and figures both.
 */

import type { DecisionFigures, PooledSubgroupFigures } from "../classifier-result.ts";
import type { Analysis, PooledAuc, SiteEvaluation } from "../result.ts";

/** Rows, and those with the event; undefined where an analysis knows none. */
interface Cases {
  readonly n: number;
  readonly events: number | undefined;
}

/** Rows, events, and rows without one, of all less the shown. */
function leftOf(all: Cases, shown: readonly Cases[]): readonly number[] {
  const n = shown.reduce((left, own) => left - own.n, all.n);
  if (all.events === undefined) return [n];
  const events = shown.reduce((left, own) => left - (own.events ?? 0), all.events);
  return [n, events, n - events];
}

const isSmall =
  (minimumCell: number) =>
  (count: number): boolean =>
    count > 0 && count < minimumCell;

/** What training hospitals tell as `events` of themselves. */
function casesOf(analysis: Analysis): Cases {
  if (analysis.kind !== "treatment-effect") return { n: analysis.n, events: analysis.events };
  return { n: analysis.n, events: analysis.events ?? analysis.arms[1].n };
}

/** The sites whose figures may stand beside the analysis, if these are figures of the rows that were summed. O(sites²). */
export function shownBeside(analysis: Analysis, sites: readonly SiteEvaluation[], minimumCell: number): readonly SiteEvaluation[] {
  const all = casesOf(analysis);
  let shown = sites.filter(({ role }) => role === "training");
  for (;;) {
    const cell = leftOf(all, shown).findIndex(isSmall(minimumCell));
    const measure = ({ n, events }: SiteEvaluation): number => [n, events, n - events][cell] ?? 0;
    const [smallest] = cell < 0 ? [] : shown.filter((site) => measure(site) > 0).sort((a, b) => measure(a) - measure(b));
    if (smallest === undefined) return sites.filter((site) => site.role !== "training" || shown.includes(site));
    shown = shown.filter((site) => site !== smallest);
  }
}

/** The pooled figures without what would tell one hospital's few patients by subtraction: subgroup variables, and thresholds of risk. */
export function pooledBeside(pooled: PooledAuc, sites: readonly SiteEvaluation[], minimumCell: number): PooledAuc {
  const { outOfFold } = pooled;
  if (outOfFold === undefined) return pooled;
  const training = sites.filter(({ role }) => role === "training");
  const { subgroups: all = [], decisionCurve, ...whole } = outOfFold;
  const shownOf = (own: PooledSubgroupFigures): readonly Decided[] =>
    training.flatMap(({ subgroups = [] }) => subgroups.filter(({ variable, level }) => variable === own.variable && level === own.level));
  const givenAway = all.filter((own) => leftOf(own, shownOf(own)).some(isSmall(minimumCell))).map(({ variable }) => variable);
  const subgroups = all
    .filter(({ variable }) => !givenAway.includes(variable))
    .map((own) => ({ ...own, decisions: decisionsBeside(own, shownOf(own), minimumCell) }));
  const deciding = training.map(({ n, events, performance }) => ({ n, events, decisions: performance?.decisions ?? [] }));
  const decisions = decisionsBeside(whole, deciding, minimumCell);
  const isTold = ({ threshold }: { readonly threshold: number }): boolean =>
    !whole.decisions.some((own) => own.threshold === threshold) || decisions.some((own) => own.threshold === threshold);
  return {
    ...pooled,
    outOfFold: {
      ...whole,
      decisions,
      ...(decisionCurve === undefined ? {} : { decisionCurve: decisionCurve.filter(isTold) }),
      ...(subgroups.length === 0 ? {} : { subgroups }),
    },
  };
}

interface Decided {
  readonly n: number;
  readonly events: number;
  readonly decisions: readonly DecisionFigures[];
}

/**
 * Of all together, the thresholds at which and between which the hospitals that tell none, or not this one, have nobody or enough patients of
 * either class. O(thresholds × hospitals).
 */
function decisionsBeside(all: Decided, shown: readonly Decided[], minimumCell: number): readonly DecisionFigures[] {
  const kept: DecisionFigures[] = [];
  for (const decision of all.decisions) {
    const last = kept.at(-1);
    const cells = [
      ...leftBetween({ all, shown }, undefined, decision.threshold),
      ...leftBetween({ all, shown }, decision.threshold, undefined),
      ...(last === undefined ? [] : leftBetween({ all, shown }, last.threshold, decision.threshold)),
    ];
    if (!cells.some(isSmall(minimumCell))) kept.push(decision);
  }
  return kept;
}

/** Patients with and without the outcome from one threshold up to another, of all less those of the hospitals that tell both. */
function leftBetween(
  { all, shown }: { readonly all: Decided; readonly shown: readonly Decided[] },
  from: number | undefined,
  to: number | undefined,
): readonly [number, number] {
  const between = (of: Decided): readonly [number, number] | undefined => {
    const [low, high] = [aboveOf(of, from), to === undefined ? ([0, 0] as const) : aboveOf(of, to)];
    return low === undefined || high === undefined ? undefined : [low[0] - high[0], low[1] - high[1]];
  };
  const told = shown.flatMap((of) => {
    const cells = between(of);
    return cells === undefined ? [] : [cells];
  });
  const [positives = 0, negatives = 0] = between(all) ?? [];
  return [told.reduce((left, [own]) => left - own, positives), told.reduce((left, [, own]) => left - own, negatives)];
}

/** Patients with and without the outcome at or above a threshold; of none, all. Undefined where it is not told. */
function aboveOf({ n, events, decisions }: Decided, threshold: number | undefined): readonly [number, number] | undefined {
  if (threshold === undefined) return [events, n - events];
  const decision = decisions.find((own) => own.threshold === threshold);
  if (decision === undefined) return undefined;
  return [Math.round(decision.sensitivity * events), Math.round((1 - decision.specificity) * (n - events))];
}
