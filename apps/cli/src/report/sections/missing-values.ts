/** What was missing, what stands in its place, and what each coefficient lost by it. */

import type { MissingValuesReport, MissingVariable, PooledTerm } from "@dure/federation/coordinator";
import { text } from "@dure/kernel";
import { absentWords, filledWords, methodWords } from "../../missing-values-words.ts";
import type { Edition } from "../edition.ts";
import { formatCount, formatDecimal, formatPercent } from "../format.ts";
import type { Html } from "../html.ts";
import { note, paragraph, renderSection, renderTable } from "./parts.ts";

/** Nothing where the study leaves rows with a missing value out. */
export function renderMissingValues(edition: Edition): readonly Html[] {
  const { missing } = edition.result.analysis;
  return missing === undefined ? [] : [renderSection(edition, { name: "missing-values", title: TITLE, body: body(edition, missing) })];
}

const TITLE = text("What was missing?", "무엇이 결측되었습니까?");

function body(edition: Edition, report: MissingValuesReport): readonly Html[] {
  if (report.variables.length === 0) {
    return [paragraph(edition, text("No value of a feature was missing.", "특성 변수에 결측값이 없었습니다."))];
  }
  const absent = absentWords(report.variables, (variable) => edition.variableName(variable));
  return [
    paragraph(edition, methodWords(report)),
    variableTable(edition, report.variables),
    ...(absent === undefined ? [] : [paragraph(edition, absent)]),
    ...(report.terms === undefined ? [] : [termTable(edition, report.terms)]),
    note(edition, report.method === "single-imputation" ? SINGLE : MULTIPLE),
  ];
}

function variableTable(edition: Edition, variables: readonly MissingVariable[]): Html {
  return renderTable(edition, {
    caption: text("Missing values by variable", "변수별 결측"),
    columns: [
      { title: text("Variable", "변수"), cell: (row: MissingVariable) => edition.variableName(row.variable) },
      { title: text("Missing", "결측"), numeric: true, cell: ({ missing }) => formatCount(missing) },
      { title: text("Share", "비율"), numeric: true, cell: ({ share }) => (share === undefined ? "–" : formatPercent(share)) },
      { title: text("Filled in", "채운 값"), numeric: true, cell: (row) => edition.say(filledWords(row)) },
    ],
    rows: variables,
  });
}

function termTable(edition: Edition, terms: readonly PooledTerm[]): Html {
  return renderTable(edition, {
    caption: text("What each coefficient lost by it", "계수별로 잃은 정보"),
    columns: [
      {
        title: text("Coefficient", "계수"),
        cell: ({ name }: PooledTerm) => (name === "(intercept)" ? edition.say(text("Intercept", "절편")) : edition.variableName(name)),
      },
      {
        title: text("Fraction of missing information", "결측 정보 비율"),
        numeric: true,
        cell: (term) => formatPercent(term.fractionMissingInformation),
      },
      { title: text("Between / total variance", "대체 간 분산 비율"), numeric: true, cell: (term) => formatPercent(term.varianceShare) },
      { title: text("df", "자유도"), numeric: true, cell: (term) => formatDecimal(term.df, 1) },
    ],
    rows: terms,
  });
}

const SINGLE = text(
  "Standard errors take what was put in as seen, and are too small where much is missing; coefficients of variables that go together are shared out differently than they would be without missing values. For effects, multiple imputation or complete cases are the better choice.",
  "표준오차는 채운 값을 실제 관찰값으로 취급하므로 결측이 많으면 너무 작습니다. 서로 관련된 변수의 계수도 결측이 없을 때와 다르게 나뉩니다. 효과를 추정하려면 다중 대체나 완전 사례 분석이 더 낫습니다.",
);

const MULTIPLE = text(
  "Right where what makes a value missing is seen in the other variables or the outcome (missing at random); nothing in the data can show that it is.",
  "결측 여부가 관찰된 다른 변수나 결과로 설명될 때(임의 결측) 타당합니다. 실제로 그런지는 자료로 확인할 수 없습니다.",
);
