/**
 * Harrell's C: of the pairs of which it is known who had the event first, the share in which that one was predicted the higher risk.
 *
 * A pair is comparable when the earlier time is an event; at equal times, an event comes before a censoring. Equal scores count half.
 * What travels is a handful of sums: pair counts, and Σ a², Σ a b, Σ b² with a row's own share in them. With C = A / B,
 * A = concordant + ½ tied, B = all comparable pairs, a row's influence on C is (a − C b) / B, so that
 *
 *   Var C = Σ (a − C b)² / B² = (Σ a² − 2 C Σ a b + C² Σ b²) / B²
 *
 * holds over any number of strata, although C itself is known only when all have been added (infinitesimal jackknife).
 *
 * Source: Harrell et al. 1982, JAMA 247:2543; Therneau & Watson 2015, Mayo Clinic technical report 85 (variance, ties).
 */

import { roundScore } from "../discrimination.ts";

/** Mergeable: sums over strata. Names as R's survival: x is the score, y the outcome. */
export interface PairSums {
  readonly concordant: number;
  readonly discordant: number;
  readonly tiedX: number;
  /** Both had the event at the same time: not comparable. */
  readonly tiedY: number;
  /** Σ a², Σ a b, Σ b² over rows. */
  readonly squares: readonly [number, number, number];
}

export interface RowPairs extends PairSums {
  /** By row, or by person: concordant pairs with half of the tied ones, and comparable pairs, that the row or person is part of. */
  readonly a: Float64Array;
  readonly b: Float64Array;
}

export interface SurvivalOutcome {
  readonly times: Float64Array;
  /** 0 or 1. */
  readonly events: ArrayLike<number>;
  /** A row is compared with events after its entry only; without it with all. */
  readonly entries?: Float64Array;
  /** Whose row it is, 0 and on: shares in pairs are then added by person before they are squared, as rows of one person are no two draws. */
  readonly persons?: ArrayLike<number>;
}

/**
 * Pairs within one stratum. With entries a pair is an event and a row at risk at its time (`concordance` of R's survival for (start, stop]
 * rows; by person as its `cluster`).
 *
 * @param scores higher = earlier event predicted; finite; rounded to 1e-10 before they are compared
 * Numerics: O(n log n); counts are exact below 2^53.
 * Disclosure: a row's own pairs stay inside; sums of a few rows can tell single rows, pass the gate.
 */
export function countPairs({ times, events, entries, persons }: SurvivalOutcome, scores: Float64Array): RowPairs {
  const { ranks, levels } = denseRanks(scores);
  const order = latestFirst(times);
  const totals = { concordant: 0, discordant: 0, tiedX: 0, tiedY: 0 };
  const a = new Float64Array(times.length);
  const b = new Float64Array(times.length);
  const timed = { times, order, levels };
  const entering = entries === undefined ? undefined : latestFirst(entries);
  let next = 0;
  eachTie(timed, (tied, later) => {
    const time = times[tied[0] ?? 0] ?? Number.NaN;
    for (; entering !== undefined && (entries?.[entering[next] ?? 0] ?? -1) >= time; next++) later.remove(ranks[entering[next] ?? 0] ?? 0);
    meetLater({ tied, later, events, ranks, a, b, totals });
  });
  order.reverse();
  entering?.reverse();
  next = 0;
  eachTie(timed, (tied, earlier) => {
    const time = times[tied[0] ?? 0] ?? Number.NaN;
    for (; (entries?.[entering?.[next] ?? -1] ?? Infinity) < time; next++) forgetEarlier(entering?.[next] ?? 0, { earlier, ranks, a, b });
    meetEarlier({ tied, earlier, events, ranks, a, b });
  });
  if (persons === undefined) return { ...totals, a, b, squares: squares(a, b) };
  const [aOf, bOf] = [byPerson(a, persons), byPerson(b, persons)];
  return { ...totals, a: aOf, b: bOf, squares: squares(aOf, bOf) };
}

const latestFirst = (times: Float64Array): Uint32Array =>
  Uint32Array.from(times, (_, i) => i).sort((i, j) => (times[j] ?? 0) - (times[i] ?? 0) || i - j);

function byPerson(values: Float64Array, persons: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) sums[persons[i] ?? 0] = (sums[persons[i] ?? 0] ?? 0) + (values[i] ?? 0);
  return sums;
}

export interface ConcordanceEstimate {
  readonly estimate: number;
  readonly se: number;
}

/** Undefined where no pair is comparable. */
export function concordanceOf({ concordant, discordant, tiedX, squares: [aa, ab, bb] }: PairSums): ConcordanceEstimate | undefined {
  const pairs = concordant + discordant + tiedX;
  if (!(pairs > 0)) return undefined;
  const estimate = (concordant + tiedX / 2) / pairs;
  return { estimate, se: Math.sqrt(Math.max(0, aa - 2 * estimate * ab + estimate * estimate * bb)) / pairs };
}

/**
 * C of the first scores − C of the second on the same rows, with its standard error, correlation included. Undefined where no pair is
 * comparable.
 */
export function pairedConcordance(outcome: SurvivalOutcome, scores: { readonly first: Float64Array; readonly second: Float64Array }) {
  const [first, second] = [countPairs(outcome, scores.first), countPairs(outcome, scores.second)];
  const [c1, c2] = [concordanceOf(first), concordanceOf(second)];
  if (c1 === undefined || c2 === undefined) return undefined;
  const pairs = first.concordant + first.discordant + first.tiedX;
  let total = 0;
  for (let i = 0; i < first.a.length; i++) {
    const share = (first.a[i] ?? 0) - c1.estimate * (first.b[i] ?? 0) - (second.a[i] ?? 0) + c2.estimate * (second.b[i] ?? 0);
    total += share * share;
  }
  return { estimate: c1.estimate - c2.estimate, se: Math.sqrt(total) / pairs };
}

/** Counts by score rank: how many lie below a rank, and how many at it. */
class RankCounts {
  readonly #tree: Int32Array;
  readonly #at: Int32Array;
  total = 0;

  constructor(levels: number) {
    this.#tree = new Int32Array(levels + 1);
    this.#at = new Int32Array(levels);
  }

  add(rank: number): void {
    this.#change(rank, 1);
  }

  remove(rank: number): void {
    this.#change(rank, -1);
  }

  #change(rank: number, by: 1 | -1): void {
    this.total += by;
    this.#at[rank] = (this.#at[rank] ?? 0) + by;
    for (let node = rank + 1; node < this.#tree.length; node += node & -node) this.#tree[node] = (this.#tree[node] ?? 0) + by;
  }

  below(rank: number): number {
    let count = 0;
    for (let node = rank; node > 0; node -= node & -node) count += this.#tree[node] ?? 0;
    return count;
  }

  at(rank: number): number {
    return this.#at[rank] ?? 0;
  }
}

interface RowsOfATime {
  readonly tied: Uint32Array;
  readonly events: ArrayLike<number>;
  readonly ranks: Uint32Array;
  readonly a: Float64Array;
  readonly b: Float64Array;
}

interface Totals {
  concordant: number;
  discordant: number;
  tiedX: number;
  tiedY: number;
}

/** Rows with the event meet those whose time is later, and those censored at the same time. */
function meetLater({ tied, later, events, ranks, a, b, totals }: RowsOfATime & { later: RankCounts; totals: Totals }): void {
  let eventCount = 0;
  for (const row of tied) if (events[row] !== 1) later.add(ranks[row] ?? 0);
  for (const row of tied) {
    if (events[row] !== 1) continue;
    const rank = ranks[row] ?? 0;
    const lower = later.below(rank);
    const equal = later.at(rank);
    totals.concordant += lower;
    totals.tiedX += equal;
    totals.discordant += later.total - lower - equal;
    a[row] = (a[row] ?? 0) + lower + equal / 2;
    b[row] = (b[row] ?? 0) + later.total;
    totals.tiedY += eventCount++;
  }
  for (const row of tied) if (events[row] === 1) later.add(ranks[row] ?? 0);
}

/** The same pairs seen from the other row: events before it, and at its own time where it is censored. */
function meetEarlier({ tied, earlier, events, ranks, a, b }: RowsOfATime & { earlier: RankCounts }): void {
  const meet = (row: number): void => {
    const rank = ranks[row] ?? 0;
    const equal = earlier.at(rank);
    a[row] = (a[row] ?? 0) + (earlier.total - earlier.below(rank) - equal) + equal / 2;
    b[row] = (b[row] ?? 0) + earlier.total;
  };
  for (const row of tied) if (events[row] === 1) meet(row);
  for (const row of tied) if (events[row] === 1) earlier.add(ranks[row] ?? 0);
  for (const row of tied) if (events[row] !== 1) meet(row);
}

/** Takes the events before a row's entry off its pairs, before they are counted. */
function forgetEarlier(
  row: number,
  { earlier, ranks, a, b }: Pick<RowsOfATime, "ranks" | "a" | "b"> & { readonly earlier: RankCounts },
): void {
  const rank = ranks[row] ?? 0;
  const equal = earlier.at(rank);
  a[row] = (a[row] ?? 0) - (earlier.total - earlier.below(rank) - equal) - equal / 2;
  b[row] = (b[row] ?? 0) - earlier.total;
}

interface TimedRows {
  readonly times: Float64Array;
  readonly order: Uint32Array;
  readonly levels: number;
}

function eachTie({ times, order, levels }: TimedRows, visit: (tied: Uint32Array, counts: RankCounts) => void): void {
  const counts = new RankCounts(levels);
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && times[order[to] ?? 0] === times[order[from] ?? 0]) to++;
    visit(order.subarray(from, to), counts);
  }
}

function denseRanks(scores: Float64Array): { readonly ranks: Uint32Array; readonly levels: number } {
  const rounded = scores.map(roundScore);
  const order = Uint32Array.from(rounded, (_, i) => i).sort((i, j) => (rounded[i] ?? 0) - (rounded[j] ?? 0));
  const ranks = new Uint32Array(scores.length);
  let level = 0;
  order.forEach((row, place) => {
    if (place > 0 && rounded[row] !== rounded[order[place - 1] ?? 0]) level++;
    ranks[row] = level;
  });
  return { ranks, levels: level + 1 };
}

function squares(a: Float64Array, b: Float64Array): readonly [number, number, number] {
  const total: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    total[0] += x * x;
    total[1] += x * y;
    total[2] += y * y;
  }
  return total;
}
