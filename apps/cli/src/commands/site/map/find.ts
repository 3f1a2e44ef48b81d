/** `dure site map find`: concepts by words. */

import { resolve } from "node:path";
import { type JsonValue, text } from "@dure/kernel";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { formatTable } from "../../../text-table.ts";
import { homeOption } from "../../shared-options.ts";
import { withStore } from "./open-reviews.ts";

const LINES = 10;

export const siteMapFind = defineCommand({
  name: "site map find",
  summary: text("find standard concepts by words", "단어로 표준 개념을 찾습니다"),
  description: text(
    "Searches every name and synonym of the vocabulary in use, English and Korean. Spelling need not be exact. A name of a code that is not " +
      "standard leads to the standard concept it maps to.",
    "사용 중인 어휘의 모든 이름과 동의어(영어, 한국어)에서 찾습니다. 철자가 조금 달라도 됩니다. 표준이 아닌 코드의 이름이면 연결된 표준 개념을 보여 줍니다.",
  ),
  arguments: { words: { kind: "text", placeholder: "WORDS", summary: text("what to look for", "찾을 말") } },
  options: {
    home: homeOption,
    domain: { kind: "text", placeholder: "DOMAIN", summary: text("only this domain, such as Drug", "이 영역만(예: Drug)") },
  },
  examples: [{ line: 'dure site map find "serum creatinine" --home seoul', shows: text("a laboratory test", "검사 항목 찾기") }],
  async run({ output, language, workingFolder, signal }, input) {
    const { findConcepts } = await import("@dure/site/map-review");
    const found = await withStore(resolve(workingFolder, input.home), signal, (store) =>
      findConcepts(store, input.words, LINES, input.domain),
    );
    const say = (en: string, ko: string): string => text(en, ko)[language];
    const table = formatTable(
      [
        { heading: say("concept", "개념"), align: "right" },
        { heading: say("name", "이름") },
        { heading: say("domain", "영역") },
        { heading: say("vocabulary", "어휘") },
        { heading: say("score", "점수"), align: "right" },
      ],
      found.map(({ conceptId, conceptName, domain, vocabulary, score }) => [
        String(conceptId),
        conceptName,
        domain,
        vocabulary,
        score.toFixed(2),
      ]),
    );
    output.result({
      json: found as unknown as JsonValue, // ids, names and numbers of the vocabulary
      text: found.length === 0 ? say("Nothing resembles these words.", "비슷한 이름이 없습니다.") : table,
    });
    return EXIT.done;
  },
});
