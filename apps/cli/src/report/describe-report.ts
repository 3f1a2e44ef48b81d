/** The report of a description: table one, and who was left out. */

import type { DescribeAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import type { AnalysisReport } from "./analysis-report.ts";
import type { Edition } from "./edition.ts";
import { formatDecimal, formatInteger } from "./format.ts";
import { renderSection } from "./sections/parts.ts";
import { renderExcluded } from "./sections/patients.ts";
import { levelName, renderTableOne } from "./sections/table-one.ts";

export function describeReport(edition: Edition, analysis: DescribeAnalysis): AnalysisReport {
  const patients = renderSection(edition, {
    name: "left-out",
    title: text("Who was left out?", "누가 제외되었습니까?"),
    body: renderExcluded(edition),
  });
  return {
    answer: () => answer(edition, analysis),
    patients: text("patients described", "기술한 환자 수"),
    events: text("with the event", "사건이 발생한 환자 수"),
    sections: analysis.outcome === "described" ? [renderTableOne(edition, analysis), patients] : [],
    siteFigures: (evaluation) => [[text("Patients", "환자 수"), formatInteger(evaluation.n)]],
    hasLocalModels: false,
    asksForClasses: false,
    record: [
      [
        text("Method", "방법"),
        edition.say(
          text(
            "Counts, means and quartiles by secure sums; each variable on the patients who have it",
            "안전 합산에 의한 수, 평균, 사분위수. 변수마다 값이 있는 환자만 사용",
          ),
        ),
      ],
      [
        text("Quartiles", "사분위수"),
        edition.say(text("Type 7 (Hyndman & Fan 1996), by bisection on counts", "제7형(Hyndman & Fan 1996), 수를 세어 이분 탐색")),
      ],
      [
        text("Standardised differences", "표준화 차이"),
        edition.say(text("Austin 2009; categories: Yang & Dalton 2012", "Austin 2009, 범주: Yang & Dalton 2012")),
      ],
    ],
  };
}

/** How many, in which groups, and the variable in which these differ most. */
function answer(edition: Edition, { n, groups, variables }: DescribeAnalysis): Text {
  const hospitals = edition.result.run.sites;
  const sizes = groups.map(({ level, n: size }) => ({ name: levelName(edition, level), size: formatInteger(size) }));
  const by = (language: "en" | "ko"): string =>
    sizes.length === 0 ? "" : `(${sizes.map(({ name, size }) => `${name[language]}: ${size}`).join(", ")})`;
  const told = text(
    `${hospitals} hospitals described ${formatInteger(n)} patients${sizes.length === 0 ? "" : ` ${by("en")}`} together, without any patient record leaving its hospital.`,
    `${hospitals}개 병원이 환자 기록을 밖으로 내보내지 않고 함께 환자 ${formatInteger(n)}명${by("ko")}을 기술했습니다.`,
  );
  const [largest] = variables
    .flatMap(({ variable, differences = [] }) => differences.map(({ value }) => ({ variable, size: Math.abs(value) })))
    .sort((a, b) => b.size - a.size);
  if (largest === undefined) return told;
  const name = edition.variableName(largest.variable);
  const size = formatDecimal(largest.size, 2);
  return text(
    `${told.en} The groups differ most in ${name} (standardised difference ${size}; above 0.1 is commonly called an imbalance).`,
    `${told.ko} 집단 간 차이가 가장 큰 변수는 ${name}입니다(표준화 차이 ${size}, 보통 0.1을 넘으면 불균형으로 봅니다).`,
  );
}
