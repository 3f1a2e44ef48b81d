/** The first page: can the data be used, and what is to be done first. */

import { type CheckResult, wordsOf } from "@dure/clinical/quality";
import { type Text, text } from "@dure/kernel";
import type { QualityReport } from "@dure/site/quality";
import { formatInteger } from "../format.ts";
import { type Html, html } from "../html.ts";
import { type FaultGroup, percentOf } from "./groups.ts";
import type { QualityEdition } from "./quality-edition.ts";
import { describePlace, formatFaults, remedyOf, SEVERITY_WORDS, TITLE } from "./words.ts";

/** More pieces of work than a day has room for are listed further down. */
const STEPS_MAX = 8;

export function renderHeadline(edition: QualityEdition): Html {
  const { report, say } = edition;
  const { run, organisation } = report;
  const place = text(
    `Snapshot ${run.snapshot}, checked on ${run.today}, run ${run.number}`,
    `적재본 ${run.snapshot}, 점검일 ${run.today}, ${run.number}번째 점검`,
  );
  return html`<header class="masthead">
<p class="kicker">${say(TITLE)} · ${say(place)}</p>
<h1>${organisation}</h1>
<p class="answer">${say(answer(report))}</p>
${keyFigures(edition)}</header>
`;
}

/** What a reader who stops here must know. */
function answer({ summary, run, results }: QualityReport): Text {
  const { failed, failedBySeverity, error } = summary;
  const applicable = failed + error + summary.passed;
  const unfinished =
    run.endedAtMs === undefined
      ? text(` The run was stopped after ${results.length} checks.`, ` 점검이 ${results.length}건에서 멈추었습니다.`)
      : text("", "");
  const errors = error === 0 ? text("", "") : text(` ${error} could not be checked.`, ` ${error}건은 점검하지 못했습니다.`);
  const share = text(
    `${formatInteger(failed)} of ${formatInteger(applicable)} checks that apply here failed`,
    `해당하는 점검 ${formatInteger(applicable)}건 중 ${formatInteger(failed)}건이 실패했습니다`,
  );
  const { fatal } = failedBySeverity;
  const verdict =
    failed === 0
      ? text(
          `All ${formatInteger(applicable - error)} checks that apply here and could be made passed.`,
          `해당하고 실행된 점검 ${formatInteger(applicable - error)}건이 모두 통과했습니다.`,
        )
      : fatal === 0
        ? text(`${share.en}, none of them fatal: the structure is sound.`, `${share.ko}. 치명적인 것은 없으며 구조는 온전합니다.`)
        : text(
            `${share.en}; ${fatal} of them are fatal and come first.`,
            `${share.ko}. 그중 ${fatal}건은 치명적이므로 먼저 고쳐야 합니다.`,
          );
  return text(verdict.en + errors.en + unfinished.en, verdict.ko + errors.ko + unfinished.ko);
}

function keyFigures({ report, say }: QualityEdition): Html {
  const { summary } = report;
  const figures: readonly [string, Text][] = [
    [formatInteger(summary.failedBySeverity.fatal), text("failed, fatal", "실패: 치명적")],
    [formatInteger(summary.failedBySeverity.convention), text("failed, convention", "실패: 규칙 위반")],
    [formatInteger(summary.failedBySeverity.characterization), text("failed, unlikely values", "실패: 의심 값")],
    [
      formatInteger(summary.passed),
      text(
        `passed, ${formatInteger(summary.passedWithFaults)} of them with some faults`,
        `통과. 이 중 ${formatInteger(summary.passedWithFaults)}건은 일부 오류 있음`,
      ),
    ],
    [formatInteger(summary["not-applicable"]), text("not applicable here", "해당 없음")],
  ];
  const items = figures.map(([value, label]) => html`<div><dt>${say(label)}</dt><dd>${value}</dd></div>`);
  return html`<dl class="key-figures five">${items}</dl>\n`;
}

export function renderFirstSteps({ groups, say, language }: QualityEdition): Html {
  if (groups.length === 0) return html``;
  const steps = groups.slice(0, STEPS_MAX).map((group) => renderStep(group, say, language));
  const rest = groups.length - steps.length;
  const more =
    rest <= 0
      ? undefined
      : html`<p class="note">${say(text(`${rest} more kinds of faults follow below.`, `이 밖의 오류 ${rest}종류는 아래에 있습니다.`))}</p>`;
  return html`<section>
<h2>${say(text("What to do first", "먼저 할 일"))}</h2>
<ol class="steps">${steps}</ol>
${more}</section>
`;
}

function renderStep(group: FaultGroup, say: QualityEdition["say"], language: QualityEdition["language"]): Html {
  const { results, tables, target } = group;
  const [worst] = results;
  const words = wordsOf(group.name);
  const label = target === undefined ? words.label : text(`points at nothing in ${target}`, `${target}에 참조 대상 없음`);
  const extent =
    results.length === 1
      ? text("", "")
      : text(
          ` – ${results.length} checks in ${tables.length} table${tables.length === 1 ? "" : "s"}`,
          ` – 테이블 ${tables.length}개, 점검 ${results.length}건`,
        );
  const most = worst === undefined ? "" : formatFaults(worst, percentOf(worst), language);
  return html`<li><p><span class="severity ${group.severity}">${say(SEVERITY_WORDS[group.severity].label)}</span><strong>${say(label)}</strong>${say(extent)}</p>
<p>${say(text("Most:", "가장 많은 곳:"))} <code>${worst === undefined ? "" : placeWithTable(worst)}</code>, ${most}</p>
<p>${say(remedyOf(group))}</p></li>`;
}

/** `describePlace` names the table itself where a check is of a whole table. */
const placeWithTable = (result: CheckResult): string =>
  result.check.field === undefined ? result.check.table : `${result.check.table}.${describePlace(result)}`;
