/** Table one: every variable, of all patients and of each group, with the differences between the groups. */

import type { DescribeAnalysis, DescribedVariable, LevelsSummary, NumberSummary } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { drawLovePlot } from "../charts/love-plot.ts";
import type { Edition } from "../edition.ts";
import { formatCount, formatDecimal, formatInteger, formatP, formatPercent } from "../format.ts";
import { type Html, html } from "../html.ts";
import { type Column, note, paragraph, renderFigure, renderSection, renderTable } from "./parts.ts";

export function renderTableOne(edition: Edition, analysis: DescribeAnalysis): Html {
  return renderSection(edition, {
    name: "table-one",
    title: text("Who are the patients?", "어떤 환자들입니까?"),
    body: [
      paragraph(
        edition,
        text(
          "Each variable is described among the patients who have a value; how many have none stands below it. Numbers: mean (standard deviation), and median with quartiles. Levels: patients (share).",
          "변수마다 값이 있는 환자만 기술하고, 값이 없는 환자 수는 그 아래에 적었습니다. 숫자는 평균(표준편차)과 중앙값 및 사분위수, 범주는 환자 수(비율)입니다.",
        ),
      ),
      table(edition, analysis),
      ...differenceFigure(edition, analysis),
      ...notes(edition, analysis),
    ],
  });
}

interface Row {
  readonly label: Html;
  /** Of all patients, then of each group. */
  readonly cells: readonly string[];
  readonly difference: string;
  readonly p: string;
}

function table(edition: Edition, analysis: DescribeAnalysis): Html {
  const { groups, variables, n } = analysis;
  const heading = (name: Text, size: number): Text => text(`${name.en} (${formatInteger(size)})`, `${name.ko}(${formatInteger(size)}명)`);
  const columnAt = (title: Text, index: number): Column<Row> => ({ title, numeric: true, cell: ({ cells }) => cells[index] ?? "–" });
  const hasDifferences = variables.some(({ differences }) => differences !== undefined);
  const rows = variables.flatMap((variable) => rowsOf(edition, analysis, variable));
  return renderTable(edition, {
    caption: groups.length === 0 ? text("Training hospitals together", "학습 병원 전체") : groupCaption(edition, analysis),
    columns: [
      { title: text("Variable", "변수"), cell: ({ label }: Row) => label },
      columnAt(heading(text("All", "전체"), n), 0),
      ...groups.map(({ level, n: size }, i) => columnAt(heading(levelName(edition, level), size), i + 1)),
      ...(hasDifferences
        ? [{ title: text("Standardised difference", "표준화 차이"), numeric: true, cell: (row: Row) => row.difference }]
        : []),
      ...(rows.some(({ p }) => p !== "") ? [{ title: text("p", "p"), numeric: true, cell: (row: Row) => row.p }] : []),
    ],
    rows,
  });
}

function groupCaption(edition: Edition, { group }: DescribeAnalysis): Text {
  const name = edition.variableName(group?.variable ?? "");
  const reference = levelName(edition, group?.reference ?? "");
  return text(`By ${name}; differences are against “${reference.en}”`, `${name}별. 차이는 ‘${reference.ko}’ 대비`);
}

/** Two groups or more, and as many marks as can be told apart. */
const COMPARED_MAX = 3;

function differenceFigure(edition: Edition, { groups, group, variables }: DescribeAnalysis): readonly Html[] {
  const compared = groups.filter(({ level }) => level !== group?.reference);
  const rows = variables.flatMap(({ variable, differences = [] }) => {
    const sizes = compared.flatMap(({ level }) => differences.find((difference) => difference.level === level)?.value ?? []);
    return sizes.length < compared.length ? [] : [{ label: edition.variableName(variable), differences: sizes.map(Math.abs) }];
  });
  if (rows.length === 0 || compared.length === 0 || compared.length > COMPARED_MAX) return [];
  const chart = drawLovePlot({
    id: edition.id("differences"),
    description: edition.say(
      text(
        "Absolute standardised differences by variable; the figures are in the table above.",
        "변수별 표준화 차이의 절댓값. 수치는 위 표에 있습니다.",
      ),
    ),
    axisName: edition.say(text("Absolute standardised difference", "표준화 차이(절댓값)")),
    series: compared.map(({ level }) => edition.say(levelName(edition, level))),
    rows,
  });
  const caption = text("How far the groups are apart; 0.1 is dashed.", "집단 간 차이. 점선은 0.1입니다.");
  return [renderFigure(chart, edition.say(caption))];
}

/** A yes/no variable's levels in words; a category's as the study names them. */
export function levelName(_: Edition, level: string): Text {
  if (level === "yes") return text("yes", "예");
  return level === "no" ? text("no", "아니요") : text(level, level);
}

function rowsOf(edition: Edition, analysis: DescribeAnalysis, variable: DescribedVariable): readonly Row[] {
  const difference = differenceWords(edition, analysis, variable);
  return variable.kind === "number" ? numberRows(edition, variable, difference) : levelRows(edition, variable, difference);
}

type OfKind<Kind extends DescribedVariable["kind"]> = Extract<DescribedVariable, { readonly kind: Kind }>;

function numberRows(edition: Edition, variable: OfKind<"number">, difference: string): readonly Row[] {
  const summaries = [variable.total, ...variable.groups];
  const digits = digitsOf(summaries);
  const { means, ranks } = variable;
  const mean = (of: NumberSummary): string =>
    of.mean === undefined
      ? "–"
      : `${formatDecimal(of.mean, digits)} (${of.standardDeviation === undefined ? "–" : formatDecimal(of.standardDeviation, digits)})`;
  const median = ({ quartiles }: NumberSummary): string => {
    const [low, middle, high] = quartiles?.map(({ value }) => formatDecimal(value, digits)) ?? [];
    return middle === undefined ? "–" : `${middle} (${low}\u2060–\u2060${high})`;
  };
  const hasQuartiles = summaries.some(({ quartiles }) => quartiles !== undefined);
  return [
    { label: nameOf(edition, variable), cells: summaries.map(mean), difference, p: means === undefined ? "" : formatP(means.p) },
    ...(hasQuartiles || ranks !== undefined
      ? [{ label: inner(edition, MEDIAN), cells: summaries.map(median), difference: "", p: ranks === undefined ? "" : formatP(ranks.p) }]
      : []),
    ...missingRow(edition, summaries),
  ];
}

const MEDIAN = text("median (quartiles)", "중앙값(사분위수)");

/** So many decimals that the smallest deviation has two digits. */
function digitsOf(summaries: readonly NumberSummary[]): number {
  const spreads = summaries.flatMap(({ standardDeviation: spread }) => (spread !== undefined && spread > 0 ? [spread] : []));
  return spreads.length === 0 ? 1 : Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(Math.min(...spreads)))));
}

function levelRows(edition: Edition, variable: OfKind<"boolean" | "category">, difference: string): readonly Row[] {
  const summaries = [variable.total, ...variable.groups];
  const share = (of: LevelsSummary, level: number): string => {
    const count = of.counts[level] ?? {};
    const total = of.n.n ?? 0;
    return count.n === undefined || total === 0 ? formatCount(count) : `${formatCount(count)} (${formatPercent(count.n / total)})`;
  };
  const p = levelP(variable);
  const rowOf = (level: number, label: Html, own: Pick<Row, "difference" | "p">): Row => ({
    label,
    cells: summaries.map((of) => share(of, level)),
    ...own,
  });
  const levels =
    variable.kind === "boolean"
      ? [rowOf(1, nameOf(edition, variable), { difference, p })]
      : [
          { label: nameOf(edition, variable), cells: summaries.map(() => ""), difference, p },
          ...variable.levels.map((level, i) => rowOf(i, inner(edition, text(level, level)), { difference: "", p: "" })),
        ];
  return [...levels, ...missingRow(edition, summaries)];
}

function levelP({ chiSquared, fisher }: OfKind<"boolean" | "category">): string {
  const tests = [
    ...(chiSquared === undefined ? [] : [formatP(chiSquared.p)]),
    ...(fisher?.kind === "tested" ? [`${formatP(fisher.test.p)}†`] : []),
  ];
  return tests.join(" / ");
}

/** Only where some patients have no value, or it is not told how many. */
function missingRow(edition: Edition, summaries: readonly (NumberSummary | LevelsSummary)[]): readonly Row[] {
  if (summaries.every(({ missing }) => missing.n === 0)) return [];
  return [
    {
      label: inner(edition, text("no value", "값 없음")),
      cells: summaries.map(({ missing }) => formatCount(missing)),
      difference: "",
      p: "",
    },
  ];
}

const nameOf = (edition: Edition, { variable }: DescribedVariable): Html => html`${edition.variableName(variable)}`;

const inner = (edition: Edition, words: Text): Html => html`<span class="reason">${edition.say(words)}</span>`;

function differenceWords(edition: Edition, { groups }: DescribeAnalysis, { differences = [] }: DescribedVariable): string {
  if (groups.length <= 2) return differences.map(({ value }) => formatDecimal(value, 3)).join("");
  return differences.map(({ level, value }) => `${edition.say(levelName(edition, level))} ${formatDecimal(value, 3)}`).join("; ");
}

function notes(edition: Edition, { variables, groups }: DescribeAnalysis): readonly Html[] {
  const k = edition.result.study.minimumCell;
  const numbers = variables.filter((variable) => variable.kind === "number");
  const hasTests = variables.some(
    (variable) => (variable.kind === "number" ? (variable.means ?? variable.ranks) : variable.chiSquared) !== undefined,
  );
  const hasQuartiles = k > 0 && numbers.some(({ total }) => total.quartiles !== undefined);
  const isRounded = numbers.some((variable) => variable.isRounded === true);
  const tooLarge = variables.flatMap((variable) =>
    variable.kind !== "number" && variable.fisher?.kind === "refused" && variable.fisher.code === "too-many-tables"
      ? [edition.variableName(variable.variable)]
      : [],
  );
  const unsupported = numbers
    .filter((variable) => variable.unsupported !== undefined)
    .map(({ variable }) => edition.variableName(variable));
  return [
    ...(hasTests ? [note(edition, testWords(groups.length))] : []),
    ...(tooLarge.length > 0 ? [note(edition, tooLargeWords(tooLarge))] : []),
    ...(hasQuartiles ? [note(edition, quartileWords(k))] : []),
    ...(isRounded ? [note(edition, ROUNDED)] : []),
    ...(unsupported.length > 0 ? [note(edition, unsupportedWords(unsupported, k))] : []),
  ];
}

const testWords = (groupCount: number): Text =>
  groupCount === 2
    ? text(
        "p: Welch’s t for means, Wilcoxon’s rank sum for medians (values in bins, ties corrected), Pearson’s χ² for levels, † Fisher’s exact test. No correction for many tests.",
        "p: 평균은 웰치 t 검정, 중앙값은 윌콕슨 순위합 검정(구간별 값, 동점 보정), 범주는 피어슨 χ² 검정, †는 피셔 정확 검정. 다중 검정은 보정하지 않았습니다.",
      )
    : text(
        "p: Welch’s analysis of variance for means, Kruskal and Wallis for medians (values in bins, ties corrected), Pearson’s χ² for levels, † Fisher’s exact test. No correction for many tests.",
        "p: 평균은 웰치 분산분석, 중앙값은 크러스컬-월리스 검정(구간별 값, 동점 보정), 범주는 피어슨 χ² 검정, †는 피셔 정확 검정. 다중 검정은 보정하지 않았습니다.",
      );

const tooLargeWords = (names: readonly string[]): Text =>
  text(
    `Fisher’s test is left out of: ${names.join(", ")}; there are too many tables with these totals.`,
    `피셔 정확 검정을 하지 않은 변수: ${names.join(", ")}. 합계가 같은 표가 너무 많습니다.`,
  );

const quartileWords = (k: number): Text =>
  text(
    `Medians and quartiles are the roundest number of an interval that holds at least ${k} patients and the quantile; result.json says how wide it is.`,
    `중앙값과 사분위수는 환자 ${k}명 이상과 해당 분위수를 포함하는 구간에서 가장 간단한 숫자입니다. 구간의 폭은 result.json 에 있습니다.`,
  );

const ROUNDED = text(
  "Where a count is hidden, means and standard deviations are rounded to about a tenth of a deviation; exact ones would tell the count.",
  "숨긴 수가 있는 변수의 평균과 표준편차는 표준편차의 10분의 1 정도로 반올림했습니다. 정확한 값에서 그 수를 알아낼 수 있기 때문입니다.",
);

const unsupportedWords = (names: readonly string[], k: number): Text =>
  text(
    `Fewer than ${k} patients of a group differ in, or one hospital alone has: ${names.join(", ")}. Such figures are not told.`,
    `집단 안에서 값이 다른 환자가 ${k}명 미만이거나 한 병원에만 값이 있는 변수: ${names.join(", ")}. 해당 수치는 표시하지 않습니다.`,
  );
