/** What can be wrong with a message. None holds a value: file, message, segment and field are enough to find it. */

import { type Place, type Problem, type Text, text } from "@dure/kernel";

export const HL7_PROBLEMS = {
  "hl7/no-header": [
    text(
      "the message does not begin with an MSH segment that declares its delimiters.",
      "메시지가 구분자를 선언하는 MSH 세그먼트로 시작하지 않습니다.",
    ),
    text(
      "Ask the sender for the message again, whole; the other messages were taken in.",
      "보낸 시스템에서 온전한 메시지를 다시 받으십시오. 나머지 메시지는 처리되었습니다.",
    ),
  ],
  "hl7/too-large": [
    text("the message is larger than one message may be.", "메시지가 허용된 최대 크기를 넘습니다."),
    text(
      "Send documents and images by another way; raise --message-bytes-max if the message is right.",
      "문서와 영상은 다른 방법으로 보내십시오. 메시지가 맞다면 --message-bytes-max 값을 늘리십시오.",
    ),
  ],
  "hl7/unknown-charset": [
    text("MSH-18 declares a character set that is not read here.", "MSH-18에 선언된 문자 집합을 읽을 수 없습니다."),
    text(
      "Have the sender write UNICODE UTF-8, KS X 1001, 8859/1 or ASCII.",
      "보내는 시스템에서 UNICODE UTF-8, KS X 1001, 8859/1, ASCII 중 하나로 보내도록 하십시오.",
    ),
  ],
  "hl7/undeclared-charset": [
    text(
      "the message holds characters beyond ASCII, but MSH-18 does not say in which character set.",
      "ASCII가 아닌 문자가 있는데 MSH-18에 문자 집합이 적혀 있지 않습니다.",
    ),
    text(
      "Have the sender fill MSH-18, or state the character set of this source with --charset.",
      "보내는 시스템에서 MSH-18을 채우거나 --charset으로 이 출처의 문자 집합을 지정하십시오.",
    ),
  ],
  "hl7/wrong-charset": [
    text("the message's bytes are not of the character set that it declares.", "메시지의 바이트가 선언된 문자 집합과 맞지 않습니다."),
    text("Correct MSH-18 at the sender.", "보내는 시스템에서 MSH-18을 고치십시오."),
  ],
  "hl7/unknown-type": [
    text("MSH-9 names a message type that is not known here.", "MSH-9의 메시지 종류를 알 수 없습니다."),
    text(
      "docs/hl7v2.md lists the types; take this one out of the feed.",
      "docs/hl7v2.md에 처리하는 종류가 있습니다. 이 종류는 전송 대상에서 빼십시오.",
    ),
  ],
  "hl7/no-patient": [
    text("the message names no patient of this hospital.", "메시지에 이 병원의 환자 등록번호가 없습니다."),
    text("Have the sender fill PID-3.", "보내는 시스템에서 PID-3을 채우십시오."),
  ],
  "hl7/no-merged-patient": [
    text("a merge that does not say which patient number is given up.", "병합 메시지에 없어지는 등록번호가 없습니다."),
    text("Have the sender fill MRG-1.", "보내는 시스템에서 MRG-1을 채우십시오."),
  ],
  "hl7/no-time": [
    text(
      "the message does not say when it was made, so a late one could undo a newer.",
      "메시지 생성 시각이 없어, 늦게 온 옛 메시지가 새 내용을 되돌릴 수 있습니다.",
    ),
    text("Have the sender fill MSH-7.", "보내는 시스템에서 MSH-7을 채우십시오."),
  ],
  "hl7/future-time": [
    text(
      "MSH-7 lies more than a day ahead, so that every later message would look old.",
      "MSH-7의 시각이 하루 넘게 앞서 있어, 이후의 모든 메시지가 옛 메시지로 보이게 됩니다.",
    ),
    text("Set the sender's clock and send the message again.", "보내는 시스템의 시계를 맞추고 메시지를 다시 보내십시오."),
  ],
  "hl7/bad-date": [
    text(
      "not a date or time of HL7 v2, or a day that does not exist; the field was left out.",
      "HL7 v2의 날짜나 시각이 아니거나 존재하지 않는 날짜입니다. 이 항목은 제외되었습니다.",
    ),
    text("Correct the field at the sender and send the message again.", "보내는 시스템에서 항목을 고쳐 다시 보내십시오."),
  ],
  "hl7/bad-number": [
    text(
      "declared as a number (NM), but it is not one; it was kept as text.",
      "숫자(NM)로 선언되었지만 숫자가 아닙니다. 글자로 보관했습니다.",
    ),
    text("Correct OBX-2 or OBX-5 at the sender.", "보내는 시스템에서 OBX-2나 OBX-5를 고치십시오."),
  ],
  "hl7/no-code": [
    text(
      "says no code and no name for what it is about; the segment was left out.",
      "무엇에 대한 것인지 코드도 이름도 없습니다. 이 세그먼트는 제외되었습니다.",
    ),
    text("Have the sender fill the field.", "보내는 시스템에서 이 항목을 채우십시오."),
  ],
  "hl7/no-visit-number": [
    text(
      "the visit has no number, no account and no admission time, so that a later message could not find it; it was left out.",
      "방문에 번호도 계정도 입원 시각도 없어 나중 메시지가 찾을 수 없습니다. 이 방문은 제외되었습니다.",
    ),
    text("Have the sender fill PV1-19.", "보내는 시스템에서 PV1-19를 채우십시오."),
  ],
  "hl7/no-order-number": [
    text(
      "an order without a number, so that its cancellation could not find it; it was left out.",
      "처방 번호가 없어 취소 메시지가 찾을 수 없습니다. 이 처방은 제외되었습니다.",
    ),
    text("Have the sender fill ORC-2 or ORC-3.", "보내는 시스템에서 ORC-2나 ORC-3을 채우십시오."),
  ],
  "hl7/order-number-twice": [
    text(
      "one order number for several orders of the message; they are told apart by their code.",
      "한 메시지의 여러 처방이 같은 번호를 씁니다. 코드로 구분했습니다.",
    ),
    text(
      "Have the sender number each order; a cancellation by the number alone reaches only the first.",
      "보내는 시스템에서 처방마다 번호를 붙이십시오. 번호만으로 하는 취소는 첫 처방에만 적용됩니다.",
    ),
  ],
  "hl7/moved-visit": [
    text(
      "a visit moved to another patient: the visit moved, what was recorded in it did not.",
      "방문이 다른 환자에게 옮겨졌습니다. 방문은 옮겨졌지만 그 안의 기록은 옮겨지지 않았습니다.",
    ),
    text(
      "Have the sender send the visit's results and orders again under the right patient.",
      "보내는 시스템에서 그 방문의 결과와 처방을 맞는 환자로 다시 보내십시오.",
    ),
  ],
} as const satisfies Readonly<Record<string, readonly [Text, Text]>>;

export type Hl7ProblemCode = keyof typeof HL7_PROBLEMS;

/** Faults that lose the message, or a part of it that cannot be had otherwise, are errors. */
const WARNINGS: readonly Hl7ProblemCode[] = ["hl7/bad-number", "hl7/order-number-twice", "hl7/no-time"];

/** @param place the message's number as row, the segment and field as path */
export function hl7Problem(code: Hl7ProblemCode, place: Place): Problem {
  const [what, remedy] = HL7_PROBLEMS[code];
  return { code, severity: WARNINGS.includes(code) ? "warning" : "error", place, what, remedy };
}
