/** `dure alliance revoke`: a member leaves the alliance for good. */

import { resolve } from "node:path";
import { DureError, text } from "@dure/kernel";
import { systemClock, systemRandom } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { homeOption } from "../shared-options.ts";

/** The reasons of RFC 5280, section 5.3.1, as words of a command line. */
const REASONS = {
  unspecified: "unspecified",
  "key-compromise": "keyCompromise",
  "affiliation-changed": "affiliationChanged",
  superseded: "superseded",
  "cessation-of-operation": "cessationOfOperation",
} as const;

const NAMES = Object.keys(REASONS).join(", ");

export const allianceRevoke = defineCommand({
  name: "alliance revoke",
  summary: text("take a member out of the alliance for good", "회원을 연합에서 영구히 제외합니다"),
  description: text(
    "Revokes every certificate of the member. From this moment the coordinator refuses it, the revocation list names it, and a run that needs it " +
      "stops. Its id is never given again: a hospital that comes back is invited under a new one.",
    "회원의 모든 인증서를 폐지합니다. 이 시점부터 코디네이터는 그 회원의 접속을 거부하고, 폐지 목록에 이름이 올라가며, 그 회원이 필요한 실행은 중단됩니다. " +
      "같은 아이디는 다시 쓰이지 않으므로 돌아오는 병원은 새 아이디로 초대하십시오.",
  ),
  arguments: { id: { kind: "text", placeholder: "ID", summary: text("the member's id", "회원 아이디") } },
  options: {
    home: homeOption,
    reason: { kind: "text", placeholder: "REASON", summary: text(`${NAMES}; unspecified if not given`, `${NAMES}. 기본값 unspecified`) },
  },
  examples: [
    {
      line: "dure alliance revoke jeju --home alliance --reason key-compromise",
      shows: text("after a stolen laptop", "노트북을 도난당한 뒤"),
    },
  ],
  async run({ output, language, workingFolder }, input) {
    const { revokeMember } = await import("@dure/coordinator");
    const reason = Object.entries(REASONS).find(([name]) => name === (input.reason ?? "unspecified"))?.[1];
    if (reason === undefined) throw new DureError(unknownReason());
    const revoked = await revokeMember({
      home: resolve(workingFolder, input.home),
      id: input.id,
      reason,
      clock: systemClock,
      random: systemRandom,
    });
    const said = revoked.isNew
      ? text(`${revoked.id} is out of the alliance.`, `${revoked.id} 을(를) 연합에서 제외했습니다.`)
      : text(`${revoked.id} was revoked before.`, `${revoked.id} 은(는) 이미 제외되어 있습니다.`);
    output.result({ json: { ...revoked }, text: said[language] });
    return EXIT.done;
  },
});

const unknownReason = () =>
  ({
    code: "cli/unknown-reason",
    severity: "error",
    place: {},
    what: text("--reason is not one of the known reasons.", "--reason 이 정해진 사유가 아닙니다."),
    remedy: text(`Use ${NAMES}.`, `${NAMES} 중에서 고르십시오.`),
  }) as const;
