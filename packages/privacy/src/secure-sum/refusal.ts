/** Everything at which a secure sum stops. Nothing was opened then, and the attempt's secrets are to be erased. */

import { DureError, type Text, text } from "@dure/kernel";

export type SecureSumReason = keyof typeof explanations;
export type SecureSumCode = `secure-sum/${SecureSumReason}`;

const explanations = {
  "malformed-context": text(
    "the attempt is described wrongly: names of 1 to 128 bytes, whole numbers and 32-byte identity keys are needed.",
    "시도 정보가 잘못되었습니다. 1~128바이트의 이름, 정수 값, 32바이트 신원 키가 필요합니다.",
  ),
  "minimum-below-floor": text(
    "minimumSites is below 3, the smallest number that hides a hospital.",
    "minimumSites가 병원을 숨길 수 있는 최솟값인 3보다 작습니다.",
  ),
  "too-few-members": text("the attempt has fewer members than minimumSites.", "참여 기관 수가 minimumSites보다 적습니다."),
  "too-many-members": text("the attempt has more than 100 members.", "참여 기관이 100곳을 넘습니다."),
  "duplicate-member": text("two members have the same name or the same identity key.", "이름이나 신원 키가 같은 기관이 둘 있습니다."),
  "not-a-member": text("this hospital is not a member of the attempt.", "이 병원은 이번 시도의 참여 기관이 아닙니다."),
  "wrong-sender": text("the message carries another hospital's name than its sender's.", "메시지에 적힌 병원 이름이 보낸 병원과 다릅니다."),
  "layout-hash-mismatch": text(
    "the layout does not have the hash that the attempt names.",
    "합계 구성의 해시가 시도에 적힌 값과 다릅니다.",
  ),
  "malformed-announcement": text(
    "the announced keys or commitments have the wrong number or length.",
    "공개된 키나 확약 값의 개수 또는 길이가 맞지 않습니다.",
  ),
  "bad-announcement-signature": text(
    "the signature on the announced keys is not this hospital's for this very attempt.",
    "공개된 키의 서명이 이번 시도에 대한 해당 병원의 서명이 아닙니다.",
  ),
  "duplicate-announcement": text("a hospital or a key is announced twice.", "같은 병원이나 같은 키가 두 번 공개되었습니다."),
  "own-announcement-altered": text(
    "the list of keys lacks this hospital's own announcement, or alters it.",
    "키 목록에 우리 병원의 공개 키가 없거나 변경되어 있습니다.",
  ),
  "too-few-announcements": text(
    "the list of keys names fewer hospitals than the threshold and minimumSites ask for.",
    "키 목록의 병원 수가 임계값 또는 minimumSites보다 적습니다.",
  ),
  "weak-key": text(
    "the public key lies in a small subgroup, so anyone can compute its secrets.",
    "공개 키가 취약하여 누구나 비밀 값을 계산할 수 있습니다.",
  ),
  "share-not-for-me": text(
    "a share is addressed to another hospital, or comes from one without keys in the list.",
    "조각이 다른 병원 앞으로 되어 있거나 키 목록에 없는 병원에서 왔습니다.",
  ),
  "duplicate-share": text("two shares come from the same hospital.", "같은 병원에서 온 조각이 둘 있습니다."),
  "share-unreadable": text(
    "the sealed share cannot be opened: it was altered, or sealed for another attempt.",
    "봉인된 조각을 열 수 없습니다. 변조되었거나 다른 시도용으로 봉인되었습니다.",
  ),
  "share-commitment-mismatch": text("the share is not the one that the hospital committed to.", "조각이 해당 병원이 확약한 값과 다릅니다."),
  "too-few-sharers": text(
    "fewer hospitals shared their keys than the threshold and minimumSites ask for.",
    "키를 나눈 병원 수가 임계값 또는 minimumSites보다 적습니다.",
  ),
  "wrong-vector-length": text("the vector does not have the length that the layout gives.", "벡터의 길이가 합계 구성과 맞지 않습니다."),
  "duplicate-survivor": text("the survivor list names a hospital twice.", "생존 목록에 같은 병원이 두 번 적혀 있습니다."),
  "survivor-not-a-sharer": text(
    "the survivor list names a hospital that did not share its keys.",
    "생존 목록에 키를 나누지 않은 병원이 있습니다.",
  ),
  "survivors-without-me": text(
    "the survivor list leaves out this hospital, which sent its vector.",
    "벡터를 보낸 우리 병원이 생존 목록에 없습니다.",
  ),
  "too-few-survivors": text(
    "the survivor list is shorter than the threshold and minimumSites ask for.",
    "생존 목록의 병원 수가 임계값 또는 minimumSites보다 적습니다.",
  ),
  "exact-needs-everyone": text(
    "an exact analysis opens nothing unless every member is in the list.",
    "정확 분석은 모든 참여 기관이 목록에 있어야 합계를 엽니다.",
  ),
  "another-survivor-list": text("the list is not the one that this hospital signed.", "우리 병원이 서명한 생존 목록과 다른 목록입니다."),
  "bad-survivor-signature": text(
    "the signature is not a listed hospital's over this very list.",
    "서명이 이 생존 목록에 대한 해당 병원의 서명이 아닙니다.",
  ),
  "too-few-survivor-signatures": text(
    "fewer hospitals signed the survivor list than the threshold asks for.",
    "생존 목록에 서명한 병원 수가 임계값보다 적습니다.",
  ),
  "wrong-phase": text("this step was already taken, or comes too early.", "이미 끝난 단계이거나 아직 할 수 없는 단계입니다."),
  "another-attempt": text("these secrets belong to another attempt.", "다른 시도에 속한 비밀 값입니다."),
  "duplicate-vector": text("the hospital's vector is already in the sum.", "이 병원의 벡터는 이미 합계에 들어 있습니다."),
  "sum-already-opened": text(
    "the sum was opened; late vectors and second openings are discarded.",
    "합계가 이미 열렸습니다. 늦은 벡터와 두 번째 열기는 받지 않습니다.",
  ),
  "survivors-differ-from-sum": text(
    "the survivor list does not name exactly the hospitals whose vectors were added.",
    "생존 목록이 합계에 더해진 병원들과 일치하지 않습니다.",
  ),
  "wrong-share-kind": text(
    "the hospital gave a mask share of a survivor or a self-mask share of one that vanished.",
    "남아 있는 병원의 마스크 조각이나 사라진 병원의 자체 마스크 조각이 제출되었습니다.",
  ),
  "duplicate-unmask-share": text(
    "the hospital gave two shares about the same peer.",
    "한 병원이 같은 상대에 대한 조각을 두 번 제출했습니다.",
  ),
  "unmask-share-mismatch": text(
    "the share that the hospital gave is not the one it was dealt.",
    "제출된 조각이 그 병원이 받은 조각과 다릅니다.",
  ),
  "too-few-unmask-shares": text(
    "fewer shares about this hospital arrived than the threshold asks for.",
    "이 병원에 대한 조각이 임계값보다 적게 도착했습니다.",
  ),
  "self-seed-mismatch": text(
    "the shares that this hospital dealt do not rebuild the self-mask seed it committed to.",
    "이 병원이 나눈 조각으로 확약한 자체 마스크 시드를 복원할 수 없습니다.",
  ),
  "mask-key-mismatch": text(
    "the shares that this hospital dealt do not rebuild the private half of its mask key.",
    "이 병원이 나눈 조각으로 마스크 키의 비밀 키를 복원할 수 없습니다.",
  ),
} satisfies Record<string, Text>;

const remedy = text(
  "Nothing was opened; a new attempt has fresh keys. If the same hospital is named again, ask its operator to look at the agent's log.",
  "공개된 값은 없습니다. 새 시도는 새 키로 진행됩니다. 같은 병원이 다시 지목되면 그 병원 담당자에게 에이전트 기록을 확인하도록 요청해 주십시오.",
);

export const secureSumReasons: readonly string[] = Object.keys(explanations);

/** `siteId` names the hospital at fault, where there is one. */
export class SecureSumRefusal extends DureError {
  readonly reason: SecureSumReason;
  readonly siteId: string | undefined;

  constructor(reason: SecureSumReason, siteId?: string) {
    super({
      code: `secure-sum/${reason}`,
      severity: "error",
      place: siteId === undefined ? {} : { site: siteId },
      what: explanations[reason],
      remedy,
    });
    this.name = "SecureSumRefusal";
    this.reason = reason;
    this.siteId = siteId;
  }

  override get code(): SecureSumCode {
    return `secure-sum/${this.reason}`;
  }
}
