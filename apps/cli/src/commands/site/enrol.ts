/** `dure site enrol`: join an alliance with keys made here. */

import { resolve } from "node:path";
import { text } from "@dure/kernel";
import { systemClock, systemRandom } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { readPassphrase } from "../../passphrase.ts";
import { formatFields } from "../../text-table.ts";
import { homeOption, passphraseFileOption } from "../shared-options.ts";

export const siteEnrol = defineCommand({
  name: "site enrol",
  summary: text("join an alliance with a token from its operator", "운영자에게 받은 토큰으로 연합에 가입합니다"),
  description: text(
    "Makes this site's keys in --home, checks that the coordinator's root is the one that the token names, and asks for a certificate. The " +
      "steward's key is encrypted by a passphrase of at least 12 characters, which the agent never learns.",
    "--home 폴더에 이 기관의 키를 만들고, 코디네이터의 루트 인증서가 토큰에 적힌 것과 같은지 확인한 뒤 인증서를 요청합니다. " +
      "자료 관리자의 키는 12자 이상의 암호로 암호화되며 에이전트는 이 암호를 알지 못합니다.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    token: { kind: "required-text", placeholder: "TOKEN", summary: text("the enrolment token", "가입 토큰") },
    organisation: {
      kind: "required-text",
      placeholder: "NAME",
      summary: text("the hospital's name, as others will see it", "다른 기관에 표시될 병원 이름"),
    },
    flatTable: {
      kind: "text",
      placeholder: "PATH",
      summary: text("use a flat file of a research table instead of an OMOP store", "OMOP 저장소 대신 연구용 표 파일을 사용합니다"),
    },
    passphraseFile: passphraseFileOption,
  },
  examples: [
    {
      line: 'dure site enrol --home seoul --token dure-enrol-… --organisation "Seoul Hospital"',
      shows: text("enrol a hospital", "병원 가입"),
    },
  ],
  async run({ output, language, environment, workingFolder }, input) {
    const { enrolSite } = await import("@dure/site");
    const label = text("Passphrase of the data steward (12 characters or more)", "자료 관리자 암호 (12자 이상)");
    const stewardPassphrase = await readPassphrase({ file: input.passphraseFile, environment, workingFolder, language }, label);
    const settings = await enrolSite({
      home: resolve(workingFolder, input.home),
      token: input.token,
      organisation: input.organisation,
      stewardPassphrase,
      ...(input.flatTable === undefined ? {} : { source: { kind: "flat", path: resolve(workingFolder, input.flatTable) } }),
      clock: systemClock,
      random: systemRandom,
    });
    const { siteId, alliance, coordinatorUrl, role } = settings;
    output.result({
      json: { siteId, alliance, coordinatorUrl, role },
      text: formatFields([
        [text("site", "기관")[language], siteId],
        [text("alliance", "연합")[language], alliance],
        [text("coordinator", "코디네이터")[language], coordinatorUrl],
      ]),
    });
    return EXIT.done;
  },
});
