/** How the data were protected, in words that a patient could read, with the n, t and c that the design claims. */

import { type Text, text } from "@dure/kernel";
import type { AnalysisReport } from "../analysis-report.ts";
import type { Edition } from "../edition.ts";
import { type Html, html } from "../html.ts";
import { renderSection } from "./parts.ts";

export function renderProtection(edition: Edition, report: AnalysisReport): Html {
  const { run, study } = edition.result;
  const points: readonly (readonly [Text, Text])[] = [
    [
      text("Records stayed.", "환자 기록은 병원 안에 있었습니다."),
      text(
        "No patient row, identifier or free text left a hospital. Each hospital computed on its own records, and the study that came in was a document, not a program.",
        "환자 단위 자료, 식별정보, 서술형 기록은 어느 병원에서도 나가지 않았습니다. 각 병원이 자기 기록으로 직접 계산했고, 병원에 들어온 것은 프로그램이 아니라 연구 문서였습니다.",
      ),
    ],
    [
      text("The coordinator saw sums only.", "조정기관은 합계만 보았습니다."),
      text(
        `In every round each of the n = ${run.sites} hospitals in the sum hid its figures behind random masks that cancel only in the sum over all of them. At least t = ${run.threshold} hospitals had to agree before a sum could be opened.`,
        `매 라운드마다 합산에 참여한 병원 n = ${run.sites}곳은 각자의 수치를 난수로 가렸고, 이 난수는 모든 병원의 값을 더했을 때에만 서로 지워집니다. 합계를 열려면 적어도 t = ${run.threshold}곳이 동의해야 했습니다.`,
      ),
    ],
    [
      text("Collusion has a stated limit.", "담합에 대한 한계를 밝힙니다."),
      text(
        `Even if the coordinator and c = ${run.collusion} of the hospitals had put all they know together, they would have learnt only the sum over the others. Beyond that number nothing is claimed.`,
        `조정기관과 병원 c = ${run.collusion}곳이 아는 것을 모두 합치더라도 나머지 병원들의 합계만 알 수 있습니다. 그보다 많은 병원이 담합하는 경우는 보장하지 않습니다.`,
      ),
    ],
    [text("Small groups are hidden.", "적은 수는 숨겼습니다."), minimumCellText(study.minimumCell, report.asksForClasses)],
    [
      text("Each hospital had the last word.", "마지막 결정은 각 병원이 했습니다."),
      text(
        "A hospital ran only what its own data steward had signed, and answered in its own name only with what the steward had ticked. The hospital pages list everything that left.",
        "각 병원은 자료 관리자가 서명한 연구만 수행했고, 병원 이름으로는 자료 관리자가 허락한 것만 답했습니다. 병원별 쪽에 병원 밖으로 나간 모든 것을 적었습니다.",
      ),
    ],
  ];
  const items = points.map(([title, body]) => html`<div><dt>${edition.say(title)}</dt><dd>${edition.say(body)}</dd></div>\n`);
  return renderSection(edition, {
    name: "protection",
    title: text("How were the data protected?", "자료는 어떻게 보호했습니까?"),
    body: [html`<dl class="points">${items}</dl>`],
  });
}

function minimumCellText(minimumCell: number, asksForClasses: boolean): Text {
  if (minimumCell === 0) {
    return text(
      "The data of this study are public, so the minimum cell was set to 0 and the rules on small groups were off.",
      "이 연구의 자료는 공개 자료이므로 최소 셀 크기를 0으로 두었고, 적은 수를 숨기는 규칙을 적용하지 않았습니다.",
    );
  }
  if (!asksForClasses) {
    return text(
      `No count below ${minimumCell} is shown for a hospital, and a hospital with fewer than ${minimumCell} patients did not take part.`,
      `병원 이름으로 ${minimumCell} 미만의 수를 표시하지 않으며, 환자가 ${minimumCell}명 미만인 병원은 참여하지 않았습니다.`,
    );
  }
  return text(
    `No count below ${minimumCell} is shown for a hospital, and a hospital with fewer than ${minimumCell} patients with or without the outcome did not take part. A variable that fewer than ${minimumCell} patients in all carry would have been refused.`,
    `병원 이름으로 ${minimumCell} 미만의 수를 표시하지 않으며, 결과가 발생한 환자나 발생하지 않은 환자가 ${minimumCell}명 미만인 병원은 참여하지 않았습니다. 전체에서 ${minimumCell}명 미만만 해당하는 변수는 거부됩니다.`,
  );
}
