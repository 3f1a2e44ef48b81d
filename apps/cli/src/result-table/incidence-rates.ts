/** Incidence rates on a terminal: one line a group, all together first. */

import type { IncidenceAnalysis, RateGroup } from "@dure/federation/coordinator";
import { type Language, type Text, text } from "@dure/kernel";
import { formatTable } from "../text-table.ts";

const words = {
  group: text("group", "집단"),
  everybody: text("all", "전체"),
  patients: text("patients", "환자 수"),
  events: text("events", "사건"),
  time: text("person-time", "관찰 기간"),
  rate: text("rate", "발생률"),
  ratio: text("rate ratio", "발생률비"),
  standardised: text("standardised", "표준화"),
  standardisedRatio: text("standardised ratio", "표준화 발생률비"),
} satisfies Record<string, Text>;

export function formatRates(analysis: IncidenceAnalysis, language: Language): string {
  const word = (name: keyof typeof words): string => words[name][language];
  const right = (name: keyof typeof words) => ({ heading: word(name), align: "right" as const });
  const rows = [...(analysis.total === undefined ? [] : [analysis.total]), ...analysis.groups];
  const hasRatio = rows.some(({ ratio }) => ratio !== undefined);
  const hasStandardisedRatio = rows.some(({ standardisedRateRatio }) => standardisedRateRatio !== undefined);
  const isStandardised = analysis.standardisation !== undefined;
  return formatTable(
    [
      { heading: word("group") },
      right("patients"),
      right("events"),
      right("time"),
      { heading: `${word("rate")} / ${analysis.per}`, align: "right" as const },
      ...(isStandardised ? [right("standardised")] : []),
      ...(hasRatio ? [right("ratio")] : []),
      ...(hasStandardisedRatio ? [right("standardisedRatio")] : []),
    ],
    rows.map((row) => [
      row.level ?? word("everybody"),
      String(row.n),
      row.events === undefined ? "–" : String(row.events),
      row.personTime.toFixed(1),
      withInterval(row.rate),
      ...(isStandardised ? [withInterval(row.standardisedRate ?? row.standardisedRatio)] : []),
      ...(hasRatio ? [withInterval(row.ratio)] : []),
      ...(hasStandardisedRatio ? [withInterval(row.standardisedRateRatio)] : []),
    ]),
  );
}

function withInterval(found: RateGroup["rate"] | RateGroup["ratio"]): string {
  if (found === undefined) return "–";
  const [low, high] = found.ci95;
  return `${found.estimate.toPrecision(4)} (${low.toPrecision(4)}–${high === null ? "∞" : high.toPrecision(4)})`;
}
