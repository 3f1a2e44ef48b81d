/** What the coordinator refuses, in words. */

import { type Place, type Problem, type Text, text } from "@dure/kernel";
import { dayMs, enrolmentsPerAddressMax, questionsPerDayMax, tokenValidityMsMax } from "./limits.ts";

const askOperator = text("Ask the alliance operator.", "연합 운영자에게 문의해 주십시오.");
const nothing = text("Nothing was changed.", "변경된 내용은 없습니다.");
const tryLater = text("Try again in a minute.", "1분 뒤에 다시 시도해 주십시오.");
const proposeAgain = text("Propose the study again with this version of Dure.", "이 버전의 Dure로 연구를 다시 제안해 주십시오.");

const words = {
  "not-initialised": [
    text("This folder is no coordinator's.", "코디네이터 폴더가 아닙니다."),
    text("Make an alliance first: dure alliance init.", "먼저 연합을 만들어 주십시오: dure alliance init."),
  ],
  "already-initialised": [
    text("This folder already holds an alliance.", "이 폴더에는 이미 연합이 있습니다."),
    text(
      "Name another folder; an alliance is never made anew over an old one.",
      "다른 폴더를 지정해 주십시오. 기존 연합을 덮어쓰지 않습니다.",
    ),
  ],
  "key-absent": [
    text("A key of the coordinator is missing.", "코디네이터의 키 파일이 없습니다."),
    text("Restore the folder keys/ from its own backup.", "keys/ 폴더를 별도 백업에서 복원해 주십시오."),
  ],
  "already-running": [
    text("Another coordinator runs on this folder.", "이 폴더에서 다른 코디네이터가 실행 중입니다."),
    text("Stop it first, or use the one that runs.", "먼저 종료하시거나 실행 중인 것을 사용해 주십시오."),
  ],
  "other-alliance": [
    text("The store belongs to another alliance than this folder's keys.", "저장소가 이 폴더의 키와 다른 연합의 것입니다."),
    text("Give the folder its own database, or the backup that belongs to it.", "이 폴더에 맞는 데이터베이스나 백업을 지정해 주십시오."),
  ],
  "address-unusable": [
    text("The coordinator cannot listen at its address.", "코디네이터가 지정된 주소에서 연결을 받을 수 없습니다."),
    text(
      "Another program may use the port: change it in coordinator.json.",
      "다른 프로그램이 포트를 사용하고 있을 수 있습니다. coordinator.json에서 바꿔 주십시오.",
    ),
  ],
  "no-dns-name": [
    text(
      "No name or address is given under which hospitals reach the coordinator.",
      "병원이 코디네이터에 접속할 이름이나 주소가 지정되지 않았습니다.",
    ),
    text("Give at least one, such as dure.example.org.", "dure.example.org와 같은 이름을 하나 이상 지정해 주십시오."),
  ],
  "no-port": [
    text(
      "The coordinator takes any free port, so a token made while it is stopped would name none.",
      "코디네이터가 임의의 포트를 쓰도록 설정되어 있어, 중지된 상태에서 만든 토큰에는 주소를 넣을 수 없습니다.",
    ),
    text("Start the coordinator, or give it a fixed port.", "코디네이터를 실행하시거나 고정 포트를 지정해 주십시오."),
  ],
  "console-unreachable": [
    text("The running coordinator does not answer its console.", "실행 중인 코디네이터의 콘솔이 응답하지 않습니다."),
    text(
      "Try again in a moment; if that does not help, restart the coordinator.",
      "잠시 뒤 다시 시도하시고, 계속되면 코디네이터를 다시 시작해 주십시오.",
    ),
  ],
  "console-command": [
    text("The console does not know this command.", "콘솔이 알지 못하는 명령입니다."),
    text("Use the dure of the same version.", "같은 버전의 dure를 사용해 주십시오."),
  ],
  "bad-invitation": [
    text(
      `The invitation is not usable: the id has letters, digits, ".", "_", "-" (at most 63), the organisation 1 to 200 characters, the validity at most ${tokenValidityMsMax / dayMs} days.`,
      `초대 내용을 사용할 수 없습니다. 식별자는 영문자, 숫자, ".", "_", "-"로 63자까지, 기관 이름은 1~200자, 유효 기간은 최대 ${tokenValidityMsMax / dayMs}일입니다.`,
    ),
    nothing,
  ],
  "member-exists": [
    text("The id already belongs to a member.", "이미 회원이 사용 중인 식별자입니다."),
    text("Choose another id; ids are never given twice.", "다른 식별자를 정해 주십시오. 식별자는 다시 사용되지 않습니다."),
  ],
  "unknown-member": [text("No member has this id.", "이 식별자를 가진 회원이 없습니다."), askOperator],
  "certificate-absent": [
    text("No client certificate was shown.", "클라이언트 인증서가 제시되지 않았습니다."),
    text("Enrol first: dure site enrol.", "먼저 등록해 주십시오: dure site enrol."),
  ],
  "member-not-active": [
    text("The certificate's holder is no active member of the alliance.", "인증서의 소유자가 연합의 활동 회원이 아닙니다."),
    askOperator,
  ],
  "too-many-enrolments": [
    text(
      `More than ${enrolmentsPerAddressMax} enrolments a minute were tried.`,
      `1분에 ${enrolmentsPerAddressMax}회가 넘는 등록 시도가 있었습니다.`,
    ),
    tryLater,
  ],
  "token-used": [
    text("The enrolment token has been used by somebody else.", "이미 다른 곳에서 사용된 등록 토큰입니다."),
    text(
      "Tell the alliance operator at once if that was not you, and ask for a new token.",
      "본인이 사용하지 않았다면 바로 연합 운영자에게 알리고 새 토큰을 요청해 주십시오.",
    ),
  ],
  "enrolment-other-organisation": [
    text("The request names another organisation than the invitation.", "요청에 적힌 기관 이름이 초대에 적힌 이름과 다릅니다."),
    text("Give the name that the operator wrote into the invitation.", "운영자가 초대에 적은 기관 이름을 지정해 주십시오."),
  ],
  "renewal-not-own": [
    text(
      "The request renews another member's certificate than the one shown.",
      "제시된 인증서가 아닌 다른 회원의 인증서를 갱신하려는 요청입니다.",
    ),
    askOperator,
  ],
  malformed: [
    text("A part of the request does not have the form that it needs.", "요청의 일부가 필요한 형식이 아닙니다."),
    text("Use the dure of the same version.", "같은 버전의 dure를 사용해 주십시오."),
  ],
  "file-absent": [text("The study names a file that did not come with it.", "연구가 지정한 파일이 함께 오지 않았습니다."), proposeAgain],
  "file-changed": [
    text("A file has another content than the study's hash says.", "파일 내용이 연구에 적힌 해시와 다릅니다."),
    proposeAgain,
  ],
  "file-unnamed": [text("A file came that the study does not name.", "연구가 지정하지 않은 파일이 함께 왔습니다."), proposeAgain],
  "proposer-not-caller": [
    text("The proposal is not signed by the caller's own key and seal key.", "제안이 호출한 회원의 키로 서명되지 않았습니다."),
    proposeAgain,
  ],
  "invited-not-member": [
    text("The roster names a hospital, or a key, that the alliance does not know so.", "명부에 연합이 알지 못하는 기관이나 키가 있습니다."),
    text("List the members again and propose to those.", "회원 목록을 다시 받아 그 기관들에 제안해 주십시오."),
  ],
  "already-proposed": [
    text(
      "This very study was proposed before, by another member or to other hospitals.",
      "같은 연구가 다른 회원에 의해, 또는 다른 기관들에 이미 제안되었습니다.",
    ),
    text("Give the new version another title or id.", "새 버전에는 다른 제목이나 식별자를 지정해 주십시오."),
  ],
  "unknown-study": [
    text("There is no such study.", "해당 연구가 없습니다."),
    text("List the studies to see their hashes.", "연구 목록에서 해시를 확인해 주십시오."),
  ],
  "not-a-participant": [
    text(
      "Only its proposer and the invited hospitals may see a study, and only its proposer and the hospitals that agreed a result.",
      "연구는 제안자와 초대된 병원만, 결과는 제안자와 동의한 병원만 볼 수 있습니다.",
    ),
    text("The refusal was recorded.", "이 요청은 거부되었고 그 사실이 기록되었습니다."),
  ],
  "not-invited": [text("This hospital was not invited to the study.", "이 기관은 해당 연구에 초대되지 않았습니다."), askOperator],
  "decision-too-late": [
    text("The study takes no more decisions in its present state.", "현재 상태에서는 연구에 대한 결정을 더 받지 않습니다."),
    nothing,
  ],
  "not-the-proposer": [text("Only the study's proposer may do this.", "연구의 제안자만 할 수 있습니다."), nothing],
  "study-state": [
    text("The study's present state does not allow this.", "연구의 현재 상태에서는 할 수 없습니다."),
    text("See its state: dure study show.", "연구 상태를 확인해 주십시오: dure study show."),
  ],
  "run-active": [
    text("A run of this study is under way.", "이 연구가 이미 실행 중입니다."),
    text("Watch that run, or wait for its end.", "그 실행을 지켜보시거나 끝날 때까지 기다려 주십시오."),
  ],
  "unknown-run": [
    text("There is no such run.", "해당 실행이 없습니다."),
    text("See the study's runs.", "연구의 실행 목록을 확인해 주십시오."),
  ],
  "no-result-yet": [
    text("The run has no result yet.", "아직 실행 결과가 없습니다."),
    text("Wait until it has ended.", "실행이 끝날 때까지 기다려 주십시오."),
  ],
  "too-many-questions": [
    text(
      `More than ${questionsPerDayMax} feasibility questions were asked in 24 hours.`,
      `24시간 동안 타당성 질의가 ${questionsPerDayMax}개를 넘었습니다.`,
    ),
    text("Ask again tomorrow.", "내일 다시 질의해 주십시오."),
  ],
  "unknown-question": [text("There is no such question of this caller.", "호출한 회원의 해당 질의가 없습니다."), nothing],
  "other-session": [
    text("Another process of this site took over.", "같은 기관의 다른 프로세스가 연결을 넘겨받았습니다."),
    text("Run one agent for each site.", "기관마다 에이전트를 하나만 실행해 주십시오."),
  ],
  "run-overloaded": [text("Too many messages of this run wait.", "이 실행의 처리 대기 메시지가 너무 많습니다."), tryLater],
  "run-unavailable": [text("The run's state could not be stored.", "실행 상태를 저장하지 못했습니다."), tryLater],
  "message-refused": [text("The run cannot do anything with this message.", "실행이 처리할 수 없는 메시지입니다."), nothing],
  "ledger-fork": [
    text(
      "Another ledger of the same length was shown before: one of the two is false.",
      "같은 길이의 다른 원장이 이미 제시되었습니다. 둘 중 하나는 잘못된 것입니다.",
    ),
    text(
      "The refusal was recorded. Look into the hospital's ledger: dure ledger verify.",
      "거부 내용이 기록되었습니다. 기관의 원장을 확인해 주십시오: dure ledger verify.",
    ),
  ],
  "unknown-checkpoint": [text("There is no such checkpoint to sign.", "서명할 체크포인트가 없습니다."), nothing],
  internal: [
    text("The coordinator failed.", "코디네이터에 오류가 발생했습니다."),
    text(
      "Tell the alliance operator when it happened; the coordinator's log has more.",
      "발생 시각을 연합 운영자에게 알려 주십시오. 자세한 내용은 코디네이터 로그에 있습니다.",
    ),
  ],
} as const satisfies Record<string, readonly [what: Text, remedy: Text]>;

export type CoordinatorFlaw = keyof typeof words;

export function coordinatorProblem(flaw: CoordinatorFlaw, place: Place = {}): Problem {
  const [what, remedy] = words[flaw];
  return { code: `coordinator/${flaw}`, severity: "error", place, what, remedy };
}
