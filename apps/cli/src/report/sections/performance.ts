/** Local against federated against external: a chart, and the same figures as tables. */

import { text } from "@dure/kernel";
import { type AucBar, type AucGroup, drawAucChart } from "../charts/auc-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInteger, formatP, formatSigned } from "../format.ts";
import { type Html, html } from "../html.ts";
import type { HospitalReport, LocalOnExternal } from "../report-options.ts";
import { formatAuc, note, paragraph, ROLE_NAME, renderFigure, renderSection, renderTable } from "./parts.ts";

const OWN = text("Own model", "자체 모형");
const SHARED = text("Shared model", "공동 모형");

export function renderPerformance(edition: Edition): Html {
  return renderSection(edition, {
    name: "performance",
    title: text("How well does the model predict?", "모형은 얼마나 잘 예측합니까?"),
    body: [
      paragraph(
        edition,
        text(
          "The AUC is the chance that, of two patients of whom one had the outcome, the model gives that one the higher risk. 0.5 is a coin toss, 1 is perfect.",
          "AUC는 결과가 발생한 환자와 발생하지 않은 환자를 한 명씩 골랐을 때, 모형이 결과가 발생한 환자의 위험을 더 높게 매길 확률입니다. 0.5는 동전 던지기와 같고 1은 완벽한 구분입니다.",
        ),
      ),
      chart(edition),
      summaryTable(edition),
      note(
        edition,
        text(
          "Intervals are 95 % (DeLong). At a training hospital both models are tested on patients they were not fitted to: five parts, each tested by a model fitted to the other four. A dash: not released, or not known.",
          "구간은 95 % 신뢰구간(DeLong)입니다. 학습 병원에서는 두 모형 모두 적합에 쓰이지 않은 환자에서 평가했습니다(환자를 5등분하여 4개 부분으로 만든 모형을 나머지 부분에서 평가). 줄표(–)는 공개하지 않았거나 알 수 없음을 뜻합니다.",
        ),
      ),
      comparisonSection(edition),
    ],
  });
}

function chart(edition: Edition): Html {
  const groups = edition.options.hospitals.map((hospital) => groupOf(edition, hospital)).filter((group) => group.bars.length > 0);
  if (groups.length === 0) return html``;
  const [external] = edition.externalHospitals;
  const reference = external === undefined ? undefined : edition.evaluationOf(external.siteId)?.auc.federated;
  const caption = edition.say(
    text(
      "Discrimination by hospital with 95 % intervals. Grey: the hospital's own model. Green: the shared model. Ochre: the hospital's own model at the external hospital. Dashed line: the shared model at the external hospital.",
      "병원별 판별력과 95 % 신뢰구간. 회색: 그 병원의 자체 모형, 초록색: 공동 모형, 황토색: 그 병원의 자체 모형을 외부 병원에 적용한 결과. 점선: 외부 병원에서의 공동 모형.",
    ),
  );
  const svg = drawAucChart({
    id: edition.id("auc"),
    description: edition.say(
      text(
        "Bar chart of AUC by hospital and model; the figures are in the tables below.",
        "병원과 모형별 AUC 막대그래프. 수치는 아래 표에 있습니다.",
      ),
    ),
    axisName: "AUC",
    groups,
    ...(reference === undefined ? {} : { reference }),
  });
  return renderFigure(svg, caption);
}

function groupOf(edition: Edition, hospital: HospitalReport): AucGroup {
  const evaluation = edition.evaluationOf(hospital.siteId);
  const auc = evaluation?.auc ?? {};
  const bars: AucBar[] = [];
  if (auc.local !== undefined) bars.push({ label: edition.say(OWN), kind: "own", auc: auc.local, standardError: auc.localSe ?? 0 });
  if (auc.federated !== undefined)
    bars.push({ label: edition.say(SHARED), kind: "shared", auc: auc.federated, standardError: auc.federatedSe ?? 0 });
  for (const row of edition.comparisonsOf({ model: hospital.siteId })) {
    bars.push({ label: abroadLabel(edition, row.site), kind: "abroad", auc: row.auc, standardError: row.se });
  }
  const count = evaluation === undefined ? "" : ` (n ${formatInteger(evaluation.n)})`;
  return { hospital: `${edition.say(hospital.displayName)}${count}`, bars };
}

function abroadLabel(edition: Edition, siteId: string): string {
  if (edition.externalHospitals.length === 1) return edition.say(text("Own model, at the external hospital", "자체 모형, 외부 병원에서"));
  const name = edition.hospitalName(siteId);
  return edition.say(text(`Own model, at ${name}`, `자체 모형, ${name}에서`));
}

function summaryTable(edition: Edition): Html {
  return renderTable(edition, {
    caption: text("AUC with 95 % interval, by hospital", "병원별 AUC와 95 % 신뢰구간"),
    columns: [
      { title: text("Hospital", "병원"), cell: (row: HospitalReport) => edition.say(row.displayName) },
      { title: text("Role", "역할"), cell: (row) => edition.say(ROLE_NAME[row.role]) },
      { title: text("Patients", "환자 수"), numeric: true, cell: (row) => countOf(edition, row, "n") },
      { title: text("With outcome", "발생 수"), numeric: true, cell: (row) => countOf(edition, row, "events") },
      { title: OWN, numeric: true, cell: (row) => aucOf(edition, row, "local") },
      { title: SHARED, numeric: true, cell: (row) => aucOf(edition, row, "federated") },
    ],
    rows: edition.options.hospitals,
  });
}

function countOf(edition: Edition, hospital: HospitalReport, figure: "n" | "events"): string {
  const evaluation = edition.evaluationOf(hospital.siteId);
  return evaluation === undefined ? "–" : formatInteger(evaluation[figure]);
}

function aucOf(edition: Edition, hospital: HospitalReport, model: "local" | "federated"): string {
  const auc = edition.evaluationOf(hospital.siteId)?.auc;
  return model === "local" ? formatAuc(auc?.local, auc?.localSe) : formatAuc(auc?.federated, auc?.federatedSe);
}

function comparisonSection(edition: Edition): Html {
  const rows = edition.comparisonsOf({});
  if (rows.length === 0) {
    return note(
      edition,
      text(
        "No hospital released its own model for a test at the external hospital, so there is no such comparison.",
        "자체 모형을 외부 병원에서 시험하도록 공개한 병원이 없어 이 비교는 제공되지 않습니다.",
      ),
    );
  }
  return renderComparison(edition, rows);
}

/** Each local model at external hospitals, on the same patients as the shared model there. */
export function renderComparison(edition: Edition, rows: readonly LocalOnExternal[]): Html {
  const sites = new Set(rows.map((row) => row.site));
  const [only] = sites.size === 1 ? sites : [];
  const place =
    only === undefined ? text("the external hospitals", "외부 병원들") : text(edition.hospitalName(only), edition.hospitalName(only));
  const testedAt = { title: text("Tested at", "적용 병원"), cell: (row: LocalOnExternal) => edition.hospitalName(row.site) };
  return renderTable(edition, {
    caption: text(
      `Own models tested at ${place.en}, against the shared model on the same patients`,
      `${place.ko}의 같은 환자에서 비교한 자체 모형과 공동 모형`,
    ),
    columns: [
      { title: text("Own model of", "자체 모형"), cell: (row: LocalOnExternal) => edition.hospitalName(row.model) },
      ...(only === undefined ? [testedAt] : []),
      { title: text("AUC (95 % interval)", "AUC (95 % 신뢰구간)"), numeric: true, cell: (row) => formatAuc(row.auc, row.se) },
      {
        title: text("Gain of the shared model", "공동 모형의 이득"),
        numeric: true,
        cell: (row) => formatSigned(row.difference.estimate, 3),
      },
      { title: text("SE", "표준오차"), numeric: true, cell: (row) => formatDecimal(row.difference.se, 4) },
      { title: text("p (paired DeLong)", "p (대응 DeLong)"), numeric: true, cell: (row) => formatP(row.difference.p) },
    ],
    rows,
  });
}
