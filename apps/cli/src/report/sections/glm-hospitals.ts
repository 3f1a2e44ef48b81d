/** How the model of a number does at each hospital that showed it: variance and deviance explained, and whether its means are right there. */

import { text } from "@dure/kernel";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInteger, formatPercent } from "../format.ts";
import type { Html } from "../html.ts";
import type { SiteEvaluation } from "../report-options.ts";
import { note, ROLE_NAME, renderSection, renderTable } from "./parts.ts";

type Fit = NonNullable<SiteEvaluation["numberFit"]>;

interface Row {
  readonly name: string;
  readonly role: string;
  readonly n: number;
  readonly fit: Fit;
}

/** None where no hospital has such figures. */
export function renderGlmHospitals(edition: Edition): readonly Html[] {
  const rows = [...edition.trainingHospitals, ...edition.externalHospitals].flatMap((hospital): readonly Row[] => {
    const evaluation = edition.evaluationOf(hospital.siteId);
    if (evaluation?.numberFit === undefined) return [];
    return [
      {
        name: edition.say(hospital.displayName),
        role: edition.say(ROLE_NAME[evaluation.role]),
        n: evaluation.n,
        fit: evaluation.numberFit,
      },
    ];
  });
  if (rows.length === 0) return [];
  const share = (value: number | undefined): string => (value === undefined ? "–" : formatPercent(value));
  return [
    renderSection(edition, {
      name: "hospital-fits",
      title: text("How well does the model do at each hospital?", "병원별로 모형이 얼마나 잘 맞습니까?"),
      body: [
        renderTable(edition, {
          caption: text("The shared model at each hospital", "병원별 공동 모형의 적합도"),
          columns: [
            { title: text("Hospital", "병원"), cell: (row: Row) => row.name },
            { title: text("Role", "역할"), cell: (row) => row.role },
            { title: text("Patients", "환자 수"), numeric: true, cell: (row) => formatInteger(row.n) },
            { title: text("Variance explained (R²)", "설명된 분산(R²)"), numeric: true, cell: ({ fit }) => share(fit.rSquared) },
            { title: text("Deviance explained", "설명된 이탈도"), numeric: true, cell: ({ fit }) => share(fit.devianceExplained) },
            {
              title: text("Calibration slope", "보정 기울기"),
              numeric: true,
              cell: ({ fit }) => (fit.calibration === undefined ? "–" : formatDecimal(fit.calibration.slope, 3)),
            },
          ],
          rows,
        }),
        note(
          edition,
          text(
            "At training hospitals without patients held out these figures are of patients that the model was fitted on. Below 0 % the hospital's own mean would do better. A slope of 1 says that predicted differences are as large as those seen.",
            "따로 남겨 둔 환자가 없으면 학습 병원의 값은 모형을 만든 환자에서 구한 것입니다. 0 % 미만이면 그 병원의 평균값이 모형보다 낫습니다. 기울기가 1이면 예측한 차이와 실제 차이의 크기가 같습니다.",
          ),
        ),
      ],
    }),
  ];
}
