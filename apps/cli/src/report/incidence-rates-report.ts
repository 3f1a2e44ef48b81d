/** The report of incidence rates: rates by group and stratum, and who was left out. */

import type { IncidenceAnalysis, RateGroup } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { type AnalysisReport, siteCounts } from "./analysis-report.ts";
import type { Edition } from "./edition.ts";
import { formatDecimal } from "./format.ts";
import { intervalWords, perWords, renderIncidenceRates } from "./sections/incidence-rates.ts";
import { renderSection } from "./sections/parts.ts";
import { renderExcluded } from "./sections/patients.ts";
import { pRelation } from "./sections/survival-curves.ts";
import { levelName } from "./sections/table-one.ts";

export function incidenceRatesReport(edition: Edition, analysis: IncidenceAnalysis): AnalysisReport {
  const patients = renderSection(edition, {
    name: "left-out",
    title: text("Who was left out?", "누가 제외되었습니까?"),
    body: renderExcluded(edition),
  });
  return {
    answer: () => answer(edition, analysis),
    patients: text("patients followed", "추적한 환자 수"),
    events: text("events", "사건 수"),
    sections: analysis.outcome === "estimated" ? [renderIncidenceRates(edition, analysis), patients] : [],
    siteFigures: siteCounts,
    hasLocalModels: false,
    asksForClasses: false,
    record: [
      [
        text("Method", "방법"),
        edition.say(text("Events and person-time by secure sums of both", "사건 수와 관찰 기간의 안전 합산에 의한 발생률")),
      ],
      [
        text("Intervals", "신뢰구간"),
        edition.say(
          text(
            "95 %. Rates: Garwood, exact. Ratios: exact given all events, mid-P beside. Differences: Wald",
            "95 %. 발생률: Garwood 정확 구간. 발생률비: 전체 사건 수를 조건으로 한 정확 구간과 mid-P 구간. 차이: Wald",
          ),
        ),
      ],
      ...(analysis.standardisation === undefined
        ? []
        : [[text("Standardisation", "표준화"), edition.say(STANDARDISATION[analysis.standardisation])] as const]),
    ],
  };
}

const STANDARDISATION = {
  direct: text("Direct; gamma interval of Fay & Feuer 1997", "직접 표준화. Fay & Feuer 1997 감마 구간"),
  indirect: text(
    "Indirect; observed over expected events, Garwood’s exact interval",
    "간접 표준화. 기대 사건 수 대비 관찰 사건 수, Garwood 정확 구간",
  ),
} as const;

/** The rate of all, and the ratio of the group that differs most. */
function answer(edition: Edition, analysis: IncidenceAnalysis): Text {
  const count = edition.result.run.sites;
  const rate = analysis.total?.rate;
  const unit = perWords(analysis);
  const figures = rate === undefined ? text("–", "–") : text(`${intervalWords(rate)} ${unit.en}`, `${unit.ko} ${intervalWords(rate)}`);
  const told = text(
    `${count} hospitals counted events together, without any patient record leaving its hospital: ${figures.en} (95 % interval).`,
    `${count}개 병원이 환자 기록을 밖으로 내보내지 않고 함께 사건을 세었습니다: ${figures.ko}(95 % 신뢰구간).`,
  );
  const [lowest] = analysis.groups
    .flatMap(({ level, ratio, standardisedRateRatio }) =>
      level === undefined || ratio === undefined ? [] : [{ level, ratio, standardised: standardisedRateRatio }],
    )
    .sort((a, b) => a.ratio.p - b.ratio.p);
  if (lowest === undefined || analysis.group === undefined) return told;
  const [own, reference] = [levelName(edition, lowest.level), levelName(edition, analysis.group.reference)];
  const ratio = formatDecimal(lowest.ratio.estimate, 2);
  const p = pRelation(lowest.ratio.p);
  const name = edition.variableName(analysis.group.variable);
  const [crude, standardised] = ratioWords(lowest.standardised);
  return text(
    `${told.en} ${name} “${own.en}” against “${reference.en}”: ${crude.en} ${ratio} (p ${p})${standardised.en}.`,
    `${told.ko} ${name} ‘${own.ko}’ 대 ‘${reference.ko}’: ${crude.ko} ${ratio}(p ${p})${standardised.ko}.`,
  );
}

/** What the ratio is called, and the standardised one beside it: the crude one alone may say the opposite. */
function ratioWords(standardised: RateGroup["standardisedRateRatio"]): readonly [Text, Text] {
  if (standardised === undefined) return [text("rate ratio", "발생률비"), text("", "")];
  const [ratio, p] = [formatDecimal(standardised.estimate, 2), pRelation(standardised.p)];
  return [text("crude rate ratio", "조발생률비"), text(`, standardised ${ratio} (p ${p})`, `, 표준화 발생률비 ${ratio}(p ${p})`)];
}
