/**
 * What a description tells, with nothing in it that tells fewer patients than the minimum cell apart.
 *
 * The sizes of the groups stand above the table, so the counts of a variable are hidden under known column totals: levels, and missing
 * values as one more level. A level that nobody has, and missing values where there are none, are told as 0; they say nothing of anybody.
 *
 * Exact means of whole numbers tell how many values went into them (their denominator), so where the number of values of a group is
 * hidden, means and deviations are rounded to about a tenth of a deviation, which as many as 200 values make true of every count near
 * theirs; fewer are not described. Differences and tests of such numbers are told with two digits; of levels only where all counts are shown.
 */

import { type SuppressedTable, suppressCounts, type TableCount } from "@dure/privacy";
import { fisherTest, pearsonTest, standardisedLevelDifference, standardisedMeanDifference, welchTest } from "@dure/statistics";
import type {
  DescribeAnalysis,
  DescribedVariable,
  LevelsSummary,
  NumberSummary,
  QuantileEstimate,
  StandardisedDifference,
} from "../../describe-result.ts";
import type { ReportedCount } from "../../result.ts";
import { reportedExclusions } from "../excluded-reasons.ts";
import { entry } from "../sum-reading.ts";
import { numbersOf } from "./counts.ts";
import type { DescribeDesign, DescribedColumn } from "./design.ts";
import { quartilesOf } from "./quartiles.ts";
import type { readRanks } from "./ranks.ts";
import type { DescribeCounts, FoundRank, Moments } from "./state.ts";

export interface Findings {
  readonly counts: DescribeCounts;
  readonly moments: readonly Moments[];
  readonly found: readonly FoundRank[];
  readonly ranks: ReturnType<typeof readRanks>;
}

/** The frame of a result: nothing found. */
export const emptyAnalysis = (design: DescribeDesign): DescribeAnalysis => ({
  kind: "describe",
  n: 0,
  excluded: [],
  outcome: "refused",
  ...(design.group === undefined
    ? {}
    : { group: { variable: design.group.variable, reference: design.group.levels[design.group.reference] ?? "" } }),
  groups: [],
  variables: [],
});

export function describeFindings(design: DescribeDesign, findings: Findings): DescribeAnalysis {
  const { counts } = findings;
  const { group } = design;
  return {
    ...emptyAnalysis(design),
    n: counts.rows.reduce((total, rows) => total + rows, 0),
    excluded: reportedExclusions(design, counts.excluded),
    outcome: "described",
    groups: group === undefined ? [] : shownGroups(counts).map((i) => ({ level: group.levels[i] ?? "", n: entry(counts.rows, i) })),
    variables: design.columns.map((column, index) =>
      column.kind === "number" ? describeNumber(design, findings, index) : describeLevels(design, findings, { column, index }),
    ),
  };
}

/** Those that have patients; the one of all patients without a group variable. */
const shownGroups = ({ rows }: DescribeCounts): readonly number[] => rows.flatMap((count, i) => (count === 0 ? [] : [i]));

interface ShownCounts {
  /** By level and shown group, missing last. */
  readonly cells: readonly (readonly ReportedCount[])[];
  readonly totals: readonly ReportedCount[];
  readonly isWhole: boolean;
}

/** Levels and missing values against groups, with what has to be hidden. */
function showCounts(design: DescribeDesign, counts: DescribeCounts, column: number): ShownCounts {
  const groups = shownGroups(counts);
  const cells = counts.cells[column] ?? [];
  const levelCount = cells[0]?.length ?? 0;
  const levels = Array.from({ length: levelCount }, (_, level) => groups.map((group) => cells[group]?.[level] ?? 0));
  const missing = groups.map((group, i) => entry(counts.rows, group) - levels.reduce((total, level) => total + (level[i] ?? 0), 0));
  const table = [...levels, missing];
  const held = table.flatMap((row, i) => (row.some((count) => count > 0) ? [i] : []));
  const shown = suppressCounts(
    held.map((i) => table[i] ?? []),
    design.minimumCell,
    { knowsColumnTotals: true },
  );
  const placeOf = (i: number): number => held.indexOf(i);
  return {
    cells: table.map((row, i) => row.map((_, group) => reported(placeOf(i) < 0 ? NOBODY : shown.cells[placeOf(i)]?.[group], design))),
    totals: table.map((_, i) => reported(placeOf(i) < 0 ? NOBODY : shown.rowTotals[placeOf(i)], design)),
    isWhole: isWhole(shown),
  };
}

const NOBODY: TableCount = { kind: "exact", value: 0 };

const isWhole = ({ cells, rowTotals }: SuppressedTable): boolean => [...cells.flat(), ...rowTotals].every(({ kind }) => kind === "exact");

const reported = (count: TableCount | undefined, _: DescribeDesign): ReportedCount => (count?.kind === "exact" ? { n: count.value } : {});

function describeLevels(
  design: DescribeDesign,
  { counts }: Findings,
  { column, index }: { readonly column: Exclude<DescribedColumn, { kind: "number" }>; readonly index: number },
): DescribedVariable {
  const { cells, totals, isWhole: whole } = showCounts(design, counts, index);
  const groups = design.group === undefined ? [] : shownGroups(counts);
  const summary = (of: (row: number) => ReportedCount, rows: number): LevelsSummary => {
    const missing = of(column.levels.length);
    return { n: missing.n === undefined ? {} : { n: rows - missing.n }, missing, counts: column.levels.map((_, level) => of(level)) };
  };
  const all = counts.rows.reduce((total, rows) => total + rows, 0);
  const frame = {
    variable: column.name,
    kind: column.kind,
    levels: column.levels,
    total: summary((row) => totals[row] ?? {}, all),
    groups: groups.map((group, i) => summary((row) => cells[row]?.[i] ?? {}, entry(counts.rows, group))),
  };
  if (!whole || groups.length < 2) return frame;
  const table = groups.map((group) => counts.cells[index]?.[group] ?? []);
  const differences = compareWithReference(design, counts, (group, reference) =>
    standardisedLevelDifference(counts.cells[index]?.[group] ?? [], counts.cells[index]?.[reference] ?? []),
  );
  const chiSquared = design.tests ? pearsonTest(table) : undefined;
  return {
    ...frame,
    ...(differences === undefined ? {} : { differences }),
    ...(chiSquared === undefined ? {} : { chiSquared }),
    ...(design.tests ? { fisher: fisherTest(table) } : {}),
  };
}

function describeNumber(design: DescribeDesign, findings: Findings, index: number): DescribedVariable {
  const { counts, moments, ranks } = findings;
  const { cells, totals, isWhole: whole } = showCounts(design, counts, index);
  const groups = design.group === undefined ? [] : shownGroups(counts);
  const summary = (group: number | null, [n = {}, missing = {}]: readonly (ReportedCount | undefined)[]): NumberSummary => ({
    n,
    missing,
    ...figures(findings, { index, group, isExact: whole }),
  });
  const opened = counts.opened[numbersOf(design).indexOf(index)];
  const own = groups.flatMap((group) => moments.find((part) => part.column === index && part.group === group) ?? []);
  const frame = {
    variable: design.columns[index]?.name ?? "",
    kind: "number" as const,
    total: summary(null, [totals[0], totals[1]]),
    groups: groups.map((group, i) => summary(group, [cells[0]?.[i], cells[1]?.[i]])),
    ...(whole ? {} : { isRounded: true as const }),
    ...(opened === "nothing"
      ? { unsupported: "at-all" as const }
      : opened === "total" && groups.length > 0
        ? { unsupported: "by-group" as const }
        : {}),
  };
  if (own.length < 2 || (!whole && own.some(({ n }) => n < ROUNDED_VALUES_MIN))) return frame;
  const differences = compareWithReference(design, counts, (group, reference) => {
    const [first, second] = [group, reference].map((of) => own.find((part) => part.group === of));
    return first === undefined || second === undefined ? undefined : standardisedMeanDifference(first, second);
  });
  const means = design.tests ? welchTest(own) : undefined;
  const ranked = ranks.get(index);
  const told = <Value>(value: Value): Value => (whole ? value : twoDigits(value));
  return {
    ...frame,
    ...(differences === undefined ? {} : { differences: told(differences) }),
    ...(means === undefined ? {} : { means: told(means) }),
    ...(ranked === undefined ? {} : { ranks: { ...told(ranked), binCount: ranked.binCount } }),
  };
}

/** Every number in it, of lists and members too. */
function twoDigits<Value>(value: Value): Value;
function twoDigits(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(2));
  if (Array.isArray(value)) return value.map((member) => twoDigits(member));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, twoDigits(member)]));
}

/** Undefined where the reference has no patients. */
function compareWithReference(
  { group }: DescribeDesign,
  counts: DescribeCounts,
  compare: (group: number, reference: number) => number | undefined,
): readonly StandardisedDifference[] | undefined {
  if (group === undefined || entry(counts.rows, group.reference) === 0) return undefined;
  return shownGroups(counts).flatMap((index) => {
    const value = index === group.reference ? undefined : compare(index, group.reference);
    return value === undefined ? [] : [{ level: group.levels[index] ?? "", value }];
  });
}

/** So many values make a rounded figure true of every count near theirs. */
const ROUNDED_VALUES_MIN = 200;

type Figures = Pick<NumberSummary, "mean" | "standardDeviation" | "quartiles">;

function figures(
  { moments, found }: Findings,
  { index, group, isExact }: { readonly index: number; readonly group: number | null; readonly isExact: boolean },
): Figures {
  const part = moments.findIndex((candidate) => candidate.column === index && candidate.group === group);
  const own = moments[part];
  if (own === undefined || (!isExact && own.n < ROUNDED_VALUES_MIN)) return {};
  const quartiles: readonly QuantileEstimate[] | undefined = quartilesOf(
    own,
    found.filter((rank) => rank.part === part),
  );
  const { mean, standardDeviation } = isExact ? own : rounded(own);
  return { mean, ...(own.n < 2 ? {} : { standardDeviation }), ...(quartiles === undefined || found.length === 0 ? {} : { quartiles }) };
}

/** To a power of ten from a hundredth to a tenth of the deviation. */
function rounded({ mean, standardDeviation }: Moments): Pick<Moments, "mean" | "standardDeviation"> {
  const digits = 1 - Math.floor(Math.log10(standardDeviation));
  const toStep = (value: number): number => Number(`${Math.round(Number(`${value}e${digits}`))}e${-digits}`);
  return { mean: toStep(mean), standardDeviation: toStep(standardDeviation) };
}
