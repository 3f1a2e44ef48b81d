/** Every failed check by severity and table, those that could not be made, and the passes that have faults all the same. */

import { type CheckResult, checkTypeOf, SEVERITIES, type Severity, wordsOf } from "@dure/clinical/quality";
import { type Text, text } from "@dure/kernel";
import { formatInteger } from "../format.ts";
import { type Html, html } from "../html.ts";
import { percentOf, violatedOf } from "./groups.ts";
import type { QualityEdition } from "./quality-edition.ts";
import { sparkline } from "./sparkline.ts";
import { describePlace, formatFaults, SEVERITY_WORDS } from "./words.ts";

/** Failed checks by table and severity: where the work lies. */
export function renderByTable({ report, say }: QualityEdition): Html {
  const failed = report.results.filter(({ status }) => status === "failed");
  if (failed.length === 0) return html``;
  const rows = [...Map.groupBy(failed, ({ check }) => check.table)].toSorted(
    ([, a], [, b]) => countOf(b, "fatal") - countOf(a, "fatal") || b.length - a.length,
  );
  const cells = (results: readonly CheckResult[]) =>
    SEVERITIES.map((severity) => html`<td class="figure">${formatInteger(countOf(results, severity))}</td>`);
  return html`<section>
<h2>${say(text("Failed checks by table", "테이블별 실패 건수"))}</h2>
<table><thead><tr><th scope="col">${say(text("Table", "테이블"))}</th>${SEVERITIES.map((severity) => html`<th scope="col" class="figure">${say(SEVERITY_WORDS[severity].label)}</th>`)}<th scope="col" class="figure">${say(text("All", "합계"))}</th></tr></thead>
<tbody>${rows.map(([table, results]) => html`<tr><th scope="row"><code>${table}</code></th>${cells(results)}<td class="figure">${formatInteger(results.length)}</td></tr>`)}
<tr><th scope="row" class="total">${say(text("All tables", "전체"))}</th>${cells(failed)}<td class="figure total">${formatInteger(failed.length)}</td></tr></tbody></table>
</section>
`;
}

export function renderFailures(edition: QualityEdition): Html {
  const sections = SEVERITIES.map((severity) => renderSeverity(edition, severity));
  return html`${sections}${renderErrors(edition)}${renderPassedWithFaults(edition)}`;
}

function renderSeverity(edition: QualityEdition, severity: Severity): Html {
  const { report, say } = edition;
  const failed = report.results.filter(({ status, check }) => status === "failed" && checkTypeOf(check.name).severity === severity);
  if (failed.length === 0) return html``;
  const { label, meaning } = SEVERITY_WORDS[severity];
  const tables = [...Map.groupBy(failed, ({ check }) => check.table)].map(
    ([table, results]) =>
      html`<h3><code>${table}</code></h3>\n${renderResults(edition, results, text(`Failed checks of ${table}`, `${table}의 실패한 점검`))}`,
  );
  const heading = text(`${label.en}: ${failed.length} failed`, `${label.ko}: 실패 ${failed.length}건`);
  return html`<section class="failures">
<h2>${say(heading)}</h2>
<p>${say(meaning)}</p>
${tables}</section>
`;
}

function renderResults(edition: QualityEdition, results: readonly CheckResult[], caption: Text): Html {
  const { say } = edition;
  const rows = results
    .toSorted((a, b) => percentOf(b) - percentOf(a) || violatedOf(b) - violatedOf(a))
    .map((result) => renderRow(edition, result));
  const hasTrend = edition.report.trend.length > 1;
  return html`<table class="results" aria-label="${say(caption)}"><thead><tr><th scope="col">${say(text("Where", "위치"))}</th><th scope="col">${say(text("What", "내용"))}</th><th scope="col" class="figure">${say(text("At fault", "오류"))}</th><th scope="col" class="figure">${say(text("Accepted", "허용"))}</th>${hasTrend ? html`<th scope="col">${say(text("Trend", "추이"))}</th>` : undefined}</tr></thead>
<tbody>${rows}</tbody></table>
`;
}

function renderRow(edition: QualityEdition, result: CheckResult): Html {
  const { say, language, report } = edition;
  const trend = report.trend.length > 1 ? html`<td>${sparkline(report.history.get(result.id) ?? [], language)}</td>` : undefined;
  return html`<tr><th scope="row"><code>${describePlace(result)}</code></th><td>${say(wordsOf(result.check.name).label)}</td><td class="figure">${formatFaults(result, percentOf(result), language)}</td><td class="figure">${threshold(result, say)}</td>${trend}</tr>
`;
}

/** Up to which share; with the name of whoever changed the default. */
function threshold({ check }: CheckResult, say: QualityEdition["say"]): Html {
  const { thresholdPercent = 0, thresholdSource } = check;
  const share = thresholdPercent === 0 ? say(text("none", "없음")) : say(text(`up to ${thresholdPercent} %`, `${thresholdPercent} %까지`));
  const author =
    thresholdSource.kind === "site" ? html`<span class="set-by">${thresholdSource.author} ${thresholdSource.date}</span>` : undefined;
  return html`${share}${author}`;
}

function renderErrors({ report, say }: QualityEdition): Html {
  const errors = report.results.filter(({ status }) => status === "error");
  if (errors.length === 0) return html``;
  const rows = errors.map(
    ({ check, errorCode, id }) =>
      html`<tr><th scope="row"><code>${id}</code></th><td>${say(wordsOf(check.name).label)}</td><td><code>${errorCode}</code></td></tr>`,
  );
  const why = text(
    "The database could not answer these. That is neither a pass nor a failure, and no study may rely on what they were to show.",
    "데이터베이스가 답하지 못한 점검입니다. 통과도 실패도 아니며, 이 점검이 보여야 할 내용에 연구가 의존해서는 안 됩니다.",
  );
  return html`<section>
<h2>${say(text(`Could not be checked: ${errors.length}`, `점검 불가: ${errors.length}건`))}</h2>
<p>${say(why)}</p>
<table><thead><tr><th scope="col">${say(text("Check", "점검"))}</th><th scope="col">${say(text("What", "내용"))}</th><th scope="col">${say(text("Kind of fault", "오류 종류"))}</th></tr></thead><tbody>${rows}</tbody></table>
</section>
`;
}

function renderPassedWithFaults(edition: QualityEdition): Html {
  const { report, say } = edition;
  const passed = report.results.filter((result) => result.status === "passed" && violatedOf(result) > 0);
  if (passed.length === 0) return html``;
  const tables = [...Map.groupBy(passed, ({ check }) => check.table)].map(
    ([table, results]) =>
      html`<h3><code>${table}</code></h3>\n${renderResults(edition, results, text(`Passed with faults in ${table}`, `${table}에서 오류가 있으나 통과한 점검`))}`,
  );
  const why = text(
    "They stay below the accepted share. An accepted share is not a clean table: the counts are here.",
    "허용 비율 이내이지만 오류가 없는 것은 아닙니다. 건수를 확인해 주십시오.",
  );
  return html`<section>
<h2>${say(text(`Passed with faults: ${passed.length}`, `오류가 있으나 통과: ${passed.length}건`))}</h2>
<p>${say(why)}</p>
<details><summary>${say(text("Show them", "목록 보기"))}</summary>
${tables}</details>
</section>
`;
}

const countOf = (results: readonly CheckResult[], severity: Severity): number =>
  results.filter(({ check }) => checkTypeOf(check.name).severity === severity).length;
