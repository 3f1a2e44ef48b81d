/** How well the model orders patients by the time of their event: Harrell's C, together and at each hospital. */

import type { ConcordancePair, CoxAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInteger, formatP, formatSigned } from "../format.ts";
import type { Html } from "../html.ts";
import type { SiteEvaluation } from "../report-options.ts";
import { levelName } from "./level-name.ts";
import { formatAuc, note, ROLE_NAME, renderSection, renderTable } from "./parts.ts";

export function renderConcordance(edition: Edition, analysis: CoxAnalysis): Html {
  const { concordance } = analysis;
  return renderSection(edition, {
    name: "concordance",
    title: text("How well does it tell who has the event first?", "누구에게 먼저 사건이 발생하는지 얼마나 잘 구별합니까?"),
    body: [
      ...(concordance === undefined
        ? []
        : [
            note(
              edition,
              text(
                `Harrell's C within hospitals, on the patients the model was built on: ${formatAuc(concordance.estimate, concordance.se)}; ${formatInteger(concordance.concordant)} pairs in the right order, ${formatInteger(concordance.discordant)} in the wrong one, ${formatInteger(concordance.tiedX)} predicted alike.`,
                `모형을 만든 환자에서 병원 안의 해럴 C 지수: ${formatAuc(concordance.estimate, concordance.se)}. 순서가 맞는 쌍 ${formatInteger(concordance.concordant)}, 틀린 쌍 ${formatInteger(concordance.discordant)}, 예측이 같은 쌍 ${formatInteger(concordance.tiedX)}.`,
              ),
            ),
          ]),
      siteTable(edition),
      ...subgroupTable(edition),
      ...withoutSiteTable(edition),
      ...localModelTable(edition),
      note(edition, readingWords(analysis)),
    ],
  });
}

function readingWords({ strata }: CoxAnalysis): Text {
  const meaning = text(
    "C is the share of pairs of patients in which the one with the higher predicted hazard has the event first: 0.5 is chance.",
    "C 지수는 두 환자 가운데 예측 위험이 높은 쪽에 사건이 먼저 발생한 쌍의 비율입니다. 0.5는 우연 수준입니다.",
  );
  const folds =
    strata === undefined
      ? text(
          "With one baseline hazard no fifth of the patients is left out: at training hospitals there is a figure only where the study holds patients out.",
          "공통 기저 위험 모형은 일부 환자를 빼고 다시 구하지 않으므로, 학습 병원의 값은 연구가 환자를 따로 떼어 둔 경우에만 있습니다.",
        )
      : text(
          "At training hospitals each patient is scored by a model that was fitted without that patient's fifth.",
          "학습 병원에서는 각 환자를 그 환자가 속한 묶음을 빼고 구한 모형으로 평가합니다.",
        );
  return text(`${meaning.en} ${folds.en}`, `${meaning.ko} ${folds.ko}`);
}

const pairOf = (evaluation: SiteEvaluation): ConcordancePair => evaluation.concordance ?? {};

function siteTable(edition: Edition): Html {
  return renderTable(edition, {
    caption: text("C with 95 % interval, by hospital", "병원별 C 지수와 95 % 신뢰구간"),
    columns: [
      { title: text("Hospital", "병원"), cell: (row: SiteEvaluation) => edition.hospitalName(row.site) },
      { title: text("Role", "역할"), cell: (row) => edition.say(ROLE_NAME[row.role]) },
      { title: text("Patients", "환자 수"), numeric: true, cell: (row) => formatInteger(row.n) },
      { title: text("With event", "사건 수"), numeric: true, cell: (row) => formatInteger(row.events) },
      { title: text("Own model", "자체 모형"), numeric: true, cell: (row) => formatAuc(pairOf(row).local, pairOf(row).localSe) },
      { title: text("Shared model", "공동 모형"), numeric: true, cell: (row) => formatAuc(pairOf(row).federated, pairOf(row).federatedSe) },
    ],
    rows: edition.result.evaluation.sites,
  });
}

/** For whom the order is right: pairs of patients of one level. */
function subgroupTable(edition: Edition): readonly Html[] {
  const rows = edition.result.evaluation.sites.flatMap((evaluation) =>
    (pairOf(evaluation).subgroups ?? []).map((row) => ({ site: evaluation.site, ...row })),
  );
  if (rows.length === 0) return [];
  return [
    renderTable(edition, {
      caption: text("For whom does it work? C by subgroup", "누구에게 잘 맞습니까? 하위 집단별 C 지수"),
      columns: [
        { title: text("Hospital", "병원"), cell: (row: (typeof rows)[number]) => edition.hospitalName(row.site) },
        { title: text("Subgroup", "하위 집단"), cell: (row) => `${edition.variableName(row.variable)}: ${levelName(edition, row.level)}` },
        { title: text("Patients", "환자 수"), numeric: true, cell: (row) => formatInteger(row.n) },
        { title: text("With event", "사건 수"), numeric: true, cell: (row) => formatInteger(row.events) },
        { title: text("C (95 % interval)", "C 지수 (95 % 신뢰구간)"), numeric: true, cell: (row) => formatAuc(row.estimate, row.se) },
        {
          title: text("Gap to the first", "첫 집단과의 차이"),
          numeric: true,
          cell: ({ gap }) => (gap === undefined ? "–" : `${formatSigned(gap.estimate, 3)} (p ${formatP(gap.p)})`),
        },
      ],
      rows,
    }),
  ];
}

function withoutSiteTable(edition: Edition): readonly Html[] {
  const rows = edition.result.evaluation.sites.flatMap((evaluation) => {
    const left = pairOf(evaluation).withoutSite;
    return left === undefined ? [] : [{ site: evaluation.site, ...left }];
  });
  if (rows.length === 0) return [];
  return [
    renderTable(edition, {
      caption: text("Each hospital judged by the model without it", "그 병원을 뺀 모형으로 평가한 각 병원"),
      columns: [
        { title: text("Hospital left out", "제외한 병원"), cell: (row: (typeof rows)[number]) => edition.hospitalName(row.site) },
        { title: text("C (95 % interval)", "C 지수 (95 % 신뢰구간)"), numeric: true, cell: (row) => formatAuc(row.estimate, row.se) },
      ],
      rows,
    }),
    note(
      edition,
      text(
        "The hospital takes itself out of the shared model by one Newton step at home (Pregibon 1981), because a second fit without it would give its sums away.",
        "병원을 빼고 모형을 다시 구하면 그 병원의 합계가 드러나므로, 병원 안에서 뉴턴 한 단계로 공동 모형에서 자기 몫을 뺍니다(Pregibon 1981).",
      ),
    ),
  ];
}

/** Released local models at external hospitals, on the same patients as the shared model. */
function localModelTable(edition: Edition): readonly Html[] {
  const rows = edition.result.evaluation.sites.flatMap((site) =>
    (site.concordance?.localModels ?? []).map((model) => ({ ...model, testedAt: site.site })),
  );
  if (rows.length === 0) return [];
  type Row = (typeof rows)[number];
  return [
    renderTable(edition, {
      caption: text(
        "Own models tested at external hospitals, on the same patients",
        "외부 병원의 같은 환자에서 비교한 자체 모형과 공동 모형",
      ),
      columns: [
        { title: text("Own model of", "자체 모형"), cell: (row: Row) => edition.hospitalName(row.model) },
        { title: text("Tested at", "적용 병원"), cell: (row) => edition.hospitalName(row.testedAt) },
        { title: text("C (95 % interval)", "C 지수 (95 % 신뢰구간)"), numeric: true, cell: (row) => formatAuc(row.estimate, row.se) },
        {
          title: text("Gain of the shared model", "공동 모형의 이득"),
          numeric: true,
          cell: (row) => formatSigned(row.difference.estimate, 3),
        },
        { title: text("SE", "표준오차"), numeric: true, cell: (row) => formatDecimal(row.difference.se, 4) },
        { title: text("p", "p"), numeric: true, cell: (row) => formatP(row.difference.p) },
      ],
      rows,
    }),
  ];
}
