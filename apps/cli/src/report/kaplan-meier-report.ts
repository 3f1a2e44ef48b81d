/** The report of a Kaplan-Meier analysis: survival curves, and who was left out. */

import type { KaplanMeierAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { type AnalysisReport, siteCounts } from "./analysis-report.ts";
import type { Edition } from "./edition.ts";
import { groupName } from "./sections/group-name.ts";
import { renderSection } from "./sections/parts.ts";
import { renderExcluded } from "./sections/patients.ts";
import { medianWords, pRelation, renderSurvivalCurves } from "./sections/survival-curves.ts";

export function kaplanMeierReport(edition: Edition, analysis: KaplanMeierAnalysis): AnalysisReport {
  const isEstimated = analysis.outcome === "estimated";
  const patients = renderSection(edition, {
    name: "patients",
    title: text("Who was studied?", "누구를 연구했습니까?"),
    body: renderExcluded(edition),
  });
  return {
    answer: () => answer(edition, analysis),
    patients: text("patients followed", "추적한 환자 수"),
    events: text("with the event", "사건이 발생한 환자 수"),
    sections: isEstimated ? [renderSurvivalCurves(edition, analysis), patients] : [],
    siteFigures: siteCounts,
    hasLocalModels: false,
    asksForClasses: false,
    record: record(edition, analysis),
  };
}

/** The medians by group, and what the test says of them. */
function answer(edition: Edition, analysis: KaplanMeierAnalysis): Text {
  const medians = analysis.groups.map((group) => {
    const words = medianWords(group);
    const name = groupName(edition, group);
    return text(`${name} – ${words.en}`, `${name} – ${words.ko}`);
  });
  const count = edition.result.run.sites;
  const told = text(
    `${count} hospitals followed their patients together, without any patient record leaving its hospital. Median days without the event (95 % interval): ${medians.map(({ en }) => en).join("; ")}.`,
    `${count}개 병원이 환자 기록을 밖으로 내보내지 않고 함께 환자를 추적했습니다. 사건이 없는 기간의 중앙값(일, 95 % 신뢰구간): ${medians.map(({ ko }) => ko).join("; ")}.`,
  );
  const { test } = analysis;
  if (test === undefined) return told;
  const p = pRelation(test.p);
  const verdict =
    test.p < 0.05
      ? text(`The groups differ (log-rank p ${p}).`, `집단 간 차이가 있습니다(로그순위 검정 p ${p}).`)
      : text(
          `The data do not show a difference between the groups (log-rank p ${p}).`,
          `집단 간 차이는 확인되지 않았습니다(로그순위 검정 p ${p}).`,
        );
  return text(`${told.en} ${verdict.en}`, `${told.ko} ${verdict.ko}`);
}

const INTERVALS = {
  log: text("on the scale of log S", "log S 척도"),
  "log-log": text("on the scale of log(−log S)", "log(−log S) 척도"),
  plain: text("on the scale of S", "S 척도"),
} as const;

function record(edition: Edition, { intervals, timeBinDays, horizonDays }: KaplanMeierAnalysis): AnalysisReport["record"] {
  const days = text("days", "일");
  return [
    [text("Method", "방법"), edition.say(text("Kaplan-Meier by secure sums of counts", "환자 수의 안전 합산에 의한 카플란-마이어"))],
    [
      text("Intervals", "신뢰구간"),
      edition.say(text(`95 %, Greenwood, ${INTERVALS[intervals].en}`, `95 %, Greenwood, ${INTERVALS[intervals].ko}`)),
    ],
    [text("Time grid", "시간 격자"), `${timeBinDays} / ${horizonDays} ${edition.say(days)}`],
  ];
}
