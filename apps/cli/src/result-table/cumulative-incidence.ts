/** Cumulative incidence on a terminal: one line a group and cause. */

import type { CumulativeIncidenceAnalysis, IncidenceGroup } from "@dure/federation/coordinator";
import { type Language, type Text, text } from "@dure/kernel";
import { formatTable } from "../text-table.ts";

const words = {
  group: text("group", "집단"),
  everybody: text("all", "전체"),
  event: text("event", "사건"),
  n: text("n", "n"),
  events: text("events", "건수"),
} satisfies Record<string, Text>;

export function formatIncidence({ groups }: CumulativeIncidenceAnalysis, language: Language): string {
  const word = (name: keyof typeof words): string => words[name][language];
  const right = (heading: string) => ({ heading, align: "right" as const });
  const rows = groups.flatMap((group) => group.causes.map((cause) => ({ group, cause })));
  const times = [...new Set(rows.flatMap(({ cause }) => cause.at.map(({ time }) => time)))].sort((a, b) => a - b);
  return formatTable(
    [
      { heading: word("group") },
      { heading: word("event") },
      right(word("n")),
      right(word("events")),
      ...times.map((time) => right(`F(${time})`)),
    ],
    rows.map(({ group, cause }) => [
      groupName(group, word("everybody")),
      cause.cause,
      String(group.n),
      String(cause.events),
      ...times.map((time) => cause.at.find((at) => at.time === time)?.incidence.toFixed(4) ?? "–"),
    ]),
  );
}

const groupName = ({ group }: IncidenceGroup, everybody: string): string =>
  Object.entries(group)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ") || everybody;
