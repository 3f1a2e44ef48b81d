/**
 * Fisher's exact test of two groups by any number of levels, without visiting every table.
 *
 * A table is a way of sharing the first group's total out over the levels; its probability is Π C(levelⱼ, xⱼ) / C(n, total). Levels are
 * filled one after the other. For what is left, the least and the largest probability that it can still contribute are known beforehand,
 * and so is the sum over all ways (Vandermonde): where even the largest leaves a table at most as probable as the observed one, all of them
 * count at once; where even the least does not, none does. Only what lies between is followed further.
 *
 * Source: Mehta & Patel 1983, J Am Stat Assoc 78:427 (the network algorithm; their bounds are those of a longest and a shortest path).
 */

import { logGamma } from "@dure/numerics";

export interface SharedOut {
  /** Of the first group. */
  readonly total: number;
  /** Both groups together, by level; whole, > 0. */
  readonly levels: readonly number[];
  /** Log probability up to which a table counts. */
  readonly limit: number;
}

/** Steps of the preparation and of the walk: about half a second each. */
const PREPARED_MAX = 20_000_000;
const VISITED_MAX = 10_000_000;

/** Log of the number of ways to choose; both whole, 0 ≤ chosen ≤ of. */
export class Binomials {
  readonly #logFactorial: Float64Array;

  constructor(most: number) {
    this.#logFactorial = Float64Array.from({ length: most + 1 }, (_, i) => (i < 2 ? 0 : logGamma(i + 1)));
  }

  log(of: number, chosen: number): number {
    const at = (i: number): number => this.#logFactorial[i] ?? Number.NaN;
    return at(of) - at(chosen) - at(of - chosen);
  }
}

/** @returns the summed probability of all tables within the limit; undefined where there is too much to do */
export function probabilityWithin({ total, levels, limit }: SharedOut, binomials: Binomials): number | undefined {
  if (levels.reduce((steps, level) => steps + (level + 1) * (total + 1), 0) > PREPARED_MAX) return undefined;
  const rest = prepare(levels, total, binomials);
  const n = rest[0]?.size ?? 0;
  const walk = { levels, rest, limit, binomials, visited: 0, p: 0 };
  visit(walk, { level: 0, left: total, logProbability: -binomials.log(n, total) });
  return walk.visited > VISITED_MAX ? undefined : walk.p;
}

/** What the levels from one on can still contribute, by how many are left to share out; −∞ and ∞ where they cannot take so many. */
interface Rest {
  readonly size: number;
  readonly largest: Float64Array;
  readonly least: Float64Array;
}

function prepare(levels: readonly number[], total: number, binomials: Binomials): readonly Rest[] {
  const rests: Rest[] = [];
  let behind: Rest = {
    size: 0,
    largest: new Float64Array(total + 1).fill(Number.NEGATIVE_INFINITY).fill(0, 0, 1),
    least: new Float64Array(total + 1).fill(Number.POSITIVE_INFINITY).fill(0, 0, 1),
  };
  for (const level of levels.toReversed()) {
    const largest = new Float64Array(total + 1).fill(Number.NEGATIVE_INFINITY);
    const least = new Float64Array(total + 1).fill(Number.POSITIVE_INFINITY);
    for (let left = 0; left <= total; left++) {
      for (let x = Math.max(0, left - behind.size); x <= Math.min(level, left); x++) {
        const own = binomials.log(level, x);
        largest[left] = Math.max(largest[left] ?? 0, own + (behind.largest[left - x] ?? 0));
        least[left] = Math.min(least[left] ?? 0, own + (behind.least[left - x] ?? 0));
      }
    }
    behind = { size: behind.size + level, largest, least };
    rests.unshift(behind);
  }
  return rests;
}

interface Walk {
  readonly levels: readonly number[];
  readonly rest: readonly Rest[];
  readonly limit: number;
  readonly binomials: Binomials;
  visited: number;
  p: number;
}

interface Step {
  readonly level: number;
  readonly left: number;
  readonly logProbability: number;
}

function visit(walk: Walk, { level, left, logProbability }: Step): void {
  walk.visited++;
  if (walk.visited > VISITED_MAX) return;
  const rest = walk.rest[level];
  if (rest === undefined) {
    if (logProbability <= walk.limit) walk.p += Math.exp(logProbability);
    return;
  }
  if (logProbability + (rest.least[left] ?? 0) > walk.limit) return;
  if (logProbability + (rest.largest[left] ?? 0) <= walk.limit) {
    walk.p += Math.exp(logProbability + walk.binomials.log(rest.size, left));
    return;
  }
  const own = walk.levels[level] ?? 0;
  for (let x = Math.max(0, left - (rest.size - own)); x <= Math.min(own, left); x++)
    visit(walk, { level: level + 1, left: left - x, logProbability: logProbability + walk.binomials.log(own, x) });
}
