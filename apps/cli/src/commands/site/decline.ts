/** `dure site decline`: no to a study, or an approval taken back. */

import { resolve } from "node:path";
import { type DeclinationReason, declinationReasons } from "@dure/identity";
import { DureError, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { readPassphrase } from "../../passphrase.ts";
import { homeOption, passphraseFileOption } from "../shared-options.ts";
import { delivered } from "./approve.ts";

export const siteDecline = defineCommand({
  name: "site decline",
  summary: text("decline a study, or withdraw an approval", "연구를 거절하거나 승인을 철회합니다"),
  description: text(
    "Signs the steward's no. Where the study was approved before, this withdraws the approval: nothing more leaves from this moment, and a running " +
      "exact analysis stops.",
    "자료 관리자의 거절에 서명합니다. 이미 승인한 연구라면 승인을 철회합니다. 이 시점부터 아무것도 나가지 않으며 진행 중인 정확 분석은 중단됩니다.",
  ),
  arguments: { study: { kind: "text", placeholder: "HASH", summary: text("the study's hash", "연구 해시") } },
  options: {
    home: homeOption,
    reason: {
      kind: "text",
      placeholder: "REASON",
      summary: text("review-board, policy, data, capacity or unstated", "review-board, policy, data, capacity 또는 unstated"),
    },
    passphraseFile: passphraseFileOption,
  },
  examples: [{ line: "dure site decline 3f5c… --home seoul --reason policy", shows: text("decline", "거절") }],
  async run({ output, language, environment, workingFolder }, input) {
    const { declineStudy, deliverDecisions } = await import("@dure/site");
    const { withSteward } = await import("../../steward.ts");
    const { withConnection } = await import("../../connection.ts");
    const home = resolve(workingFolder, input.home);
    const reason = parseReason(input.reason ?? "unstated");
    const kind = await withSteward(home, async (steward) => {
      const label = text("Passphrase of the data steward", "자료 관리자 암호");
      const passphrase = await readPassphrase({ file: input.passphraseFile, environment, workingFolder, language }, label);
      const decision = await declineStudy({ ...steward, study: input.study, passphrase, reason, clock: systemClock });
      if (decision.kind === "refused") throw new DureError(decision.problems);
      await delivered(() => withConnection(home, ({ connection }) => deliverDecisions(connection, steward.store)));
      return decision.kind;
    });
    const said = kind === "withdrawn" ? text("approval withdrawn", "승인을 철회했습니다") : text("declined", "거절했습니다");
    output.result({ json: { decision: kind, study: input.study, reason }, text: said[language] });
    return EXIT.done;
  },
});

function parseReason(value: string): DeclinationReason {
  const reason = declinationReasons.find((known) => known === value);
  if (reason !== undefined) return reason;
  throw new DureError({
    code: "site/unknown-reason",
    severity: "error",
    place: {},
    what: text("--reason is not one of the known reasons.", "--reason 이 정해진 사유가 아닙니다."),
    remedy: text(`Use ${declinationReasons.join(", ")}.`, `${declinationReasons.join(", ")} 중에서 고르십시오.`),
  });
}
