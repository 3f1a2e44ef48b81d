/** `dure site init`: a folder for one hospital by itself, without an alliance. */

import { resolve } from "node:path";
import { text } from "@dure/kernel";
import { systemRandom } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { homeOption } from "../shared-options.ts";

export const siteInit = defineCommand({
  name: "site init",
  summary: text("make a hospital's folder without an alliance", "연합 없이 병원의 폴더를 만듭니다"),
  description: text(
    "Makes the folder in which this hospital's OMOP store, mappings and quality results lie, and the keys of the store. No coordinator, token or " +
      "network is needed. To join an alliance later, run dure site enrol with the same --home: what was loaded stays.",
    "이 병원의 OMOP 저장소, 매핑, 품질 결과가 놓일 폴더와 저장소의 키를 만듭니다. 코디네이터, 토큰, 네트워크가 필요하지 않습니다. " +
      "나중에 연합에 가입하려면 같은 --home으로 dure site enrol을 실행하십시오. 적재한 자료는 그대로 남습니다.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    organisation: { kind: "required-text", placeholder: "NAME", summary: text("the hospital's name", "병원 이름") },
  },
  examples: [
    { line: 'dure site init --home seoul --organisation "Seoul Hospital"', shows: text("begin in one hospital", "한 병원에서 시작하기") },
  ],
  async run({ output, language, workingFolder }, input) {
    const { initHome } = await import("@dure/site");
    const home = resolve(workingFolder, input.home);
    const { organisation } = initHome({ home, organisation: input.organisation, random: systemRandom });
    const says = text(
      `The folder of ${organisation} is ready: ${input.home}. Back up its keys/ apart from the rest. Next: dure site vocabulary load, dure site sniff.`,
      `${organisation}의 폴더가 준비되었습니다: ${input.home}. 그 안의 keys/ 는 나머지와 따로 백업해 주십시오. 다음 단계: dure site vocabulary load, dure site sniff.`,
    );
    output.result({ json: { home: input.home, organisation }, text: says[language] });
    return EXIT.done;
  },
});
