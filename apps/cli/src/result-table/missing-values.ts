/** What was missing on a terminal: the method, a line a variable and, of multiple imputation, what each coefficient lost by it. */

import type { MissingValuesReport } from "@dure/federation/coordinator";
import { type Language, type Text, text } from "@dure/kernel";
import { absentWords, filledWords, methodWords } from "../missing-values-words.ts";
import { formatTable } from "../text-table.ts";

const words = {
  variable: text("missing", "결측 변수"),
  count: text("n", "n"),
  share: text("share", "비율"),
  filled: text("filled in", "채운 방법"),
  term: text("term", "항목"),
  df: text("df", "자유도"),
  fraction: text("missing information", "결측 정보 비율"),
} satisfies Record<string, Text>;

export function formatMissing(report: MissingValuesReport, language: Language): string {
  const right = (name: keyof typeof words) => ({ heading: words[name][language], align: "right" as const });
  if (report.variables.length === 0) return text("No value of a feature was missing.", "특성 변수에 결측값이 없었습니다.")[language];
  const variables = formatTable(
    [{ heading: words.variable[language] }, right("count"), right("share"), { heading: words.filled[language] }],
    report.variables.map((row) => [
      row.variable,
      row.missing.n === undefined ? `<${row.missing.lessThan ?? ""}` : String(row.missing.n),
      row.share === undefined ? "–" : `${(100 * row.share).toFixed(1)} %`,
      filledWords(row)[language],
    ]),
  );
  const absent = absentWords(report.variables, (variable) => variable);
  const terms = formatTable(
    [{ heading: words.term[language] }, right("df"), right("fraction")],
    (report.terms ?? []).map(({ name, df, fractionMissingInformation }) => [
      name,
      df.toFixed(1),
      `${(100 * fractionMissingInformation).toFixed(1)} %`,
    ]),
  );
  return [
    methodWords(report)[language],
    variables,
    ...(absent === undefined ? [] : [absent[language]]),
    ...(report.terms === undefined ? [] : [terms]),
  ].join("\n\n");
}
