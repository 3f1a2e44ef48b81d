/** A meta-analysis on a terminal: one line a coefficient, then why it is a meta-analysis and which hospitals are in it. */

import type { MetaAnalysis } from "@dure/federation/coordinator";
import { type Language, type Text, text } from "@dure/kernel";
import { leftOutWords } from "../meta-analysis-words.ts";
import { formatTable } from "../text-table.ts";

const words = {
  term: text("term", "항목"),
  estimate: text("estimate", "추정값"),
  standardError: text("SE", "표준오차"),
  interval: text("95 % interval", "95 % 신뢰구간"),
  p: text("p", "p"),
  tauSquared: text("tau²", "τ²"),
  iSquared: text("I²", "I²"),
  reason: text("Meta-analysis, because:", "메타분석을 한 이유:"),
} satisfies Record<string, Text>;

export function formatMetaAnalysis({ terms, effects, reason, hospitals }: MetaAnalysis, language: Language): string {
  const right = (name: keyof typeof words) => ({ heading: words[name][language], align: "right" as const });
  const isRandom = effects === "random";
  const table = formatTable(
    [
      { heading: words.term[language] },
      right("estimate"),
      right("standardError"),
      right("interval"),
      right("p"),
      ...(isRandom ? [right("tauSquared")] : []),
      right("iSquared"),
    ],
    terms.map(({ name, estimate, standardError, ci95, p, random, heterogeneity }) => [
      name,
      estimate.toFixed(5),
      standardError.toFixed(5),
      ci95.map((end) => end.toFixed(4)).join(ci95[0] < 0 ? " ~ " : "–"),
      p < 0.0001 ? "<0.0001" : p.toFixed(4),
      ...(isRandom ? [random === undefined ? "–" : random.tauSquared.toPrecision(4)] : []),
      heterogeneity === undefined ? "–" : `${Math.round(100 * heterogeneity.iSquared)} %`,
    ]),
  );
  return [table, `${words.reason[language]} ${reason}`, leftOutWords(hospitals)[language]].join("\n\n");
}
