/** `dure alliance invite`: a token with which one hospital or researcher joins. */

import { resolve } from "node:path";
import { DureError, text } from "@dure/kernel";
import { systemClock, systemRandom } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { homeOption } from "../shared-options.ts";

const HOUR_MS = 3_600_000;
const VALID_HOURS = 72;

export const allianceInvite = defineCommand({
  name: "alliance invite",
  summary: text("make a token with which a hospital or researcher joins", "병원이나 연구자가 가입할 토큰을 만듭니다"),
  description: text(
    "Prints a token for one member, good once. It carries the root's fingerprint, so hand it over on a way that others cannot change.",
    "구성원 한 곳이 한 번만 쓸 수 있는 토큰을 출력합니다. 토큰에 루트 지문이 들어 있으므로 다른 사람이 바꿀 수 없는 방법으로 전달하십시오.",
  ),
  arguments: {
    id: { kind: "text", placeholder: "ID", summary: text("the member's id: letters, digits, . _ -", "구성원 아이디: 영문자, 숫자, . _ -") },
  },
  options: {
    home: homeOption,
    role: {
      kind: "text",
      placeholder: "ROLE",
      summary: text("site or researcher; site if not given", "site 또는 researcher. 기본값 site"),
    },
    hours: {
      kind: "whole-number",
      placeholder: "HOURS",
      min: 1,
      max: 720,
      summary: text(`how long it is good; ${VALID_HOURS} if not given`, `유효 시간. 기본값 ${VALID_HOURS}`),
    },
  },
  examples: [{ line: "dure alliance invite seoul --home alliance", shows: text("invite a hospital", "병원 초대") }],
  async run({ output, workingFolder }, input) {
    const { createEnrolmentToken } = await import("@dure/coordinator");
    const role = input.role ?? "site";
    if (role !== "site" && role !== "researcher") throw new DureError(unknownRole());
    const token = await createEnrolmentToken({
      home: resolve(workingFolder, input.home),
      role,
      id: input.id,
      validityMs: (input.hours ?? VALID_HOURS) * HOUR_MS,
      clock: systemClock,
      random: systemRandom,
    });
    output.result({ json: { id: input.id, role, token }, text: token });
    return EXIT.done;
  },
});

const unknownRole = () =>
  ({
    code: "coordinator/unknown-role",
    severity: "error",
    place: {},
    what: text("--role is neither site nor researcher.", "--role 이 site 도 researcher 도 아닙니다."),
    remedy: text("Leave it out for a hospital.", "병원이면 생략하십시오."),
  }) as const;
