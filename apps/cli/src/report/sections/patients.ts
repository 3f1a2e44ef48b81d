/** Who was studied: the description of the training hospitals together, and who was left out and why. */

import type { CoxAnalysis, GlmAnalysis, LogisticAnalysis, TreatmentEffectAnalysis } from "@dure/federation/coordinator";
import { text } from "@dure/kernel";
import type { Edition } from "../edition.ts";
import { formatCount, formatDecimal, formatInteger } from "../format.ts";
import { type Html, html } from "../html.ts";
import type { VariableDescription } from "../report-options.ts";
import { exclusionWords } from "./exclusion-words.ts";
import { note, renderSection, renderTable } from "./parts.ts";

/** Of a study whose last sum, or an earlier one, described its variables. */
export function renderPatients(edition: Edition, analysis: CoxAnalysis | GlmAnalysis | LogisticAnalysis | TreatmentEffectAnalysis): Html {
  // Where a patient may have several rows, means are of rows.
  const areRows = "rows" in analysis && analysis.rows !== undefined;
  const isComplete = edition.result.analysis.missing === undefined;
  return renderSection(edition, {
    name: "patients",
    title: text("Who was studied?", "누구를 연구했습니까?"),
    body: [
      renderTable(edition, {
        caption: text("Training hospitals together", "학습 병원 전체"),
        columns: [
          { title: text("Variable", "변수"), cell: (row: VariableDescription) => edition.variableName(row.variable) },
          { title: areRows ? text("Rows", "행 수") : text("Patients", "환자 수"), numeric: true, cell: (row) => formatInteger(row.n) },
          { title: text("Mean", "평균"), numeric: true, cell: (row) => formatDecimal(row.mean, 3) },
          { title: text("SD", "표준편차"), numeric: true, cell: (row) => formatDecimal(row.standardDeviation, 3) },
          // A row leaves at the first value that it lacks: of complete cases these are not all who lack the value.
          {
            title: isComplete ? text("Left out for it", "이 변수로 제외") : text("Missing", "결측"),
            numeric: true,
            cell: (row) => formatCount(row.missing),
          },
        ],
        rows: analysis.description,
      }),
      note(
        edition,
        areRows
          ? text("The mean of a yes/no variable is the share of rows with “yes”.", "예/아니요 변수의 평균은 ‘예’인 행의 비율입니다.")
          : text("The mean of a yes/no variable is the share of patients with “yes”.", "예/아니요 변수의 평균은 ‘예’인 환자의 비율입니다."),
      ),
      ...renderExcluded(edition),
    ],
  });
}

/** Who was left out and why, and which counts are hidden. */
export function renderExcluded(edition: Edition): readonly Html[] {
  const { excluded } = edition.result.analysis;
  const left =
    excluded.length === 0
      ? note(edition, text("No patient was left out of the analysis.", "분석에서 제외된 환자는 없습니다."))
      : renderTable(edition, {
          caption: text("Left out of the analysis", "분석에서 제외된 환자"),
          columns: [
            { title: text("Reason", "사유"), cell: (row: (typeof excluded)[number]) => exclusionWords(edition, row.reason) },
            { title: text("Patients", "환자 수"), numeric: true, cell: (row) => formatCount(row) },
          ],
          rows: excluded,
        });
  return [left, suppressionNote(edition)];
}

/** Says which figures are hidden, or that none are because the data are public. */
function suppressionNote(edition: Edition): Html {
  const k = edition.result.study.minimumCell;
  if (k === 0) {
    return note(
      edition,
      text("The data are public: no count is hidden in this report.", "공개 데이터이므로 이 보고서에서는 숨긴 수가 없습니다."),
    );
  }
  return html`${note(
    edition,
    text(
      `Counts below ${k} are shown as “<${k}”; a dash stands where a figure would let one be worked out.`,
      `${k} 미만의 수는 “<${k}”로 표시하며, 숨긴 수를 계산해 낼 수 있는 자리에는 줄표(–)를 둡니다.`,
    ),
  )}`;
}
