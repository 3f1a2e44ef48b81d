/** What can be wrong with a study that came, or with a decision about it, in words for the data steward. */

import { type Problem, type Text, text } from "@dure/kernel";

const askProposer = text("Ask the proposer to propose the study again.", "제안자에게 연구를 다시 제안해 달라고 요청해 주십시오.");
const askOperator = text(
  "Do not approve it. Ask the alliance's operator how this could happen.",
  "승인하지 마시고, 어떻게 된 일인지 연합 운영자에게 문의해 주십시오.",
);

const words = {
  "study-malformed": [text("What came is not a study document.", "도착한 자료가 연구 문서가 아닙니다."), askProposer],
  "other-study-hash": [
    text("The study that came has another hash than the one asked for.", "도착한 연구의 해시가 요청한 것과 다릅니다."),
    askOperator,
  ],
  "proposal-malformed": [text("What came as the proposal is none.", "제안서 형식이 올바르지 않습니다."), askProposer],
  "roster-malformed": [text("What came as the invited roster is none.", "초대 명부 형식이 올바르지 않습니다."), askProposer],
  "file-absent": [text("The study names this file, but it did not come.", "연구가 지정한 파일이 도착하지 않았습니다."), askProposer],
  "file-altered": [
    text("The file is not the one that the study names: its SHA-256 differs.", "파일이 연구가 지정한 것과 다릅니다(SHA-256 불일치)."),
    askOperator,
  ],
  "file-unasked": [text("A file came that the study does not name.", "연구가 지정하지 않은 파일이 함께 도착했습니다."), askOperator],
  "not-invited": [
    text("This hospital is not among the invited ones.", "이 병원은 초대 명부에 없습니다."),
    text("Ask the proposer whether your hospital should be invited.", "귀 병원을 초대할 것인지 제안자에게 문의해 주십시오."),
  ],
  "own-key-differs": [
    text(
      "The roster names this hospital with a key that is not its own: somebody else could speak in its name.",
      "명부에 적힌 이 병원의 키가 실제 키와 다릅니다. 다른 사람이 이 병원 이름으로 행동할 수 있습니다.",
    ),
    askOperator,
  ],
  "other-roster": [
    text(
      "This study is already here, proposed by somebody else or to other hospitals.",
      "같은 연구가 다른 제안자 또는 다른 초대 명부로 이미 등록되어 있습니다.",
    ),
    text("Ask the proposer for a new version of the study.", "제안자에게 연구의 새 버전을 요청해 주십시오."),
  ],
  "study-not-here": [
    text("This study has not been fetched yet.", "아직 받아 오지 않은 연구입니다."),
    text("Fetch it first: dure site review STUDY.", "먼저 받아 주십시오: dure site review 연구해시."),
  ],
  "run-in-progress": [
    text(
      "A run of this study is in progress under the present approval; its terms cannot change now.",
      "현재 승인에 따라 이 연구가 실행 중이므로 지금은 조건을 바꿀 수 없습니다.",
    ),
    text(
      "Wait until the run has ended, or withdraw: dure site decline STUDY.",
      "실행이 끝난 뒤에 다시 하시거나 참여를 철회해 주십시오: dure site decline 연구해시.",
    ),
  ],
  "other-steward-key": [
    text(
      "The steward's key of this folder is not the one that the roster names for this hospital.",
      "이 폴더의 자료 관리자 키가 명부에 적힌 이 병원의 자료 관리자 키와 다릅니다.",
    ),
    text("Use the folder in which the hospital was enrolled.", "병원을 등록한 폴더에서 실행해 주십시오."),
  ],
  "steward-key-absent": [
    text("The steward's key file is missing.", "자료 관리자의 키 파일이 없습니다."),
    text("Restore steward.json from its backup.", "백업에서 steward.json을 복원해 주십시오."),
  ],
} as const satisfies Record<string, readonly [what: Text, remedy: Text]>;

export type StewardFlaw = keyof typeof words;

export function stewardProblem(flaw: StewardFlaw, place: Problem["place"] = {}): Problem {
  const [what, remedy] = words[flaw];
  return { code: `steward/${flaw}`, severity: "error", place, what, remedy };
}
