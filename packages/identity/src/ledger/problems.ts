/** What can be wrong with a ledger, in words. */

import { type Place, type Problem, type Text, text } from "@dure/kernel";

export type LedgerFlaw = keyof typeof words;

const compare = text(
  "Compare the file with a backup and with the checkpoints that the other hospitals hold.",
  "백업 파일 및 다른 병원이 보관한 체크포인트와 대조해 주십시오.",
);
const exportAgain = text(
  "Export the ledger again; if it stays so, compare it with a backup.",
  "원장을 다시 내보내 주십시오. 그래도 같으면 백업과 대조해 주십시오.",
);
const askSource = text(
  "Take the checkpoint from the hospital or from a witness again.",
  "해당 병원이나 증인 기관에서 체크포인트를 다시 받아 주십시오.",
);

const words = {
  "bad-line": [text("The line is not a ledger entry in canonical form.", "원장 항목의 정규 형식이 아닌 줄입니다."), compare],
  "cut-line": [text("The file ends inside a line.", "파일이 줄 중간에서 끝났습니다."), exportAgain],
  "bad-hash": [
    text("The entry's content does not have the hash that it states.", "항목의 내용이 적혀 있는 해시와 맞지 않습니다."),
    compare,
  ],
  "bad-sequence": [
    text(
      "The entry's number does not follow from the one before: entries are missing, repeated or in another order.",
      "항목 번호가 앞 항목과 이어지지 않습니다. 빠지거나, 겹치거나, 순서가 바뀐 항목이 있습니다.",
    ),
    compare,
  ],
  "broken-chain": [
    text("The entry does not name the hash of the entry before it.", "항목에 적힌 앞 항목의 해시가 실제와 다릅니다."),
    compare,
  ],
  "clock-back": [
    text("The entry is dated before the one before it.", "항목의 시각이 앞 항목보다 이릅니다."),
    text("The machine's clock was set back; nothing is missing.", "컴퓨터 시각이 뒤로 조정된 것이며 빠진 항목은 없습니다."),
  ],
  "bad-checkpoint": [
    text("A checkpoint is not a signed note of size and root.", "체크포인트가 크기와 루트를 담은 서명 문서의 형식이 아닙니다."),
    askSource,
  ],
  "other-origin": [text("A checkpoint belongs to another ledger.", "다른 원장의 체크포인트입니다."), askSource],
  "bad-signature": [
    text("A checkpoint is not signed by this hospital's identity key.", "체크포인트가 이 병원의 신원 키로 서명되지 않았습니다."),
    askSource,
  ],
  "cut-off": [
    text(
      "The ledger is shorter than a checkpoint that its hospital signed: entries were removed from its end.",
      "원장이 병원이 서명한 체크포인트보다 짧습니다. 끝부분의 항목이 제거되었습니다.",
    ),
    compare,
  ],
  rewritten: [
    text(
      "The ledger does not have the root that its hospital signed: it was rewritten, or there are two of it.",
      "원장의 루트가 병원이 서명한 것과 다릅니다. 원장이 다시 쓰였거나 두 벌이 있습니다.",
    ),
    compare,
  ],
} as const satisfies Record<string, readonly [what: Text, remedy: Text]>;

export function ledgerProblem(flaw: LedgerFlaw, place: Place): Problem {
  const [what, remedy] = words[flaw];
  return { code: `identity/ledger-${flaw}`, severity: flaw === "clock-back" ? "warning" : "error", place, what, remedy };
}
