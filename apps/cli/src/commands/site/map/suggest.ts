/** `dure site map suggest`: targets for the open codes of a list. */

import { resolve } from "node:path";
import { text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { homeOption } from "../../shared-options.ts";
import { listArgument, withReviews, withStore } from "./open-reviews.ts";

export const siteMapSuggest = defineCommand({
  name: "site map suggest",
  summary: text("suggest concepts for the open codes of a list", "목록의 남은 코드에 알맞은 개념을 제안합니다"),
  description: text(
    "Compares the names of unchecked codes with every name and synonym of the vocabulary, English and Korean, the most frequent codes first. " +
      "Nothing is mapped by a suggestion: somebody approves it. The first call of a vocabulary builds an index of its names.",
    "아직 확인하지 않은 코드의 이름을 어휘의 모든 이름 및 동의어(영어, 한국어)와 비교하며, 자주 쓰는 코드부터 처리합니다. " +
      "제안만으로는 매핑되지 않으며 사람이 승인해야 합니다. 어휘를 바꾼 뒤 처음 실행하면 이름 색인을 만듭니다.",
  ),
  arguments: { list: listArgument },
  options: {
    home: homeOption,
    domain: {
      kind: "text",
      placeholder: "DOMAIN",
      summary: text("only concepts of this domain, such as Drug", "이 영역의 개념만(예: Drug)"),
    },
  },
  examples: [
    {
      line: "dure site map suggest LOCAL-LAB --home seoul --domain Measurement",
      shows: text("targets for laboratory codes", "검사 코드의 대상 제안"),
    },
  ],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { suggestForList } = await import("@dure/site/map-review");
    const home = resolve(workingFolder, input.home);
    const counts = await progress.during(text("comparing names", "이름 비교 중"), (tell) =>
      withReviews(home, (reviews) =>
        withStore(home, signal, (store) =>
          suggestForList({
            ...{ store, reviews, list: input.list, clock: systemClock, signal },
            ...(input.domain === undefined ? {} : { domain: input.domain }),
            onProgress: tell,
          }),
        ),
      ),
    );
    const says = text(
      `${counts.suggested} of ${counts.codes} open codes have a suggestion. Look at them: dure site map show ${input.list}.`,
      `남은 코드 ${counts.codes}개 중 ${counts.suggested}개에 제안이 있습니다. 확인: dure site map show ${input.list}.`,
    );
    output.result({ json: { ...counts }, text: says[language] });
    return EXIT.done;
  },
});
