/** The first thing read: the question, the answer in one sentence, four figures. */

import type { StudyResult } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import type { AnalysisReport } from "../analysis-report.ts";
import type { Edition } from "../edition.ts";
import { formatInteger } from "../format.ts";
import { type Html, html } from "../html.ts";

export function renderHeadline(edition: Edition, report: AnalysisReport): Html {
  const { words, record } = edition.options;
  const { refusal } = edition.result.analysis;
  return html`<header class="masthead">
<p class="kicker">${edition.say(text("Study report", "연구 결과 보고서"))} · ${record.reportedOn}</p>
<h1>${edition.say(words.title)}</h1>
<p class="question">${edition.say(words.question)}</p>
<p class="answer">${edition.say(refusal === undefined ? report.answer() : refusalText(refusal))}</p>
${keyFigures(edition, report)}</header>
`;
}

const REFUSALS: ReadonlyMap<string, Text> = new Map([
  [
    "separated",
    text(
      "a variable separates the patients with the outcome from those without",
      "한 변수가 결과가 발생한 환자와 그렇지 않은 환자를 완전히 구분합니다",
    ),
  ],
  ["unsupported-column", text("too few patients carry a variable", "한 변수에 해당하는 환자가 너무 적습니다")],
  ["constant-column", text("a variable is the same in all patients", "한 변수의 값이 모든 환자에서 같습니다")],
  ["collinear-column", text("a variable follows from the others", "한 변수가 다른 변수들로부터 결정됩니다")],
  ["too-few-sites", text("too few hospitals took part", "참여한 병원이 너무 적습니다")],
  ["patience-over", text("a hospital stayed away for too long", "한 병원이 너무 오래 응답하지 않았습니다")],
  ["not-converged", text("the fit did not settle", "모형 적합이 수렴하지 않았습니다")],
  ["level-at-one-site", text("one hospital alone has a level of a variable", "변수의 한 수준이 한 병원에만 있습니다")],
  ["group-at-one-site", text("a group has patients at one hospital only", "한 병원에만 환자가 있는 집단이 있습니다")],
  ["too-few-in-a-group", text("a group has too few patients", "환자가 너무 적은 집단이 있습니다")],
  ["unsupported-cause", text("a kind of event occurred too seldom", "너무 드물게 발생한 사건이 있습니다")],
  ["too-many-intervals", text("the time grid is too fine for so many variables", "변수의 수에 비해 시간 격자가 너무 촘촘합니다")],
  ["too-few-in-a-stratum", text("a stratum has too few patients", "환자가 너무 적은 층이 있습니다")],
  ["stratum-at-one-site", text("a stratum has patients at one hospital only", "한 병원에만 환자가 있는 층이 있습니다")],
  ["no-person-time", text("a group or stratum was not followed for any time", "추적 기간이 없는 집단이나 층이 있습니다")],
  ["unsupported-group", text("a group has too few events", "사건이 너무 적은 집단이 있습니다")],
  ["one-arm", text("all patients had the same treatment", "모든 환자가 같은 치료를 받았습니다")],
  ["arm-too-small", text("too few patients had one of the two treatments", "두 치료 중 하나를 받은 환자가 너무 적습니다")],
  ["arm-at-one-site", text("one of the two treatments was given at one hospital only", "두 치료 중 하나를 한 병원에서만 사용했습니다")],
  ["arm-with-too-few-events", text("one of the two treatments has too few outcomes", "두 치료 중 하나에서 결과 발생이 너무 적습니다")],
  ["level-in-one-arm", text("a level has patients with one treatment only", "한 가지 치료만 받은 수준이 있습니다")],
  ["treatment-separated", text("a variable tells completely who was treated", "한 변수가 치료 여부를 완전히 결정합니다")],
  [
    "propensity-at-bounds",
    text(
      "some patients were certain to have their treatment and cannot be compared",
      "치료 여부가 확실하여 비교할 수 없는 환자가 있습니다",
    ),
  ],
  ["weights-not-positive", text("the weights of an arm add up to nothing", "한 군의 가중치 합이 0입니다")],
  ["too-few-rows", text("there are too few patients", "환자 수가 너무 적습니다")],
  [
    "monotone-likelihood",
    text(
      "a variable orders the events completely, so that its hazard ratio is infinite",
      "한 변수가 사건의 순서를 완전히 결정하여 위험비가 무한해집니다",
    ),
  ],
  ["no-events", text("no patient has the event", "사건이 발생한 환자가 없습니다")],
  ["too-few-events", text("too few patients have the event", "사건이 발생한 환자가 너무 적습니다")],
  ["too-many-columns", text("there are too many variables for so few patients", "환자 수에 비해 변수가 너무 많습니다")],
  [
    "no-overdispersion",
    text("the counts vary no more than a Poisson distribution has them", "횟수의 변동이 포아송 분포보다 크지 않습니다"),
  ],
  ["varies-at-one-site", text("a variable varies within one hospital at most", "변수의 값이 서로 다른 병원이 많아야 하나뿐입니다")],
  [
    "fold-too-small",
    text("a fifth of the patients is too few to choose the penalty", "환자를 다섯으로 나눈 묶음이 너무 작아 벌점을 고를 수 없습니다"),
  ],
  ["perfect-fit", text("the variables give every outcome exactly", "변수들이 결과를 정확히 결정합니다")],
  ["one-class", text("all patients have the same outcome", "모든 환자의 결과가 같습니다")],
  ["known-at-few-sites", text("fewer than three hospitals have a variable", "변수를 가진 병원이 세 곳보다 적습니다")],
  [
    "too-few-complete-rows",
    text("too few patients have what the model of a missing variable needs", "결측 변수의 모형에 필요한 값을 가진 환자가 너무 적습니다"),
  ],
  ["missing-patterns-too-close", text("two variables are missing in nearly the same patients", "두 변수가 거의 같은 환자에서 결측입니다")],
  ["imputation-not-converged", text("the model of a missing variable did not settle", "결측 변수의 모형이 수렴하지 않았습니다")],
  ["too-many-imputations", text("too many imputations for one run", "한 번에 실행하기에 대체 횟수가 너무 많습니다")],
  ["all-missing-column", text("a variable is missing for every patient", "모든 환자에서 결측인 변수가 있습니다")],
  [
    "too-few-hospitals",
    text("too few hospitals have a fit of their own that could be pooled", "합칠 수 있는 자체 모형을 만든 병원이 너무 적습니다"),
  ],
]);

function refusalText({ code, columns }: NonNullable<StudyResult["analysis"]["refusal"]>): Text {
  const reason = REFUSALS.get(code) ?? text(code, code);
  const place = columns.length === 0 ? "" : ` (${columns.join(", ")})`;
  return text(`The study ended without a result: ${reason.en}${place}.`, `이 연구에서는 결과를 얻지 못했습니다: ${reason.ko}${place}.`);
}

function keyFigures(edition: Edition, report: AnalysisReport): Html {
  const { analysis } = edition.result;
  const { n } = analysis;
  const events = "events" in analysis ? analysis.events : undefined;
  const figures: readonly (readonly [string, Text])[] = [
    [
      `${edition.result.run.sites} + ${edition.externalHospitals.length}`,
      text("hospitals: training + external", "참여 병원: 학습 + 외부 검증"),
    ],
    [formatInteger(n), report.patients],
    ...(events === undefined ? [] : [[formatShare(events, n), report.events] as const]),
    ["0", text("patient records that left a hospital", "병원 밖으로 나간 환자 기록")],
  ];
  const items = figures.map(([value, label]) => html`<div><dt>${edition.say(label)}</dt><dd>${value}</dd></div>`);
  return html`<dl class="key-figures">${items}</dl>\n`;
}

const formatShare = (events: number, n: number): string => `${formatInteger(events)} (${n === 0 ? 0 : Math.round((100 * events) / n)} %)`;
