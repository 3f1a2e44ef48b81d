/** `dure study propose`: send a study to the hospitals that are to decide on it. */

import { resolve } from "node:path";
import { text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { homeOption } from "../shared-options.ts";

export const studyPropose = defineCommand({
  name: "study propose",
  summary: text("propose a study to hospitals of the alliance", "연합의 병원에 연구를 제안합니다"),
  description: text(
    "Freezes the study and the files it names to one hash, signs it with this folder's key and sends it to the invited hospitals. Nothing runs " +
      "before enough of them approve.",
    "연구와 연구에서 지정한 파일을 하나의 해시로 고정하고 이 폴더의 키로 서명하여 초대한 병원에 보냅니다. 충분한 병원이 승인하기 전에는 아무것도 실행되지 않습니다.",
  ),
  arguments: { study: { kind: "text", placeholder: "STUDY", summary: text("the study document", "연구 문서 파일") } },
  options: {
    home: homeOption,
    site: { kind: "list", placeholder: "ID", summary: text("a hospital that is to train", "학습에 참여할 병원") },
    external: { kind: "list", placeholder: "ID", summary: text("a hospital that is to validate", "외부 검증을 할 병원") },
  },
  examples: [
    {
      line: "dure study propose study.yaml --home researcher --site seoul --site busan --site daegu --external jeju",
      shows: text("three hospitals train, a fourth validates", "세 병원이 학습하고 네 번째 병원이 검증합니다"),
    },
  ],
  async run({ output, language, workingFolder }, input) {
    const { readStudyDraft } = await import("../../study-draft.ts");
    const { study, files } = readStudyDraft(input.study, workingFolder);
    const { proposeStudy } = await import("@dure/site");
    const { withConnection } = await import("../../connection.ts");
    const invitations = [
      ...input.site.map((siteId) => ({ siteId, role: "training" as const })),
      ...input.external.map((siteId) => ({ siteId, role: "external" as const })),
    ];
    const hash = await withConnection(resolve(workingFolder, input.home), ({ connection, paths, settings }) =>
      proposeStudy({ connection, paths, settings, study, files, invitations, clock: systemClock }),
    );
    output.result({ json: { study: hash }, text: `${text("proposed as", "제안된 연구 해시")[language]} ${hash}` });
    return EXIT.done;
  },
});
