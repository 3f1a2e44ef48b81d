/** Failed checks brought together by what has to be done about them: fifty fields that lack one vocabulary are one piece of work. */

import { type CheckName, type CheckResult, checkTypeOf, SEVERITIES, type Severity, violatedPercent } from "@dure/clinical/quality";

export interface FaultGroup {
  readonly name: CheckName;
  readonly severity: Severity;
  /** Of references: the table that lacks the rows. */
  readonly target?: string;
  /** Most rows at fault first. */
  readonly results: readonly CheckResult[];
  readonly tables: readonly string[];
}

/** Most serious first; of equal severity what is not there at all first, then the one with most rows at fault. */
export function groupFaults(results: readonly CheckResult[]): readonly FaultGroup[] {
  const failed = results.filter(({ status }) => status === "failed");
  const groups = Map.groupBy(failed, ({ check }) => (check.rule.kind === "references" ? `${check.name} ${check.rule.table}` : check.name));
  return [...groups.values()].flatMap(groupOf).toSorted((a, b) => rankOf(a) - rankOf(b) || compareExtent(a, b));
}

function groupOf(results: readonly CheckResult[]): readonly FaultGroup[] {
  const [first] = results;
  if (first === undefined) return [];
  const { name, rule } = first.check;
  return [
    {
      ...{ name, severity: checkTypeOf(name).severity },
      ...(rule.kind === "references" ? { target: rule.table } : {}),
      results: results.toSorted((a, b) => violatedOf(b) - violatedOf(a)),
      tables: [...new Set(results.map(({ check }) => check.table))],
    },
  ];
}

export const violatedOf = ({ counts }: CheckResult): number => counts?.violatedCount ?? 0;
export const percentOf = ({ counts }: CheckResult): number => (counts === undefined ? 0 : violatedPercent(counts));

const rankOf = ({ severity }: FaultGroup): number => SEVERITIES.indexOf(severity);
const extentOf = ({ name, results }: FaultGroup): number =>
  checkTypeOf(name).counts === "itself" ? Number.POSITIVE_INFINITY : results.reduce((sum, result) => sum + violatedOf(result), 0);

function compareExtent(a: FaultGroup, b: FaultGroup): number {
  const [left, right] = [extentOf(a), extentOf(b)];
  return left === right ? 0 : right - left;
}
