/** Predicted against observed risk, where all outcomes are known; elsewhere the reason why there is no such plot. */

import { type Text, text } from "@dure/kernel";
import { drawCalibrationChart } from "../charts/calibration-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInteger, formatPercent } from "../format.ts";
import { type Html, html } from "../html.ts";
import type { Calibration, HospitalReport, ReportedCount } from "../report-options.ts";
import { note, paragraph, renderFigure, renderSection, renderTable } from "./parts.ts";

export function renderCalibration(edition: Edition): Html {
  const { hospitals } = edition.options;
  const drawn = hospitals.filter((hospital) => calibrationOf(edition, hospital).kind === "shown");
  const withheld = hospitals.filter((hospital) => !drawn.includes(hospital));
  return renderSection(edition, {
    name: "calibration",
    title: text("Are the predicted risks right?", "예측한 위험은 실제와 맞습니까?"),
    body: [
      paragraph(
        edition,
        text(
          "Calibration compares the risk that the model predicts with the share of patients who had the outcome, in groups of similar predicted risk.",
          "일치도(calibration)는 예측 위험이 비슷한 환자끼리 묶어, 모형이 예측한 위험과 실제로 결과가 발생한 비율을 비교합니다.",
        ),
      ),
      ...drawn.map((hospital) => calibrationFigure(edition, hospital)),
      withheld.length === 0 ? html`` : withheldList(edition, withheld),
    ],
  });
}

type CalibrationOrReason =
  | { readonly kind: "shown"; readonly calibration: Calibration }
  | { readonly kind: "withheld"; readonly reason: Text };

/** The bins of a hospital count only rows with a known outcome: with incomplete follow-up they would overstate the observed risk. */
function calibrationOf(edition: Edition, hospital: HospitalReport): CalibrationOrReason {
  const evaluation = edition.evaluationOf(hospital.siteId);
  if (evaluation === undefined) {
    return {
      kind: "withheld",
      reason: text("the hospital did not release its own figures.", "이 병원은 자체 수치를 공개하지 않았습니다."),
    };
  }
  if (outcomeIsIncomplete(edition, hospital)) {
    return {
      kind: "withheld",
      reason: text(
        "follow-up is incomplete. Patients whose follow-up ended before the outcome was known are left out, so the observed share among the others is too high to judge the predicted risks by.",
        "추적관찰이 완전하지 않습니다. 결과를 알기 전에 추적이 끝난 환자는 제외되므로, 남은 환자에서 관찰된 비율은 실제보다 높아 예측 위험을 판단하는 기준이 될 수 없습니다.",
      ),
    };
  }
  if (evaluation.calibration === undefined) {
    return {
      kind: "withheld",
      reason: text("too few patients for groups of the minimum size.", "최소 크기의 집단을 나누기에는 환자 수가 너무 적습니다."),
    };
  }
  return { kind: "shown", calibration: evaluation.calibration };
}

/** What the hospital itself says; where it says nothing, what the whole study says of the outcome. */
function outcomeIsIncomplete(edition: Edition, hospital: HospitalReport): boolean {
  if (hospital.outcomeUnknown !== undefined) return isPresent(hospital.outcomeUnknown);
  const reason = `${edition.options.words.outcomeVariable}: missing`;
  return edition.result.analysis.excluded.some((excluded) => excluded.reason === reason && isPresent(excluded));
}

const isPresent = (count: ReportedCount): boolean => count.n !== 0;

function calibrationFigure(edition: Edition, hospital: HospitalReport): Html {
  const found = calibrationOf(edition, hospital);
  if (found.kind === "withheld") return html``;
  const { bins, intercept, slope } = found.calibration;
  const name = edition.say(hospital.displayName);
  const svg = drawCalibrationChart({
    id: edition.id(`calibration-${edition.options.hospitals.indexOf(hospital)}`),
    description: edition.say(
      text(`Calibration plot at ${name}; the figures are in the table beside it.`, `${name}의 일치도 그림. 수치는 옆의 표에 있습니다.`),
    ),
    predictedName: edition.say(text("Predicted risk", "예측 위험")),
    observedName: edition.say(text("Observed share", "관찰 비율")),
    bins,
  });
  const caption = edition.say(
    text(
      `${name}: calibration intercept ${formatDecimal(intercept, 2)} (0 is ideal), slope ${formatDecimal(slope, 2)} (1 is ideal). On the dashed line prediction and observation agree.`,
      `${name}: 일치도 절편 ${formatDecimal(intercept, 2)}(이상적인 값 0), 기울기 ${formatDecimal(slope, 2)}(이상적인 값 1). 점선 위에서는 예측과 관찰이 일치합니다.`,
    ),
  );
  return html`<div class="side-by-side">${renderFigure(svg, caption)}${binTable(edition, name, bins)}</div>`;
}

function binTable(edition: Edition, name: string, bins: Calibration["bins"]): Html {
  type Bin = Calibration["bins"][number];
  return renderTable(edition, {
    caption: text(`Groups of predicted risk at ${name}`, `${name}의 예측 위험 집단`),
    columns: [
      { title: text("Predicted", "예측"), cell: (bin: Bin) => formatPercent(bin.meanPredicted) },
      { title: text("Observed", "관찰"), numeric: true, cell: (bin) => formatPercent(bin.events / bin.n) },
      { title: text("Patients", "환자 수"), numeric: true, cell: (bin) => formatInteger(bin.n) },
    ],
    rows: bins,
  });
}

function withheldList(edition: Edition, hospitals: readonly HospitalReport[]): Html {
  const byReason = new Map<string, string[]>();
  for (const hospital of hospitals) {
    const found = calibrationOf(edition, hospital);
    if (found.kind === "shown") continue;
    const reason = edition.say(found.reason);
    byReason.set(reason, [...(byReason.get(reason) ?? []), edition.say(hospital.displayName)]);
  }
  const items = [...byReason].map(([reason, names]) => html`<li><strong>${names.join(", ")}</strong>: ${reason}</li>`);
  return html`${note(edition, text("No plot is shown for:", "다음 병원은 그림을 제시하지 않습니다."))}<ul class="reasons">${items}</ul>\n`;
}
