/** Table one on a terminal: a line for each number, and for each level of the others. */

import type { DescribeAnalysis, DescribedVariable, LevelsSummary, NumberSummary, ReportedCount } from "@dure/federation/coordinator";
import { type Language, type Text, text } from "@dure/kernel";
import { formatTable } from "../text-table.ts";

const words = {
  variable: text("variable", "변수"),
  all: text("all", "전체"),
  median: text("median", "중앙값"),
  missing: text("no value", "값 없음"),
  difference: text("std. difference", "표준화 차이"),
} satisfies Record<string, Text>;

export function formatDescription({ groups, variables, n }: DescribeAnalysis, language: Language): string {
  const right = (heading: string) => ({ heading, align: "right" as const });
  const sizes = [{ level: words.all[language], n }, ...groups];
  return formatTable(
    [
      { heading: words.variable[language] },
      ...sizes.map(({ level, n: size }) => right(`${level} (${size})`)),
      ...(groups.length === 2 ? [right(words.difference[language])] : []),
    ],
    variables
      .flatMap((variable) => linesOf(variable, language))
      .map((line) => (groups.length === 2 ? line : line.slice(0, sizes.length + 1))),
  );
}

function linesOf(variable: DescribedVariable, language: Language): readonly (readonly string[])[] {
  const summaries = [variable.total, ...variable.groups];
  const difference = variable.differences?.[0]?.value.toFixed(3) ?? "";
  const missing = summaries.every((summary) => summary.missing.n === 0)
    ? []
    : [[`  ${words.missing[language]}`, ...summaries.map((summary) => count(summary.missing)), ""]];
  if (variable.kind === "number") {
    const numbers = [variable.total, ...variable.groups];
    return [
      [variable.variable, ...numbers.map(meanOf), difference],
      ...(numbers.some(({ quartiles }) => quartiles !== undefined) ? [[`  ${words.median[language]}`, ...numbers.map(medianOf), ""]] : []),
      ...missing,
    ];
  }
  const levels = [variable.total, ...variable.groups];
  const lines = variable.levels.map((level, i) => [
    `${variable.variable} = ${level}`,
    ...levels.map((of) => shareOf(of, i)),
    i === variable.levels.length - 1 ? difference : "",
  ]);
  return [...lines, ...missing];
}

const count = ({ n, lessThan }: ReportedCount): string => (n === undefined ? (lessThan === undefined ? "–" : `<${lessThan}`) : String(n));

const digits = (value: number): string => value.toPrecision(4);

const meanOf = ({ mean, standardDeviation }: NumberSummary): string =>
  mean === undefined ? "–" : `${digits(mean)} (${standardDeviation === undefined ? "–" : digits(standardDeviation)})`;

function medianOf({ quartiles }: NumberSummary): string {
  const [low, middle, high] = quartiles?.map(({ value }) => digits(value)) ?? [];
  return middle === undefined ? "–" : `${middle} (${low}–${high})`;
}

function shareOf({ n, counts }: LevelsSummary, level: number): string {
  const found = counts[level] ?? {};
  return found.n === undefined || n.n === undefined || n.n === 0 ? count(found) : `${found.n} (${((100 * found.n) / n.n).toFixed(1)} %)`;
}
