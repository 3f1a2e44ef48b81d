/** `dure site vocabulary load`: the standard vocabularies into the site's store. */

import { resolve } from "node:path";
import { formatProblem, type JsonValue, type Language, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import type { VocabularyReport } from "@dure/site/vocabulary";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { formatFields, formatTable } from "../../../text-table.ts";
import { homeOption } from "../../shared-options.ts";
import { vocabularyStates } from "./words.ts";

export const siteVocabularyLoad = defineCommand({
  name: "site vocabulary load",
  summary: text("load the standard vocabularies downloaded from Athena", "Athena에서 내려받은 표준 용어집을 적재합니다"),
  description: text(
    "Reads the zip from athena.ohdsi.org, or the folder with its files, checks that it is whole and of one release, and keeps it. The first " +
      "vocabulary of a site is in use at once; a later one waits until it is accepted, since it can change what mappings and cohorts mean: see " +
      "dure site vocabulary diff and accept. docs/vocabulary.md says how to get the files.",
    "athena.ohdsi.org에서 받은 zip 파일이나 압축을 푼 폴더를 읽어, 빠진 것 없이 한 시점에 받은 것인지 확인하고 저장합니다. 첫 용어집은 바로 쓰이고, " +
      "이후의 용어집은 매핑과 코호트의 뜻을 바꿀 수 있으므로 승인할 때까지 대기합니다(dure site vocabulary diff, accept). 파일을 구하는 방법은 docs/vocabulary.md에 있습니다.",
  ),
  arguments: {
    download: {
      kind: "text",
      placeholder: "ZIP-OR-FOLDER",
      summary: text("the download from Athena, as it came or unpacked", "Athena에서 받은 zip 또는 압축을 푼 폴더"),
    },
  },
  options: {
    home: homeOption,
    without: {
      kind: "list",
      placeholder: "VOCABULARY",
      summary: text("a vocabulary that this hospital does without, such as CPT4", "이 병원에서 쓰지 않는 용어집(예: CPT4)"),
    },
    part: { kind: "flag", summary: text("a part of a vocabulary on purpose, as test data have", "시험 자료처럼 일부만 담은 용어집입니다") },
    local: {
      kind: "text",
      placeholder: "FOLDER",
      summary: text("the site's own concepts, in files of the same form", "같은 형식의 기관 자체 개념 파일이 있는 폴더"),
    },
  },
  examples: [
    {
      line: "dure site vocabulary load vocabulary_download_v5.zip --home seoul --without CPT4",
      shows: text("load a download from Athena", "Athena 다운로드 적재"),
    },
  ],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { loadVocabularyIntoHome } = await import("@dure/site/vocabulary");
    const at = (path: string): string => resolve(workingFolder, path);
    const report = await progress.during(text("loading vocabularies", "용어집 적재 중"), (tell) =>
      loadVocabularyIntoHome({
        home: at(input.home),
        path: at(input.download),
        isPart: input.part,
        without: input.without,
        ...(input.local === undefined ? {} : { localPath: at(input.local) }),
        clock: systemClock,
        onProgress: ({ step, done, of }) => (step === "unpacking" || step === "reading" ? tell(done, of) : tell(0)),
        signal,
      }),
    );
    output.result({ json: report as unknown as JsonValue, text: formatReport(report, language) }); // a report is counts, versions and problems
    return EXIT.done;
  },
});

function formatReport(report: VocabularyReport, language: Language): string {
  const say = (en: string, ko: string): string => text(en, ko)[language];
  const right = { align: "right" as const };
  const fields = formatFields([
    [say("vocabulary", "용어집"), `${report.number} (${report.version})`],
    [say("state", "상태"), vocabularyStates[report.state][language]],
    [say("own concepts", "자체 개념"), String(report.localConceptCount)],
  ]);
  const table = formatTable(
    [
      { heading: say("vocabulary", "용어집") },
      { heading: say("concepts", "개념"), ...right },
      { heading: say("standard", "표준"), ...right },
      { heading: say("version", "버전") },
    ],
    report.vocabularies
      .filter(({ conceptCount }) => conceptCount > 0)
      .map(({ vocabulary, conceptCount, standardCount, version }) => [
        vocabulary,
        String(conceptCount),
        String(standardCount),
        version ?? "",
      ]),
  );
  const next =
    report.state === "candidate"
      ? [say("Next: dure site vocabulary diff, then accept.", "다음: dure site vocabulary diff로 확인한 뒤 accept로 승인하십시오.")]
      : [];
  return [fields, table, ...report.warnings.map((problem) => formatProblem(problem, language)), ...next].join("\n\n");
}
