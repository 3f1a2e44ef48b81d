/** What the exit status says to a script. docs/cli.md documents the same table, and a test compares the two. */

import { type DureError, type Text, text } from "@dure/kernel";

export const EXIT = {
  done: 0,
  defect: 1,
  usage: 2,
  input: 3,
  refused: 4,
  surroundings: 5,
  notReadyYet: 75,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: readonly (readonly [ExitStatus, Text])[] = [
  [EXIT.done, text("done", "완료")],
  [EXIT.defect, text("a defect in dure itself; the message has its number", "dure 자체의 결함. 메시지에 결함 번호가 있음")],
  [EXIT.usage, text("the command line is wrong", "명령줄이 잘못됨")],
  [EXIT.input, text("a document or an export has problems, all of them printed", "문서나 내보내기 파일에 문제가 있음. 모두 출력됨")],
  [
    EXIT.refused,
    text(
      "refused: an approval, a certificate, a limit or a privacy rule forbids it",
      "거부됨. 승인, 인증서, 한도 또는 개인정보 보호 규칙에 어긋남",
    ),
  ],
  [EXIT.surroundings, text("a file, a disk, a database or the network failed", "파일, 디스크, 데이터베이스 또는 네트워크 오류")],
  [EXIT.notReadyYet, text("not ready yet; ask again later", "아직 준비되지 않음. 나중에 다시 확인할 것")],
  [EXIT.interrupted, text("interrupted with Ctrl-C", "Ctrl-C로 중단됨")],
  [EXIT.terminated, text("ended by a signal to terminate", "종료 신호를 받아 끝남")],
];

/** Documents and data that a person wrote and can mend. */
const INPUT_GROUPS = new Set(["study", "expression", "table", "mapping", "ingest", "intake", "quality", "clinical", "roster"]);
/** What the machine or the network has to give. */
const SURROUNDINGS_GROUPS = new Set(["machine", "store", "site-store", "wire", "transport", "file"]);

/** By the group of the first problem's code, the part before the slash. */
export function exitStatusOf(error: DureError): ExitStatus {
  const [group = ""] = error.code.split("/");
  if (group === "cli") return EXIT.usage;
  if (INPUT_GROUPS.has(group)) return EXIT.input;
  if (SURROUNDINGS_GROUPS.has(group) || error.retry !== "permanent") return EXIT.surroundings;
  return EXIT.refused;
}
