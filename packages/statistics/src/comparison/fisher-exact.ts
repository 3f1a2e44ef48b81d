/**
 * Fisher's exact test.
 *
 * 2 × 2: the table's first cell is hypergeometric under equal odds, Fisher's noncentral distribution under any other odds ratio; the odds
 * ratio is its conditional maximum-likelihood estimate, its interval turns both one-sided tests round. Two groups by more levels: see
 * `fisher-two-groups.ts`. Larger tables: every table with the same margins is visited, as far as they are few enough.
 *
 * Source: Fisher 1935, J R Stat Soc 98:39; Freeman & Halton 1951, Biometrika 38:141; Cornfield 1956, Proc 3rd Berkeley Symp 4:135.
 */

import { type Hypergeometric, hypergeometric, logGamma } from "@dure/numerics";
import { marginsOf, withoutEmpty } from "./contingency.ts";
import { Binomials, probabilityWithin } from "./fisher-two-groups.ts";

export type FisherTest = {
  /** Two-sided: all tables that are at most as probable as this one. */
  readonly p: number;
  /** Of a 2 × 2 table: conditional maximum likelihood; null for infinity. */
  readonly oddsRatio?: number | null;
  /** 95 %, exact; null for infinity. */
  readonly ci95?: readonly [number, number | null];
};

export type FisherAnswer =
  | { readonly kind: "tested"; readonly test: FisherTest }
  /** `one-level`: nothing to compare; `too-many-tables`: more than are visited. */
  | { readonly kind: "refused"; readonly code: "one-level" | "too-many-tables" };

/** Tables with equal probability differ by rounding: R's allowance. */
const RELATIVE_ERROR = 1 + 1e-7;
const ALPHA = 0.05;
/** About a second. */
const VISITED_MAX = 2_000_000;
/** Support of a 2 × 2 table: margins of a hundred thousand are still exact. */
const SUPPORT_MAX = 200_000;

/** @param counts shape (rows, columns), whole numbers from 0; rows and columns of zeros only are left out */
export function fisherTest(counts: readonly (readonly number[])[]): FisherAnswer {
  const table = withoutEmpty(counts);
  const [rows, columns] = marginsOf(table);
  if (rows.length < 2 || columns.length < 2) return { kind: "refused", code: "one-level" };
  if (rows.length === 2 && columns.length === 2) return twoByTwo(table);
  return rows.length === 2 || columns.length === 2 ? twoGroups(rows.length === 2 ? table : transposed(table)) : largerTable(table);
}

const transposed = (table: readonly (readonly number[])[]): readonly (readonly number[])[] =>
  (table[0] ?? []).map((_, j) => table.map((row) => row[j] ?? 0));

function twoGroups(table: readonly (readonly number[])[]): FisherAnswer {
  const [[total = 0], levels] = marginsOf(table);
  const n = levels.reduce((sum, level) => sum + level, 0);
  if (n > SUPPORT_MAX) return { kind: "refused", code: "too-many-tables" };
  const binomials = new Binomials(n);
  const observed = (table[0] ?? []).reduce((sum, x, j) => sum + binomials.log(levels[j] ?? 0, x), -binomials.log(n, total));
  const p = probabilityWithin({ total, levels, limit: observed + Math.log(RELATIVE_ERROR) }, binomials);
  return p === undefined ? { kind: "refused", code: "too-many-tables" } : { kind: "tested", test: { p: Math.min(1, p) } };
}

function twoByTwo(table: readonly (readonly number[])[]): FisherAnswer {
  const [[a = 0, b = 0] = [], [c = 0, d = 0] = []] = table;
  if (Math.min(a + b, a + c, c + d, b + d) > SUPPORT_MAX) return { kind: "refused", code: "too-many-tables" };
  const at = (oddsRatio: number): Hypergeometric => hypergeometric({ successes: a + c, failures: b + d, drawn: a + b, oddsRatio });
  const central = at(1);
  const limit = central.mass(a) * RELATIVE_ERROR;
  let p = 0;
  for (let x = central.first; x <= central.last; x++) if (central.mass(x) <= limit) p += central.mass(x);
  const { first, last } = central;
  const oddsRatio = a === first ? 0 : a === last ? null : rootOfOdds((odds) => at(odds).mean - a);
  const low = a === first ? 0 : rootOfOdds((odds) => at(odds).tails(a - 1).upper - ALPHA / 2);
  const high = a === last ? null : rootOfOdds((odds) => ALPHA / 2 - at(odds).tails(a).lower);
  return { kind: "tested", test: { p: Math.min(1, p), oddsRatio, ci95: [low, high] } };
}

const LOG_ODDS_MAX = 60;

/** Where an increasing function of the odds ratio is 0: bisection of the logarithm to the last digit. */
function rootOfOdds(increasing: (oddsRatio: number) => number): number {
  let [low, high] = [-LOG_ODDS_MAX, LOG_ODDS_MAX];
  while (high - low > 1e-15 * Math.max(1, Math.abs(low))) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (increasing(Math.exp(middle)) < 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/** Row by row: a row's cells are any that fit what the columns have left. The last row has no choice. */
function largerTable(table: readonly (readonly number[])[]): FisherAnswer {
  const [rows, columns] = marginsOf(table);
  const logFactorial = logFactorials(Math.max(...rows, ...columns, 0) + 1);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + (logFactorial[value] ?? 0), 0);
  const n = rows.reduce((total, row) => total + row, 0);
  const constant = sum(rows) + sum(columns) - logGamma(n + 1);
  const observed = constant - sum(table.flat());
  const walk = new TableWalk({ rows, columns: [...columns], logFactorial, limit: observed + Math.log(RELATIVE_ERROR), constant });
  const p = walk.total();
  return p === undefined ? { kind: "refused", code: "too-many-tables" } : { kind: "tested", test: { p: Math.min(1, p) } };
}

function logFactorials(length: number): Float64Array {
  const values = new Float64Array(length);
  for (let i = 2; i < length; i++) values[i] = logGamma(i + 1);
  return values;
}

interface WalkStart {
  readonly rows: readonly number[];
  readonly columns: number[];
  readonly logFactorial: Float64Array;
  /** Log probability up to which a table counts. */
  readonly limit: number;
  readonly constant: number;
}

class TableWalk {
  readonly #start: WalkStart;
  readonly #left: number[];
  #visited = 0;
  #p = 0;

  constructor(start: WalkStart) {
    this.#start = start;
    this.#left = [...start.columns];
  }

  /** Undefined where there are too many tables. */
  total(): number | undefined {
    this.#row(0, this.#start.constant);
    return this.#visited > VISITED_MAX ? undefined : this.#p;
  }

  #row(row: number, logProbability: number): void {
    const { rows, logFactorial } = this.#start;
    if (row < rows.length - 1) {
      this.#cell({ row, column: 0, rest: rows[row] ?? 0, logProbability });
      return;
    }
    this.#visited++;
    const last = this.#left.reduce((total, count) => total - (logFactorial[count] ?? 0), logProbability);
    if (last <= this.#start.limit) this.#p += Math.exp(last);
  }

  #cell({ row, column, rest, logProbability }: { row: number; column: number; rest: number; logProbability: number }): void {
    if (this.#visited > VISITED_MAX) return;
    const left = this.#left[column] ?? 0;
    const behind = this.#left.slice(column + 1).reduce((total, count) => total + count, 0);
    for (let count = Math.max(0, rest - behind); count <= Math.min(left, rest); count++) {
      this.#left[column] = left - count;
      const next = logProbability - (this.#start.logFactorial[count] ?? 0);
      if (column < this.#left.length - 1) this.#cell({ row, column: column + 1, rest: rest - count, logProbability: next });
      else this.#row(row + 1, next);
    }
    this.#left[column] = left;
  }
}
