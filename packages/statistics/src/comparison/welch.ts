/**
 * Whether the means of groups differ, where their variances may too.
 *
 * Source: Welch 1947, Biometrika 34:28 (two groups); Welch 1951, Biometrika 38:330 (more); R's t.test and oneway.test.
 */

import { fisherF, studentT } from "@dure/numerics";

export interface GroupMoments {
  readonly n: number;
  readonly mean: number;
  /** n − 1 in the denominator. */
  readonly standardDeviation: number;
}

export type WelchTest =
  | {
      readonly kind: "welch-t";
      /** First group − second group. */
      readonly difference: number;
      readonly ci95: readonly [number, number];
      readonly t: number;
      readonly df: number;
      readonly p: number;
    }
  | { readonly kind: "welch-anova"; readonly f: number; readonly df: readonly [number, number]; readonly p: number };

/** Undefined for fewer than two groups, a group of fewer than two values, or one whose values are all equal. */
export function welchTest(groups: readonly GroupMoments[]): WelchTest | undefined {
  if (groups.length < 2 || groups.some(({ n, standardDeviation }) => n < 2 || !(standardDeviation > 0))) return undefined;
  const [first, second] = groups;
  return groups.length === 2 && first !== undefined && second !== undefined ? welchT(first, second) : welchAnova(groups);
}

function welchT(first: GroupMoments, second: GroupMoments): WelchTest {
  const [a, b] = [first, second].map(({ n, standardDeviation }) => standardDeviation ** 2 / n) as [number, number]; // two in, two out
  const error = Math.sqrt(a + b);
  const df = (a + b) ** 2 / (a ** 2 / (first.n - 1) + b ** 2 / (second.n - 1));
  const difference = first.mean - second.mean;
  const t = difference / error;
  const distribution = studentT(df);
  const half = distribution.quantile(0.025, "upper") * error;
  const p = 2 * distribution.tails(Math.abs(t)).upper;
  return { kind: "welch-t", difference, ci95: [difference - half, difference + half], t, df, p };
}

function welchAnova(groups: readonly GroupMoments[]): WelchTest {
  const count = groups.length;
  const weights = groups.map(({ n, standardDeviation }) => n / standardDeviation ** 2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = groups.reduce((sum, group, i) => sum + group.mean * (weights[i] ?? 0), 0) / total;
  const lack = groups.reduce((sum, { n }, i) => sum + (1 - (weights[i] ?? 0) / total) ** 2 / (n - 1), 0) / (count ** 2 - 1);
  const between = groups.reduce((sum, group, i) => sum + (weights[i] ?? 0) * (group.mean - mean) ** 2, 0);
  const f = between / ((count - 1) * (1 + 2 * (count - 2) * lack));
  const df = [count - 1, 1 / (3 * lack)] as const;
  return { kind: "welch-anova", f, df, p: fisherF(...df).tails(f).upper };
}
