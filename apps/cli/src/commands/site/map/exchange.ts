/** `dure site map export`, `import` and `publish`: a list as a file, and what was approved into use. */

import { readFileSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { homeOption } from "../../shared-options.ts";
import { byOption, formatOption, listArgument, parseFormat, withReviews, withStore } from "./open-reviews.ts";

export const siteMapExport = defineCommand({
  name: "site map export",
  summary: text("write a list for Usagi, or as SOURCE_TO_CONCEPT_MAP", "목록을 Usagi용 또는 SOURCE_TO_CONCEPT_MAP으로 저장합니다"),
  description: text(
    "Usagi's CSV holds every code with its status; SOURCE_TO_CONCEPT_MAP only what is approved or ignored.",
    "Usagi CSV에는 모든 코드와 상태가, SOURCE_TO_CONCEPT_MAP에는 승인되거나 제외된 코드만 들어갑니다.",
  ),
  arguments: { list: listArgument },
  options: {
    home: homeOption,
    format: formatOption,
    out: { kind: "required-text", placeholder: "FILE", summary: text("the CSV file", "저장할 CSV 파일") },
  },
  examples: [
    { line: "dure site map export LOCAL-LAB --home seoul --out lab-usagi.csv", shows: text("go on in Usagi", "Usagi에서 이어서 작업") },
  ],
  async run({ output, language, workingFolder }, input) {
    const { exportList } = await import("@dure/site/map-review");
    const format = parseFormat(input.format);
    const content = await withReviews(resolve(workingFolder, input.home), (reviews) =>
      exportList(reviews, input.list, format, systemClock.nowMs()),
    );
    writeFileSync(resolve(workingFolder, input.out), content);
    output.result({ json: { written: input.out }, text: text(`Written: ${input.out}.`, `저장했습니다: ${input.out}.`)[language] });
    return EXIT.done;
  },
});

export const siteMapImport = defineCommand({
  name: "site map import",
  summary: text("take a list over from Usagi or from SOURCE_TO_CONCEPT_MAP", "Usagi 또는 SOURCE_TO_CONCEPT_MAP 파일을 목록으로 가져옵니다"),
  description: text(
    "Decisions in the file replace those of the list, which stay in its history. Rows of a SOURCE_TO_CONCEPT_MAP count as approved, on the days that they name.",
    "파일의 결정이 목록의 결정을 대신하며 이전 결정은 이력에 남습니다. SOURCE_TO_CONCEPT_MAP의 행은 적힌 기간 동안 승인된 것으로 봅니다.",
  ),
  arguments: { list: listArgument, file: { kind: "text", placeholder: "FILE", summary: text("the CSV file", "CSV 파일") } },
  options: { home: homeOption, format: formatOption, by: byOption },
  examples: [
    {
      line: "dure site map import LOCAL-LAB lab-usagi.csv --home seoul --by kim",
      shows: text("bring Usagi's work back", "Usagi 작업 결과 가져오기"),
    },
  ],
  async run({ output, language, workingFolder }, input) {
    const { importList } = await import("@dure/site/map-review");
    const format = parseFormat(input.format);
    const content = readFileSync(resolve(workingFolder, input.file), "utf8");
    const { codes } = await withReviews(resolve(workingFolder, input.home), (reviews) =>
      importList(reviews, { list: input.list, content, file: basename(input.file), format, by: input.by, nowMs: systemClock.nowMs() }),
    );
    output.result({ json: { codes }, text: text(`${codes} codes taken over.`, `코드 ${codes}개를 가져왔습니다.`)[language] });
    return EXIT.done;
  },
});

export const siteMapPublish = defineCommand({
  name: "site map publish",
  summary: text("use what was approved from the next load on", "승인한 매핑을 다음 적재부터 사용합니다"),
  description: text(
    "Approved codes of the list enter the site's map, ignored ones enter it without a target; what the list had there is replaced. A target that the " +
      "vocabulary in use does not take is refused, with what to take instead, and nothing changes. Then load again.",
    "목록에서 승인한 코드를 기관의 매핑에 넣고, 제외한 코드는 대상 없이 넣습니다. 이전에 넣은 이 목록의 매핑은 대체됩니다. 사용 중인 어휘에서 쓸 수 없는 " +
      "대상이 있으면 대신 쓸 개념을 알려 주고 아무것도 바꾸지 않습니다. 그다음 다시 적재해 주십시오.",
  ),
  arguments: { list: listArgument },
  options: { home: homeOption },
  examples: [{ line: "dure site map publish LOCAL-LAB --home seoul", shows: text("put a reviewed list to use", "검토한 목록 사용하기") }],
  async run({ output, language, workingFolder, signal }, input) {
    const { publishList } = await import("@dure/site/map-review");
    const home = resolve(workingFolder, input.home);
    const { rows } = await withReviews(home, (reviews) =>
      withStore(home, signal, (store) => publishList(store, reviews, input.list, systemClock.nowMs())),
    );
    const says = text(`${rows} rows are in use from the next load on.`, `다음 적재부터 매핑 ${rows}행을 사용합니다.`);
    output.result({ json: { rows }, text: says[language] });
    return EXIT.done;
  },
});
