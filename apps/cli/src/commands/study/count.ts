/** `dure study count`: how many patients could each hospital bring to a study? */

import { resolve } from "node:path";
import { type Language, type Text, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import type { CountAnswer } from "@dure/site";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { formatTable } from "../../text-table.ts";
import { homeOption } from "../shared-options.ts";

const WAIT_SECONDS = 60;

export const studyCount = defineCommand({
  name: "study count",
  summary: text("ask hospitals how many patients they could bring", "병원별 대상 환자 수를 문의합니다"),
  description: text(
    "Asks each hospital how many of its patients the study would include. A hospital answers by itself under a standing approval of its " +
      'steward, and otherwise "not taking part", without saying why. Answers carry noise, are rounded to 5, and below 10 are only "<10". ' +
      "Nothing is proposed by asking; the same question on the same day is asked once, so that waiting again costs nothing.",
    "이 연구에 포함될 환자가 몇 명인지 병원마다 문의합니다. 병원은 자료 관리자의 상시 승인이 있으면 자동으로 답하고, 없으면 이유를 밝히지 않고 “응하지 않음”으로 답합니다. " +
      "답에는 잡음이 더해지고 5명 단위로 반올림되며, 10명 미만은 “<10”으로만 표시됩니다. 문의만으로 연구가 제안되지는 않습니다. 같은 날 같은 문의는 한 번으로 처리되므로 다시 기다리셔도 됩니다.",
  ),
  arguments: {
    study: { kind: "text", placeholder: "STUDY", summary: text("the study document, a draft too", "연구 문서 파일(초안도 가능)") },
  },
  options: {
    home: homeOption,
    site: {
      kind: "list",
      placeholder: "ID",
      summary: text("a hospital to ask; every hospital if not given", "문의할 병원. 지정하지 않으면 모든 병원"),
    },
    wait: {
      kind: "whole-number",
      placeholder: "SECONDS",
      min: 0,
      max: 86_400,
      summary: text(`how long to wait for answers; ${WAIT_SECONDS} if not given`, `답을 기다릴 시간(초). 기본값 ${WAIT_SECONDS}`),
    },
  },
  examples: [
    {
      line: "dure study count study.yaml --home researcher --site seoul --site busan",
      shows: text("ask two hospitals", "두 병원에 문의"),
    },
  ],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { readStudyDraft } = await import("../../study-draft.ts");
    const { study, files } = readStudyDraft(input.study, workingFolder);
    const { askCount, listHospitals, waitForAnswers } = await import("@dure/site");
    const { withConnection } = await import("../../connection.ts");
    const answers = await withConnection(resolve(workingFolder, input.home), async ({ connection }) => {
      const sites = input.site.length > 0 ? input.site : await listHospitals(connection);
      const question = await askCount({ connection, study, files, sites });
      return progress.during(text("answers", "답변"), (tell) =>
        waitForAnswers({
          connection,
          question,
          clock: systemClock,
          waitMs: (input.wait ?? WAIT_SECONDS) * 1_000,
          signal,
          onAnswers: (now) => tell(now.filter(isAnswered).length, now.length),
        }),
      );
    });
    output.result({
      json: { study: study.hash, answers: answers.map(({ site, answer }) => ({ site, answer: answer ?? null })) },
      text: describe(answers, language),
    });
    if (answers.every(isAnswered)) return EXIT.done;
    output.note(
      text(
        "Some hospitals have not answered: their agents may be stopped. The question stays open; ask again later with the same command.",
        "아직 답하지 않은 병원이 있습니다. 에이전트가 꺼져 있을 수 있습니다. 문의는 유지되므로 나중에 같은 명령으로 다시 확인해 주십시오.",
      ),
    );
    return EXIT.notReadyYet;
  },
});

const isAnswered = ({ answer }: CountAnswer): boolean => answer !== undefined;

const describe = (answers: readonly CountAnswer[], language: Language): string =>
  formatTable(
    [{ heading: text("hospital", "병원")[language] }, { heading: text("patients", "환자 수")[language], align: "right" }],
    answers.map(({ site, answer }) => [site, answerWord(answer)[language]]),
  );

function answerWord(answer: string | undefined): Text {
  if (answer === undefined) return text("no answer yet", "아직 답 없음");
  if (answer === "not-taking-part") return text("not taking part", "응하지 않음");
  return answer.startsWith("<") ? text(answer, answer) : text(`about ${answer}`, `약 ${answer}`);
}
