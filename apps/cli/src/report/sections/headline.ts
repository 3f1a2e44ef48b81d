/** The first thing read: the question, the answer in one sentence, four figures. */

import type { StudyResult } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { refusalWords } from "../../refusal-words.ts";
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
${question(edition)}
<p class="answer">${edition.say(refusal === undefined ? report.answer() : refusalText(refusal))}</p>
${keyFigures(edition, report)}</header>
`;
}

/** A study that nobody has put into a question is asked by its title alone. */
function question(edition: Edition): Html | undefined {
  const { title, question: asked } = edition.options.words;
  return edition.say(asked) === edition.say(title) ? undefined : html`<p class="question">${edition.say(asked)}</p>`;
}

function refusalText({ code, columns }: NonNullable<StudyResult["analysis"]["refusal"]>): Text {
  const reason = refusalWords(code).brief;
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
