/** Why a certificate is refused, in words. */

import { type Problem, type Text, text } from "@dure/kernel";

export type CertificateRefusal =
  | "malformed"
  | "unknown-issuer"
  | "wrong-alliance"
  | "weak-key"
  | "expired"
  | "not-yet-valid"
  | "revoked"
  | "crl-stale"
  | "crl-untrusted"
  | "wrong-role";

const askOperator = text("Ask the alliance operator, who can enrol the site again.", "연합 운영자에게 문의해 기관을 다시 등록해 주십시오.");
const fetchList = text(
  "The coordinator publishes a new list every few hours; check that it runs and that this machine's clock is right.",
  "코디네이터는 몇 시간마다 새 목록을 발행합니다. 코디네이터가 동작하는지, 이 컴퓨터의 시각이 맞는지 확인해 주십시오.",
);

const words: Readonly<Record<CertificateRefusal, readonly [what: Text, remedy: Text]>> = {
  malformed: [text("The certificate is not one of this alliance's form.", "인증서가 연합에서 쓰는 형식이 아닙니다."), askOperator],
  "unknown-issuer": [text("The certificate was not issued by this alliance.", "이 연합에서 발급한 인증서가 아닙니다."), askOperator],
  "wrong-alliance": [text("The certificate belongs to another alliance.", "다른 연합의 인증서입니다."), askOperator],
  "weak-key": [
    text("The certificate's key is weaker than P-256 or RSA 3072.", "인증서의 키가 P-256 또는 RSA 3072보다 약합니다."),
    askOperator,
  ],
  expired: [
    text("The certificate, or the one that issued it, has expired.", "인증서 또는 이를 발급한 인증서의 유효 기간이 끝났습니다."),
    askOperator,
  ],
  "not-yet-valid": [
    text("The certificate is not valid yet.", "인증서의 유효 기간이 아직 시작되지 않았습니다."),
    text("Check the clocks of both machines.", "두 컴퓨터의 시각을 확인해 주십시오."),
  ],
  revoked: [text("The certificate has been revoked.", "폐지된 인증서입니다."), askOperator],
  "crl-stale": [text("The revocation list is older than 24 hours.", "인증서 폐지 목록이 24시간 넘게 갱신되지 않았습니다."), fetchList],
  "crl-untrusted": [
    text("There is no revocation list signed by the certificate's issuer.", "인증서 발급자가 서명한 폐지 목록이 없습니다."),
    fetchList,
  ],
  "wrong-role": [text("The certificate's role may not do this.", "이 인증서의 역할로는 할 수 없는 일입니다."), askOperator],
};

export function certificateProblem(reason: CertificateRefusal): Problem {
  const [what, remedy] = words[reason];
  return { code: `identity/certificate-${reason}`, severity: "error", place: {}, what, remedy };
}
