/**
 * What the figures of hospitals give away of the one that shows none, when they are subtracted from those of all.
 *
 * A hospital with fewer events than the minimum cell takes part in a survival curve and keeps its own figures back; but the events of all, less
 * those of the hospitals that show theirs, are its own. So where too few would be left, another hospital's figures are left out too
 * (complementary suppression), and of a classifier's subgroups the pooled figures of the variable are.
 *
 * This protects the readers of a result. The coordinator has seen sums and figures both.
 */

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

/** The pooled figures without subgroup variables of which one hospital's few patients could be had by subtraction. */
export function pooledBeside(pooled: PooledAuc, sites: readonly SiteEvaluation[], minimumCell: number): PooledAuc {
  const { outOfFold } = pooled;
  if (outOfFold?.subgroups === undefined) return pooled;
  const { subgroups: all, ...whole } = outOfFold;
  const givenAway = all.flatMap((own) => {
    const shown = sites.flatMap(({ role, subgroups = [] }) =>
      role === "training" ? subgroups.filter(({ variable, level }) => variable === own.variable && level === own.level) : [],
    );
    return leftOf(own, shown).some(isSmall(minimumCell)) ? [own.variable] : [];
  });
  const subgroups = all.filter(({ variable }) => !givenAway.includes(variable));
  return { ...pooled, outOfFold: { ...whole, ...(subgroups.length === 0 ? {} : { subgroups }) } };
}
