/** What a bulk export can meet. Statuses and counts only: a server's own words may quote records, and its links may be signed. */

import { DureError, type Problem, type Retry, type Text, text } from "@dure/kernel";

export type BulkFault =
  | "not-https"
  | "unreachable"
  | "refused"
  | "not-authorised"
  | "export-gone"
  | "wrong-content-type"
  | "truncated"
  | "bad-manifest"
  | "export-pending"
  | "nothing-pending"
  | "took-too-long"
  | "bad-token-answer"
  | "bad-key";

const FAULTS = {
  "not-https": [
    text(
      "the address is not https, which only this machine itself may do without.",
      "주소가 https가 아닙니다. 이 컴퓨터 자신에 대해서만 http를 쓸 수 있습니다.",
    ),
    text("Give the server's https address.", "서버의 https 주소를 주십시오."),
  ],
  unreachable: [
    text(
      "the server did not answer, or answered with a fault of its own, again and again.",
      "서버가 응답하지 않거나 서버 오류를 반복하였습니다.",
    ),
    text("Start the same command again later: it goes on where it stopped.", "나중에 같은 명령을 다시 실행하면 이어서 진행합니다."),
  ],
  refused: [
    text("the server refused the request.", "서버가 요청을 거절하였습니다."),
    text("Check the address, --type and --since with the server's operator.", "주소와 --type, --since를 서버 운영자에게 확인하십시오."),
  ],
  "not-authorised": [
    text("the server does not accept the access token.", "서버가 접근 토큰을 받아들이지 않습니다."),
    text("Get a new token, or check the client and its key.", "토큰을 새로 발급받거나 클라이언트와 키를 확인하십시오."),
  ],
  "export-gone": [
    text("the server no longer knows the export that was asked for.", "서버에 요청해 둔 내보내기가 더 이상 없습니다."),
    text(
      "Start the same command again: it asks anew; what was taken in stays.",
      "같은 명령을 다시 실행하면 새로 요청합니다. 반입한 내용은 그대로입니다.",
    ),
  ],
  "wrong-content-type": [
    text("the server sent something other than NDJSON for a file of the export.", "서버가 내보내기 파일로 NDJSON이 아닌 것을 보냈습니다."),
    text(
      "Often a sign-in page or a proxy: open the address from this machine.",
      "로그인 화면이나 프록시인 경우가 많습니다. 이 컴퓨터에서 주소를 확인하십시오.",
    ),
  ],
  truncated: [
    text("a file of the export stays shorter than the server says.", "내보내기 파일이 서버가 알린 길이보다 계속 짧습니다."),
    text("Start the same command again: it asks for the missing part.", "같은 명령을 다시 실행하면 빠진 부분을 받습니다."),
  ],
  "bad-manifest": [
    text("the server's list of files is no manifest of a bulk export.", "서버가 보낸 파일 목록이 벌크 내보내기 목록 형식이 아닙니다."),
    text("Check that the address ends with $export.", "주소가 $export로 끝나는지 확인하십시오."),
  ],
  "export-pending": [
    text("another export of this source is not finished.", "이 출처의 다른 내보내기가 아직 끝나지 않았습니다."),
    text("Finish it with its own address, or give it up with --cancel.", "그 주소로 마치거나 --cancel로 취소하십시오."),
  ],
  "nothing-pending": [
    text("no export of this source is under way.", "이 출처에 진행 중인 내보내기가 없습니다."),
    text("Nothing to do.", "조치할 것이 없습니다."),
  ],
  "took-too-long": [
    text("the server had not finished the export after 24 hours.", "서버가 24시간 안에 내보내기를 마치지 못하였습니다."),
    text("Start the same command again to wait on, or give up with --cancel.", "같은 명령으로 계속 기다리거나 --cancel로 취소하십시오."),
  ],
  "bad-token-answer": [
    text("the token's address gave no token.", "토큰 발급 주소가 토큰을 주지 않았습니다."),
    text(
      "Check --token-url, --client-id and that the public key is registered.",
      "--token-url, --client-id와 공개 키 등록을 확인하십시오.",
    ),
  ],
  "bad-key": [
    text("the key is no private key for ES384 or RS384.", "키가 ES384 또는 RS384용 개인 키가 아닙니다."),
    text("Give a PEM file: EC P-384, or RSA of 2048 bits or more.", "EC P-384 또는 2048비트 이상 RSA의 PEM 파일을 주십시오."),
  ],
} as const satisfies Record<BulkFault, readonly [Text, Text]>;

export function bulkFault(
  fault: BulkFault,
  options: { readonly status?: number; readonly file?: string; readonly cause?: unknown } = {},
): DureError {
  const [what, remedy] = FAULTS[fault];
  const { status, file, cause } = options;
  const problem: Problem = {
    code: `intake/${fault}`,
    severity: "error",
    place: { ...(file === undefined ? {} : { file }), ...(status === undefined ? {} : { path: `HTTP ${status}` }) },
    what,
    remedy,
  };
  return new DureError(problem, { retry: RETRIED.has(fault) ? "transient" : ("permanent" satisfies Retry), cause });
}

const RETRIED: ReadonlySet<BulkFault> = new Set(["unreachable", "truncated", "took-too-long"]);

/** The export's own count is not what came. A warning: servers count differently, but a loss must not go unseen. */
export const countDiffers = (file: string, stated: number, found: number): Problem => ({
  code: "intake/count-differs",
  severity: "warning",
  place: { file },
  what: text(
    `the server stated ${stated} resources, and sent ${found}.`,
    `서버는 리소스가 ${stated}건이라고 했으나 ${found}건을 보냈습니다.`,
  ),
  remedy: text("Ask the server's operator before relying on it.", "사용하기 전에 서버 운영자에게 확인하십시오."),
});
