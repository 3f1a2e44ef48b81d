/** What stands behind the figures: what did not apply, FHIR requirements, the site's thresholds, earlier runs, how to read it all. */

import { type CheckResult, checkNames, checkTypeOf, type NotApplicableReason, wordsOf } from "@dure/clinical/quality";
import { text } from "@dure/kernel";
import { formatInteger } from "../format.ts";
import { type Html, html } from "../html.ts";
import type { QualityEdition } from "./quality-edition.ts";
import { sparkline } from "./sparkline.ts";
import { REASON_WORDS, SEVERITY_WORDS } from "./words.ts";

export function renderNotApplicable({ report, say }: QualityEdition): Html {
  const none = report.results.filter(({ status }) => status === "not-applicable");
  if (none.length === 0) return html``;
  const reasons = [...Map.groupBy(none, ({ reason }) => reason ?? "table-missing")].toSorted(([, a], [, b]) => b.length - a.length);
  const why = text(
    "Where there is nothing to look at, a check neither passes nor fails. A study whose variables come from here is not admitted on such a check.",
    "볼 자료가 없는 점검은 통과도 실패도 아닙니다. 연구 변수가 여기에 있다면 이런 점검으로는 참여 조건을 충족하지 않습니다.",
  );
  return html`<section>
<h2>${say(text(`Not applicable: ${formatInteger(none.length)}`, `해당 없음: ${formatInteger(none.length)}건`))}</h2>
<p>${say(why)}</p>
<table><thead><tr><th scope="col">${say(text("Reason", "사유"))}</th><th scope="col" class="figure">${say(text("Checks", "점검 수"))}</th><th scope="col">${say(text("Tables", "테이블"))}</th></tr></thead>
<tbody>${reasons.map(([reason, results]) => renderReason(reason, results, say))}</tbody></table>
</section>
`;
}

function renderReason(reason: NotApplicableReason, results: readonly CheckResult[], say: QualityEdition["say"]): Html {
  const tables = [...new Set(results.map(({ check }) => check.table))].toSorted().join(", ");
  return html`<tr><th scope="row">${say(REASON_WORDS[reason])}</th><td class="figure">${formatInteger(results.length)}</td><td><code>${tables}</code></td></tr>
`;
}

export function renderRequirements({ report, say }: QualityEdition): Html {
  const { requirements } = report.run;
  if (requirements.length === 0) return html``;
  const failed = requirements.filter(({ outcome }) => outcome === "fail");
  const rows = requirements.map(
    ({ requirement, contributor, outcome, count }) =>
      html`<tr><th scope="row">${requirement}</th><td>${contributor}</td><td>${say(outcome === "pass" ? text("met", "충족") : text("not met", "미충족"))}</td><td class="figure">${formatInteger(count)}</td></tr>`,
  );
  const heading = text(
    `FHIR to OMOP: ${requirements.length - failed.length} of ${requirements.length} requirements met`,
    `FHIR에서 OMOP로: 요구 사항 ${requirements.length}개 중 ${requirements.length - failed.length}개 충족`,
  );
  return html`<section>
<h2>${say(heading)}</h2>
<p>${say(text("Requirements of the HL7 FHIR-to-OMOP guide that can be seen on the rows of this load.", "HL7 FHIR-OMOP 지침의 요구 사항 중 이번 적재의 행에서 확인할 수 있는 것입니다."))}</p>
<table><thead><tr><th scope="col">${say(text("Requirement", "요구 사항"))}</th><th scope="col">${say(text("Source", "원천"))}</th><th scope="col">${say(text("Result", "결과"))}</th><th scope="col" class="figure">${say(text("Against it", "위반 건수"))}</th></tr></thead><tbody>${rows}</tbody></table>
</section>
`;
}

/** Changes of defaults that hold in this run, once each. */
export function renderThresholds({ report, say }: QualityEdition): Html {
  const changed = report.results.filter(({ check }) => check.thresholdSource.kind === "site");
  if (changed.length === 0) return html``;
  const entries = [
    ...Map.groupBy(changed, ({ check }) => JSON.stringify([check.name, check.thresholdPercent, check.thresholdSource])).values(),
  ];
  const rows = entries.flatMap((results) => {
    const [first] = results;
    if (first === undefined) return [];
    const { author, date, reason } = first.check.thresholdSource;
    return html`<tr><th scope="row">${say(wordsOf(first.check.name).label)}</th><td class="figure">${first.check.thresholdPercent} %</td><td class="figure">${results.length}</td><td>${reason}<span class="set-by">${author} ${date}</span></td></tr>
`;
  });
  return html`<section>
<h2>${say(text("Thresholds set by this hospital", "이 병원이 정한 기준값"))}</h2>
<table><thead><tr><th scope="col">${say(text("Kind of check", "점검 종류"))}</th><th scope="col" class="figure">${say(text("Accepted", "허용"))}</th><th scope="col" class="figure">${say(text("Checks", "점검 수"))}</th><th scope="col">${say(text("Why, who, when", "사유, 작성자, 날짜"))}</th></tr></thead><tbody>${rows}</tbody></table>
</section>
`;
}

export function renderTrend({ report, say, language }: QualityEdition): Html {
  const { trend } = report;
  if (trend.length < 2) return html``;
  const rows = trend.map(
    ({ run, summary }) =>
      html`<tr><th scope="row">${run.number}</th><td>${run.today}</td><td class="figure">${run.snapshot}</td><td class="figure">${summary.failedBySeverity.fatal}</td><td class="figure">${summary.failedBySeverity.convention}</td><td class="figure">${summary.failedBySeverity.characterization}</td><td class="figure">${formatInteger(summary.passed)}</td></tr>`,
  );
  const shares = trend.map(({ summary }) => (100 * summary.failed) / Math.max(1, summary.failed + summary.passed));
  const columns = [
    text("Checked on", "점검일"),
    text("Snapshot", "적재본"),
    SEVERITY_WORDS.fatal.label,
    SEVERITY_WORDS.convention.label,
    SEVERITY_WORDS.characterization.label,
    text("Passed", "통과"),
  ];
  return html`<section>
<h2>${say(text("Over the runs", "점검별 추이"))}</h2>
<p>${say(text("Share of failed checks:", "실패한 점검의 비율:"))} ${sparkline(shares, language)}</p>
<table><thead><tr><th scope="col">${say(text("Run", "점검"))}</th>${columns.map((column, i) => html`<th scope="col"${i === 0 ? undefined : CLASS_FIGURE}>${say(column)}</th>`)}</tr></thead><tbody>${rows}</tbody></table>
</section>
`;
}

const CLASS_FIGURE = html` class="figure"`;

export function renderGuide({ say }: QualityEdition): Html {
  const rows = checkNames.map(
    (
      name,
    ) => html`<tr><th scope="row">${say(wordsOf(name).label)}<br><code>${name}</code></th><td>${say(wordsOf(name).fault)}</td><td>${say(SEVERITY_WORDS[checkTypeOf(name).severity].label)}</td></tr>
`,
  );
  const how = text(
    "A check fails when the share of rows at fault is above the accepted share; where none is accepted, one row is enough. Checks and default shares are those of OHDSI's DataQualityDashboard for OMOP CDM v5.4. The rows themselves stay in this hospital: dure site quality report --rows lists some of them.",
    "오류 행의 비율이 허용 비율을 넘으면 실패입니다. 허용하지 않는 점검은 한 행만 있어도 실패합니다. 점검과 기본 허용 비율은 OMOP CDM v5.4용 OHDSI DataQualityDashboard를 따릅니다. 해당 행은 병원 밖으로 나가지 않으며, dure site quality report --rows 로 일부를 볼 수 있습니다.",
  );
  return html`<section>
<h2>${say(text("How to read this", "읽는 방법"))}</h2>
<p>${say(how)}</p>
<details><summary>${say(text("All 27 kinds of checks", "27가지 점검 전체"))}</summary>
<table><thead><tr><th scope="col">${say(text("Check", "점검"))}</th><th scope="col">${say(text("What is at fault", "오류의 뜻"))}</th><th scope="col">${say(text("Severity", "심각도"))}</th></tr></thead><tbody>${rows}</tbody></table></details>
</section>
`;
}
