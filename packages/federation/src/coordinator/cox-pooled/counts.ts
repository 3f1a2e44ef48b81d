/**
 * Plain counts, before anything that carries a covariate is opened: persons, support, and by bin of the public grid who had the event, who
 * left without it and who came. From these the intervals follow on which the fit is made.
 *
 * The sums over two neighbouring risk sets differ by those who left in the earlier one and those who come in the later one, those whose
 * columns change among them: each of these is nobody or enough persons (`personsAStep`), and each interval has enough events. Where a person
 * may come and go more than once, counts by bin may count one person several times in what becomes one interval. So persons are then counted
 * again on the merged intervals, which are merged further until the rule holds there. And rows that are then in no risk set (they come after
 * the last event, or another row of the person stands for them) are in no later sum: the total of a column over all rows, less that over
 * a risk set, would be theirs. What is asked of columns before they are summed is asked once more of the rows that stay.
 */

import { mergeTimeBins, type Sum, type SumLayout, type TimeBins, type VectorLayout } from "@dure/privacy";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { CoxResult } from "../../cox-result.ts";
import { supportLength } from "../column-support.ts";
import { countVector } from "../count-vectors.ts";
import { findRefusal, readRows } from "../cox/counts.ts";
import type { Cases, CoxCounts } from "../cox/state.ts";
import { levelAtOneSite, levelSitesLayout } from "../level-sites.ts";
import { entry, readVector } from "../sum-reading.ts";
import { type PooledDesign, personsAStep } from "./design.ts";
import type { PooledPhase, PooledState, RiskIntervals } from "./state.ts";

type Step = Absorbed<PooledState, CoxResult>;

/** Entries of the sums over risk sets in one round: 16 MiB on the wire from each hospital. */
const RISK_ENTRIES_MAX = 2 ** 20;

export function countsLayout(design: PooledDesign): SumLayout {
  return {
    vectors: [
      ...personsLayout(design),
      countVector("excluded", design.reasons.length),
      ...movesLayout(design, { suffix: "ByBin", length: design.binCount }),
    ],
  };
}

export const intervalsLayout = (design: PooledDesign, { ends }: PooledPhase<"intervals">): SumLayout => ({
  vectors: [...personsLayout(design), ...movesLayout(design, { suffix: "ByInterval", length: ends.length })],
});

/** What is asked of persons and columns, first of all rows, then of those that are in a risk set. */
const personsLayout = (design: PooledDesign): readonly VectorLayout[] => [
  countVector("cases", 2),
  ...(design.person === undefined ? [] : [countVector("rows", 1)]),
  countVector("support", supportLength(design)),
  ...levelSitesLayout(design),
];

function refusalOfPersons(design: PooledDesign, sum: Sum): AnalysisRefusal | undefined {
  return findRefusal(design, readCases(sum), readVector(sum, "support", supportLength(design))) ?? levelAtOneSite(design, sum);
}

function readCases(sum: Sum): Cases {
  const found = readVector(sum, "cases", 2);
  return [entry(found, 0), entry(found, 1)];
}

/** Rows may begin late. */
export const hasMoves = ({ entry: late, person }: PooledDesign): boolean => late !== undefined || person !== undefined;

interface Moves {
  readonly suffix: "ByBin" | "ByInterval";
  readonly length: number;
}

const movesLayout = (design: PooledDesign, { suffix, length }: Moves): readonly VectorLayout[] => [
  countVector(`events${suffix}`, length),
  countVector(`left${suffix}`, length),
  ...(hasMoves(design) ? [countVector(`entered${suffix}`, length)] : []),
  countVector("followedToEnd", 1),
];

export function absorbCounts(design: PooledDesign, sum: Sum): Step {
  const refusal = refusalOfPersons(design, sum);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const cases = readCases(sum);
  const counts = { cases, rows: readRows(design, sum, cases), excluded: readVector(sum, "excluded", design.reasons.length), folds: [] };
  const bins = readMoves(design, sum, { suffix: "ByBin", length: design.binCount });
  const merged = mergeTimeBins(bins, personsAStep(design));
  if (merged === undefined) return tooFew(design);
  const kept = design.minimumCell === 0 ? merged.intervals.filter(({ events }) => events > 0) : merged.intervals;
  const ends = kept.map(({ end }) => end);
  if (hasMoves(design)) return { kind: "continue", state: { phase: "intervals", counts, ends } };
  return begin(design, counts, { ends, events: kept.map(({ events }) => events), isExact: design.minimumCell === 0 });
}

export function absorbIntervals(design: PooledDesign, { counts, ends }: PooledPhase<"intervals">, sum: Sum): Step {
  const moves = readMoves(design, sum, { suffix: "ByInterval", length: ends.length });
  const merged = mergeTimeBins(moves, personsAStep(design));
  if (merged === undefined) return tooFew(design);
  const after = merged.intervals.map(({ end }) => ends[end] ?? 0);
  if (after.length < ends.length) return { kind: "continue", state: { phase: "intervals", counts, ends: after } };
  const refusal = refusalOfPersons(design, sum);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const rows = readRows(design, sum, readCases(sum));
  return begin(
    design,
    { ...counts, rows },
    { ends, events: merged.intervals.map(({ events }) => events), isExact: design.minimumCell === 0 },
  );
}

function begin(design: PooledDesign, counts: CoxCounts, intervals: RiskIntervals): Step {
  const entries = 2 * intervals.ends.length * (1 + design.features.length);
  if (entries > RISK_ENTRIES_MAX) return { kind: "refused", refusal: { code: "too-many-intervals", columns: [] } };
  return { kind: "continue", state: { phase: "moments", counts, intervals } };
}

const tooFew = ({ event }: PooledDesign): { readonly kind: "refused"; readonly refusal: AnalysisRefusal } => ({
  kind: "refused",
  refusal: { code: "too-few-events", columns: [event] },
});

function readMoves(design: PooledDesign, sum: Sum, { suffix, length }: Moves): TimeBins {
  const bins = {
    events: readVector(sum, `events${suffix}`, length),
    others: readVector(sum, `left${suffix}`, length),
    remaining: entry(readVector(sum, "followedToEnd", 1), 0),
  };
  return hasMoves(design) ? { ...bins, further: [readVector(sum, `entered${suffix}`, length)] } : bins;
}
