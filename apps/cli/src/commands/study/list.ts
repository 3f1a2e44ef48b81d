/** `dure study list`: the studies of the alliance that concern this folder. */

import { resolve } from "node:path";
import { type Language, text } from "@dure/kernel";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { decisionWord, stateWord, timeWord } from "../../study-words.ts";
import { formatTable } from "../../text-table.ts";
import { homeOption } from "../shared-options.ts";

export const studyList = defineCommand({
  name: "study list",
  summary: text("list the studies that concern this folder, with their runs", "이 폴더와 관련된 연구와 실행을 보여 줍니다"),
  description: text(
    "For a researcher, the studies that he proposed; for a hospital, those to which it is invited. Each with its hash, its state and the ids of " +
      "its runs, newest study last.",
    "연구자에게는 제안한 연구를, 병원에는 초대받은 연구를 보여 줍니다. 연구마다 해시, 상태, 실행 번호가 표시되며 가장 최근 연구가 맨 아래에 있습니다.",
  ),
  arguments: {},
  options: { home: homeOption },
  examples: [{ line: "dure study list --home researcher", shows: text("what became of my studies", "내 연구의 진행 상황") }],
  async run({ output, language, workingFolder }, input) {
    const { withConnection } = await import("../../connection.ts");
    const { studies, role } = await withConnection(resolve(workingFolder, input.home), async ({ connection, settings }) => {
      const answer = await connection.studies.listStudies({});
      return { studies: answer.studies.map(listedStudy), role: settings.role };
    });
    const listed = studies.sort((a, b) => a.proposedAtMs - b.proposedAtMs);
    output.result({ json: listed.map((study) => ({ ...study, runs: [...study.runs] })), text: describe(listed, role, language) });
    return EXIT.done;
  },
});

interface ListedStudy {
  readonly study: string;
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly proposer: string;
  readonly proposedAtMs: number;
  readonly ownDecision: string;
  readonly runs: readonly string[];
}

function listedStudy({ study, id, title, state, proposer, proposedAtMs, ownDecision, runs }: WireStudy): ListedStudy {
  return { study, id, title, state, proposer, proposedAtMs: Number(proposedAtMs), ownDecision, runs };
}

/** As the coordinator sends it. */
type WireStudy = Omit<ListedStudy, "proposedAtMs"> & { readonly proposedAtMs: bigint };

function describe(studies: readonly ListedStudy[], role: "site" | "researcher", language: Language): string {
  if (studies.length === 0) return text("No study concerns this folder yet.", "아직 이 폴더와 관련된 연구가 없습니다.")[language];
  const isSite = role === "site";
  return formatTable(
    [
      { heading: text("study", "연구")[language] },
      { heading: text("state", "상태")[language] },
      ...(isSite ? [{ heading: text("our decision", "우리 결정")[language] }] : []),
      { heading: text("proposed by", "제안자")[language] },
      { heading: text("proposed at", "제안 시각")[language] },
      { heading: text("hash; runs", "해시; 실행 번호")[language] },
    ],
    studies.flatMap((study) => [
      [
        study.id,
        stateWord(study.state, language),
        ...(isSite ? [decisionWord(ownDecision(study), language)] : []),
        study.proposer,
        timeWord(study.proposedAtMs),
        study.study,
      ],
      ...study.runs.map((run) => ["", "", ...(isSite ? [""] : []), "", text("run", "실행")[language], run]),
    ]),
  );
}

const ownDecision = ({ ownDecision: word }: ListedStudy): "approved" | "declined" | undefined =>
  word === "approved" || word === "declined" ? word : undefined;
