/** Collects the problems of a document, so that all are told at once. */

import type { Place, Problem, Text } from "@dure/kernel";

export interface Finding {
  readonly code: string;
  readonly what: Text;
  readonly remedy: Text;
}

/** Takes what was found; the place is already known to the one who made the reporter. */
export type Report = (finding: Finding) => void;

export function reportInto(problems: Problem[], place: Place): Report {
  return (finding) => void problems.push({ ...finding, severity: "error", place });
}

/**
 * The allowed word that is nearest to `word`, when it is near enough to be a slip of the fingers (Damerau-Levenshtein distance, restricted
 * form, of at most a third of its length) or `word` is its beginning.
 */
export function findNearest(word: string, allowed: readonly string[]): string | undefined {
  const near = allowed
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(Math.max(candidate.length, word.length) / 3)))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate ?? allowed.find((candidate) => word.length >= 3 && candidate.toLowerCase().startsWith(word.toLowerCase()));
}

/** Longer words are cut: nobody mistypes a name of hundreds of letters, and the cost is quadratic. */
const COMPARED_LENGTH_MAX = 64;

function editDistance(from: string, to: string): number {
  const a = from.slice(0, COMPARED_LENGTH_MAX);
  const b = to.slice(0, COMPARED_LENGTH_MAX);
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (beforeLast[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min(replaced, swapped, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
