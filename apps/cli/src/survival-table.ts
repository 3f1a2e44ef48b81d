/** Survival curves on a terminal: one line a group, then the test. */

import type { KaplanMeierAnalysis, SurvivalGroup } from "@dure/federation/coordinator";
import { type Language, type Text, text } from "@dure/kernel";
import { formatTable } from "./text-table.ts";

const words = {
  group: text("group", "집단"),
  everybody: text("all", "전체"),
  n: text("n", "n"),
  events: text("events", "사건"),
  median: text("median days", "중앙값(일)"),
  interval: text("95 % interval", "95 % 신뢰구간"),
  notReached: text("not reached", "미도달"),
  logRank: text("log-rank", "로그순위"),
  bySite: text(" within hospitals", "(병원별 층화)"),
} satisfies Record<string, Text>;

export function formatSurvival(analysis: KaplanMeierAnalysis, language: Language): string {
  const word = (name: keyof typeof words): string => words[name][language];
  const right = (heading: string) => ({ heading, align: "right" as const });
  const times = [...new Set(analysis.groups.flatMap(({ at }) => at.map(({ time }) => time)))].sort((a, b) => a - b);
  const headings = [
    { heading: word("group") },
    right(word("n")),
    right(word("events")),
    right(word("median")),
    right(word("interval")),
    ...times.map((time) => right(`S(${time})`)),
  ];
  const days = (value: number | null): string => (value === null ? word("notReached") : String(value));
  const table = formatTable(
    headings,
    analysis.groups.map((group) => [
      groupName(group, word("everybody")),
      String(group.n),
      String(group.events),
      days(group.median.estimate),
      group.median.ci95.map(days).join("–"),
      ...times.map((time) => group.at.find((at) => at.time === time)?.survival.toFixed(4) ?? "–"),
    ]),
  );
  const { test } = analysis;
  if (test === undefined) return table;
  const name = `${word("logRank")}${test.strata === undefined ? "" : word("bySite")}`;
  return `${table}\n\n${name}: χ² ${test.chisq.toFixed(4)}, df ${test.df}, p ${test.p < 0.0001 ? "<0.0001" : test.p.toFixed(4)}`;
}

const groupName = ({ group }: SurvivalGroup, everybody: string): string =>
  Object.entries(group)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ") || everybody;
