/** `dure site vocabulary accept`: loads build on the vocabulary that waited, from now on. */

import { resolve } from "node:path";
import { type JsonValue, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { homeOption } from "../../shared-options.ts";

export const siteVocabularyAccept = defineCommand({
  name: "site vocabulary accept",
  summary: text("use the waiting vocabulary from the next load on", "다음 적재부터 대기 중인 용어집을 사용합니다"),
  description: text(
    "See dure site vocabulary diff first. Snapshots that exist stay on the vocabulary that they were built with, and runs that have begun keep " +
      "their frozen table. A vocabulary that no kept snapshot needs is removed.",
    "먼저 dure site vocabulary diff로 확인하십시오. 이미 만든 적재본은 만들 때의 용어집을 그대로 쓰고, 시작된 실행도 고정된 테이블을 유지합니다. " +
      "어떤 적재본도 쓰지 않는 용어집은 지웁니다.",
  ),
  arguments: {},
  options: { home: homeOption },
  examples: [{ line: "dure site vocabulary accept --home seoul", shows: text("accept an update", "업데이트 승인") }],
  async run({ output, language, workingFolder, signal }, input) {
    const { acceptVocabulary } = await import("@dure/site/vocabulary");
    const acceptance = await acceptVocabulary({ home: resolve(workingFolder, input.home), clock: systemClock, signal });
    const { accepted, siteMap } = acceptance;
    const rows = siteMap.reduce((sum, { rowCount }) => sum + rowCount, 0);
    const done = text(
      `The next load uses vocabulary ${accepted.number} (${accepted.version}).`,
      `다음 적재부터 용어집 ${accepted.number}(${accepted.version})을(를) 사용합니다.`,
    );
    const map = text(
      `${rows} rows of the site's map point at concepts that it does not take: change them with dure site map before the next load.`,
      `기관 매핑의 행 ${rows}개가 새 용어집에 없는 대상을 가리킵니다. 다음 적재 전에 dure site map으로 고치십시오.`,
    );
    const said = rows === 0 ? done[language] : `${done[language]}\n${map[language]}`;
    output.result({ json: acceptance as unknown as JsonValue, text: said }); // numbers, versions and concept ids
    return EXIT.done;
  },
});
