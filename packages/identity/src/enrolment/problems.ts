/** Why an enrolment is refused, in words. */

import { type Problem, type Text, text } from "@dure/kernel";

const newToken = text("Ask the alliance operator for a new token.", "연합 운영자에게 새 등록 토큰을 요청해 주십시오.");
const enrolAgain = text("Run dure site enrol again; it makes new keys.", "dure site enrol를 다시 실행해 주십시오. 키를 새로 만듭니다.");

const words = {
  "token-malformed": [
    text("This is not an enrolment token, or it was cut or mistyped.", "등록 토큰이 아니거나, 일부가 잘렸거나 잘못 입력되었습니다."),
    text("Copy the whole line that begins with dure-enrol-.", "dure-enrol-로 시작하는 줄 전체를 복사해 주십시오."),
  ],
  "token-expired": [text("The enrolment token has expired.", "등록 토큰의 유효 기간이 끝났습니다."), newToken],
  "other-root": [
    text(
      "The coordinator shows another root certificate than the one in the token.",
      "코디네이터가 보여 준 루트 인증서가 토큰에 적힌 것과 다릅니다.",
    ),
    text(
      "Do not go on: somebody may stand between. Compare the root's fingerprint with the alliance operator.",
      "계속하지 마십시오. 누군가 중간에서 가로채고 있을 수 있습니다. 연합 운영자와 루트 지문을 대조해 주십시오.",
    ),
  ],
  "not-asked": [
    text(
      "The request does not prove that its sender holds a valid token.",
      "요청한 쪽이 유효한 등록 토큰을 가지고 있음을 확인할 수 없습니다.",
    ),
    newToken,
  ],
  "other-name": [
    text("The request names another alliance, role or id than the token.", "요청에 적힌 연합, 역할 또는 식별자가 토큰과 다릅니다."),
    enrolAgain,
  ],
  organisation: [
    text("The organisation's name is missing or longer than 200 characters.", "기관 이름이 없거나 200자를 넘습니다."),
    text("Give it with --organisation.", "--organisation으로 기관 이름을 지정해 주십시오."),
  ],
  "weak-key": [
    text(
      "A key in the request is not usable: identity and steward keys are Ed25519 and differ, the seal key is X25519.",
      "요청에 사용할 수 없는 키가 있습니다. 신원 키와 자료 관리자 키는 서로 다른 Ed25519 키, 봉인 키는 X25519 키여야 합니다.",
    ),
    enrolAgain,
  ],
  "bad-signature": [text("The request is not signed by its own identity key.", "요청이 자체 신원 키로 서명되지 않았습니다."), enrolAgain],
  "bad-csr": [
    text("The certificate request is malformed, unsigned or weak.", "인증서 요청의 형식이 잘못되었거나, 서명되지 않았거나, 키가 약합니다."),
    enrolAgain,
  ],
} as const satisfies Record<string, readonly [what: Text, remedy: Text]>;

export function enrolmentProblem(flaw: keyof typeof words): Problem {
  const [what, remedy] = words[flaw];
  return { code: `identity/enrolment-${flaw}`, severity: "error", place: {}, what, remedy };
}
