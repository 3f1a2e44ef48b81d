/** `dure site intake fhir`: bundles and NDJSON into the site's intake store. */

import { resolve } from "node:path";
import { type JsonValue, type Language, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import type { TakeInReport } from "@dure/site/intake";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { homeOption } from "../../shared-options.ts";
import { DEFAULT_SOURCE, faultPolicy, formatDeliveries, intakeOptions } from "./shared-options.ts";

export const siteIntakeFhir = defineCommand({
  name: "site intake fhir",
  summary: text("take in FHIR R4 files: bundles and NDJSON", "FHIR R4 파일(번들, NDJSON)을 반입합니다"),
  description: text(
    "Reads .json bundles and .ndjson files, packed with gzip or not, and keeps the current state of every resource in this site's intake " +
      "store, without direct identifiers. Later versions replace, deletions remove, linked patients are merged. The same file twice " +
      "changes nothing; after an interruption the same command goes on where it stopped. A load then makes OMOP of it.",
    ".json 번들과 .ndjson 파일(gzip 압축 포함)을 읽어 리소스마다 최신 상태를 이 기관의 반입 저장소에 보관합니다. 직접 식별자는 보관하지 않습니다. " +
      "나중 버전은 이전 버전을 대체하고, 삭제와 환자 병합도 반영합니다. 같은 파일을 다시 반입해도 달라지지 않으며, 중단된 뒤에는 같은 명령으로 이어서 진행합니다. " +
      "이후 적재할 때 OMOP로 변환합니다.",
  ),
  arguments: {
    path: { kind: "text", placeholder: "PATH", summary: text("a file, or a folder with all below it", "파일 또는 폴더(하위 폴더 포함)") },
  },
  options: {
    home: homeOption,
    also: { kind: "list", placeholder: "PATH", summary: text("a further file or folder", "추가할 파일 또는 폴더") },
    ...intakeOptions,
    asOf: {
      kind: "text",
      placeholder: "INSTANT",
      summary: text(
        "when the export was made, for resources without meta.lastUpdated",
        "meta.lastUpdated가 없는 리소스에 쓸 내보내기 시각",
      ),
    },
  },
  examples: [
    {
      line: "dure site intake fhir export --home seoul --source emr",
      shows: text("take in a folder of FHIR files", "FHIR 파일이 든 폴더 반입"),
    },
  ],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { takeInIntoHome } = await import("@dure/site/intake");
    const at = (path: string): string => resolve(workingFolder, path);
    const report = await progress.during(text("taking in", "반입 중"), (tell) =>
      takeInIntoHome({
        home: at(input.home),
        paths: [input.path, ...input.also].map(at),
        source: input.source ?? DEFAULT_SOURCE,
        policy: faultPolicy(input.onFault, input.faultsMax),
        minimisation: { keepsFreeText: input.keepFreeText },
        ...(input.asOf === undefined ? {} : { asOf: input.asOf }),
        clock: systemClock,
        onProgress: ({ fileIndex, fileCount }) => tell(fileIndex, fileCount),
        signal,
      }),
    );
    output.result({ json: report as unknown as JsonValue, text: formatTakeIn(report, language) }); // a report is counts, codes and names of files
    return EXIT.done;
  },
});

function formatTakeIn({ deliveries, known, ignored }: TakeInReport, language: Language): string {
  const parts = deliveries.length === 0 ? [] : [formatDeliveries(deliveries, language)];
  if (known.length > 0) {
    parts.push(text(`taken in before, unchanged: ${known.length} files`, `이미 반입하여 변경 없음: 파일 ${known.length}개`)[language]);
  }
  if (ignored.length > 0) {
    parts.push(
      text(`no FHIR by their names, left out: ${ignored.join(", ")}`, `이름이 FHIR 파일이 아니어서 제외: ${ignored.join(", ")}`)[language],
    );
  }
  return parts.join("\n\n");
}
