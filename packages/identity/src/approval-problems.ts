/** What can be wrong with a decision or a proposal, and why an approval does not cover what is asked, in words. */

import { type Problem, type Text, text } from "@dure/kernel";

const askSteward = text(
  "Ask the hospital's data steward to decide again.",
  "해당 병원의 자료 관리자에게 다시 결정해 달라고 요청해 주십시오.",
);
const nothingLeft = text(
  "Nothing has left. The steward can review the study and sign a new approval.",
  "아무 자료도 나가지 않았습니다. 자료 관리자가 연구를 검토하고 새로 승인할 수 있습니다.",
);
const correct = text("Correct it and sign again.", "고친 뒤 다시 서명해 주십시오.");

const words = {
  "approval-missing": [
    text("A member of the run has not approved the study.", "실행 명부의 기관 가운데 연구를 승인하지 않은 곳이 있습니다."),
    askSteward,
  ],
  "approval-repeated": [text("A member of the run has two approvals.", "실행 명부의 한 기관에 승인이 두 건 있습니다."), askSteward],
  "approval-other-site": [text("The approval names another site.", "승인서에 다른 기관이 적혀 있습니다."), askSteward],
  "approval-other-steward": [
    text(
      "The approval is signed by another key than the steward's in the roster.",
      "승인서가 명부에 적힌 자료 관리자 키가 아닌 다른 키로 서명되어 있습니다.",
    ),
    askSteward,
  ],
  "approval-bad-signature": [text("The approval's signature does not hold.", "승인서의 서명이 맞지 않습니다."), askSteward],
  "approval-board-reference": [
    text(
      "The number of the review board's decision (IRB or DRB) is missing or longer than 200 characters.",
      "심의위원회(IRB 또는 DRB) 결정 번호가 없거나 200자를 넘습니다.",
    ),
    correct,
  ],
  "approval-dates": [text("The expiry is not a moment after the decision.", "만료 시각이 결정 시각보다 뒤가 아닙니다."), correct],
  "approval-sum-count": [
    text("The most sums of a run is not a whole number of 1 or more.", "한 실행에서 허용하는 합산 횟수가 1 이상의 정수가 아닙니다."),
    correct,
  ],
  "approval-minimum-cell": [
    text("The minimum cell is not a whole number of 0 or more.", "최소 셀 크기가 0 이상의 정수가 아닙니다."),
    correct,
  ],
  "approval-expired": [text("The approval has expired.", "승인 기간이 끝났습니다."), nothingLeft],
  "approval-other-study": [text("The study's hash is not the approved one.", "연구의 해시가 승인된 것과 다릅니다."), nothingLeft],
  "approval-other-roster": [text("The invited roster is not the approved one.", "초대 명부가 승인된 것과 다릅니다."), nothingLeft],
  "approval-release-not-granted": [
    text("The steward has not granted this own release.", "자료 관리자가 이 자체 공개 항목을 허용하지 않았습니다."),
    nothingLeft,
  ],
  "approval-sums-spent": [text("The approved number of sums of a run is spent.", "승인된 합산 횟수를 모두 사용했습니다."), nothingLeft],
  "approval-stricter-cell": [
    text(
      "The hospital asks for a larger minimum cell than the run applies.",
      "병원이 요구하는 최소 셀 크기가 실행에 적용되는 값보다 큽니다.",
    ),
    nothingLeft,
  ],
  "declination-bad-signature": [
    text("The signature of the declination does not hold.", "거절 또는 철회 결정의 서명이 맞지 않습니다."),
    askSteward,
  ],
  "declination-other-site": [
    text("The declination names another site or steward than the roster.", "거절 또는 철회 결정의 기관이나 자료 관리자가 명부와 다릅니다."),
    askSteward,
  ],
  "proposal-bad-signature": [
    text("The proposal's signature does not hold.", "연구 제안의 서명이 맞지 않습니다."),
    text("Ask the proposer to send the study again.", "제안자에게 연구를 다시 보내 달라고 요청해 주십시오."),
  ],
  "proposal-other-study": [
    text(
      "The proposal is for another study or roster than the documents beside it.",
      "제안서가 함께 온 연구 문서나 명부와 다른 것을 가리킵니다.",
    ),
    text("Ask the proposer to send the study again.", "제안자에게 연구를 다시 보내 달라고 요청해 주십시오."),
  ],
} as const satisfies Record<string, readonly [what: Text, remedy: Text]>;

export function approvalProblem(flaw: keyof typeof words, site?: string): Problem {
  const [what, remedy] = words[flaw];
  return { code: `identity/${flaw}`, severity: "error", place: site === undefined ? {} : { site }, what, remedy };
}
