/** The report of cumulative incidence: curves by cause, stacked causes, and who was left out. */

import type { CumulativeIncidenceAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { type AnalysisReport, siteCounts } from "./analysis-report.ts";
import type { Edition } from "./edition.ts";
import { formatInteger, formatPercent } from "./format.ts";
import { groupName } from "./sections/group-name.ts";
import { renderIncidenceCurves } from "./sections/incidence-curves.ts";
import { renderSection } from "./sections/parts.ts";
import { renderExcluded } from "./sections/patients.ts";
import { isFresh } from "./sections/wide-steps.ts";

export function cumulativeIncidenceReport(edition: Edition, analysis: CumulativeIncidenceAnalysis): AnalysisReport {
  const patients = renderSection(edition, {
    name: "patients",
    title: text("Who was studied?", "누구를 연구했습니까?"),
    body: renderExcluded(edition),
  });
  return {
    answer: () => answer(edition, analysis),
    patients: text("patients followed", "추적한 환자 수"),
    events: text("with an event of any kind", "사건이 발생한 환자 수(모든 종류)"),
    sections: analysis.outcome === "estimated" ? [renderIncidenceCurves(edition, analysis), patients] : [],
    siteFigures: siteCounts,
    hasLocalModels: false,
    asksForClasses: false,
    record: record(edition, analysis),
  };
}

/** What each group had come to by the last of the study's days. */
function answer(edition: Edition, { groups }: CumulativeIncidenceAnalysis): Text {
  const shares = groups.flatMap((group) => {
    const ends = group.causes.flatMap(({ cause, at }) => {
      // A figure of long before its day is no headline, unless there is no other.
      const last = at.findLast(isFresh) ?? at.at(-1);
      return last === undefined ? [] : [{ cause, last }];
    });
    const time = ends[0]?.last.time;
    if (time === undefined) return [];
    const told = ends.map(({ cause, last }) => `${cause} ${formatPercent(last.incidence)}`).join(", ");
    const name = groupName(edition, group);
    return [text(`${name} (day ${formatInteger(time)}) – ${told}`, `${name}(${formatInteger(time)}일) – ${told}`)];
  });
  const count = edition.result.run.sites;
  return text(
    `${count} hospitals followed their patients together, without any patient record leaving its hospital. Cumulative incidence: ${shares.map(({ en }) => en).join("; ")}.`,
    `${count}개 병원이 환자 기록을 밖으로 내보내지 않고 함께 환자를 추적했습니다. 누적 발생률: ${shares.map(({ ko }) => ko).join("; ")}.`,
  );
}

const INTERVALS = {
  log: text("on the scale of log F", "log F 척도"),
  "log-log": text("on the scale of log(−log F)", "log(−log F) 척도"),
  plain: text("on the scale of F", "F 척도"),
} as const;

function record(edition: Edition, { intervals, timeBinDays, horizonDays }: CumulativeIncidenceAnalysis): AnalysisReport["record"] {
  return [
    [text("Method", "방법"), edition.say(text("Aalen-Johansen by secure sums of counts", "환자 수의 안전 합산에 의한 알렌-요한센"))],
    [
      text("Intervals", "신뢰구간"),
      edition.say(
        text(`95 %, variance of Greenwood's type, ${INTERVALS[intervals].en}`, `95 %, 그린우드형 분산, ${INTERVALS[intervals].ko}`),
      ),
    ],
    [text("Time grid", "시간 격자"), `${timeBinDays} / ${horizonDays} ${edition.say(text("days", "일"))}`],
  ];
}
