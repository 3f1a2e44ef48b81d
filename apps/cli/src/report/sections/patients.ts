/** Who was studied: the description of the training hospitals together, and who was left out and why. */

import { type Text, text } from "@dure/kernel";
import type { Edition } from "../edition.ts";
import { formatCount, formatDecimal, formatInteger } from "../format.ts";
import { type Html, html } from "../html.ts";
import type { VariableDescription } from "../report-options.ts";
import { note, renderSection, renderTable } from "./parts.ts";

export function renderPatients(edition: Edition): Html {
  const { analysis } = edition.result;
  return renderSection(edition, {
    name: "patients",
    title: text("Who was studied?", "누구를 연구했습니까?"),
    body: [
      renderTable(edition, {
        caption: text("Training hospitals together", "학습 병원 전체"),
        columns: [
          { title: text("Variable", "변수"), cell: (row: VariableDescription) => edition.variableName(row.variable) },
          { title: text("Patients", "환자 수"), numeric: true, cell: (row) => formatInteger(row.n) },
          { title: text("Mean", "평균"), numeric: true, cell: (row) => formatDecimal(row.mean, 3) },
          { title: text("SD", "표준편차"), numeric: true, cell: (row) => formatDecimal(row.standardDeviation, 3) },
          { title: text("Missing", "결측"), numeric: true, cell: (row) => formatCount(row.missing) },
        ],
        rows: analysis.description,
      }),
      note(
        edition,
        text("The mean of a yes/no variable is the share of patients with “yes”.", "예/아니요 변수의 평균은 ‘예’인 환자의 비율입니다."),
      ),
      analysis.excluded.length === 0
        ? note(edition, text("No patient was left out of the analysis.", "분석에서 제외된 환자는 없습니다."))
        : renderTable(edition, {
            caption: text("Left out of the analysis", "분석에서 제외된 환자"),
            columns: [
              {
                title: text("Reason", "사유"),
                cell: (row: (typeof analysis.excluded)[number]) => edition.say(exclusionText(edition, row.reason)),
              },
              { title: text("Patients", "환자 수"), numeric: true, cell: (row) => formatCount(row) },
            ],
            rows: analysis.excluded,
          }),
      suppressionNote(edition),
    ],
  });
}

/** Reasons such as `hormon: missing` and `include: not met` in words; any other as it stands. */
function exclusionText(edition: Edition, reason: string): Text {
  const { words } = edition.options;
  const [name = "", what = ""] = reason.split(": ");
  if (name === "include") return INCLUDE_REASONS.get(what) ?? text("Study criteria could not be judged", "연구 대상 기준을 판단할 수 없음");
  if (what === "missing" && name === words.outcomeVariable) {
    return text(
      `Outcome not known: follow-up ended before ${words.outcome.en} could be told`,
      `결과를 알 수 없음: ${words.outcome.ko} 여부를 알기 전에 추적이 끝남`,
    );
  }
  const variable = words.variables.get(name) ?? text(name, name);
  const fault = VARIABLE_REASONS.get(what);
  return fault === undefined ? text(reason, reason) : text(`${fault.en}: ${variable.en}`, `${fault.ko}: ${variable.ko}`);
}

const INCLUDE_REASONS: ReadonlyMap<string, Text> = new Map([
  ["not met", text("Did not meet the study's criteria", "연구 대상 기준에 해당하지 않음")],
  ["missing", text("A value that the study's criteria need is missing", "연구 대상 기준에 필요한 값이 없음")],
]);

const VARIABLE_REASONS: ReadonlyMap<string, Text> = new Map([
  ["missing", text("Missing", "결측")],
  ["not a finite number", text("No finite number", "유한한 수가 아님")],
  ["not 0 or 1", text("Neither yes nor no", "예/아니요 값이 아님")],
  ["other", text("Not usable", "사용할 수 없는 값")],
]);

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
