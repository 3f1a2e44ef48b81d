/** `dure site intake hl7`: files of HL7 v2 messages into the site's intake store. */

import { resolve } from "node:path";
import { type JsonValue, type Language, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import type { Hl7FileReport } from "@dure/site/intake";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { formatTable } from "../../../text-table.ts";
import { homeOption } from "../../shared-options.ts";
import { HL7_SOURCE_DEFAULT, hl7Options, typedTerms } from "./hl7-options.ts";
import { formatDeliveries } from "./shared-options.ts";

export const siteIntakeHl7 = defineCommand({
  name: "site intake hl7",
  summary: text("take in HL7 v2 files", "HL7 v2 파일을 반입합니다"),
  description: text(
    "Reads files of HL7 v2 messages (one or many a file, batches, MLLP frames; every file of a folder) and keeps what they say as FHIR in this " +
      "site's intake store, without names and civil numbers. Corrections replace, deletions remove, cancellations and merges take effect. A message " +
      "that cannot be read is named by file and number, the others go on. The same file twice changes nothing; after an interruption the same " +
      "command goes on where it stopped.",
    "HL7 v2 메시지 파일(파일당 한 개 또는 여러 개, 배치, MLLP 프레임, 폴더 안의 모든 파일)을 읽어 FHIR로 바꾸어 이 기관의 반입 저장소에 보관합니다. " +
      "이름과 주민등록번호 등은 보관하지 않습니다. 정정, 삭제, 취소, 환자 병합을 반영합니다. 읽을 수 없는 메시지는 파일 이름과 메시지 번호로 알리고 나머지는 계속 처리합니다. " +
      "같은 파일을 다시 반입해도 달라지지 않으며, 중단된 뒤에는 같은 명령으로 이어서 진행합니다.",
  ),
  arguments: {
    path: { kind: "text", placeholder: "PATH", summary: text("a file, or a folder with all below it", "파일 또는 폴더(하위 폴더 포함)") },
  },
  options: {
    home: homeOption,
    also: { kind: "list", placeholder: "PATH", summary: text("a further file or folder", "추가할 파일 또는 폴더") },
    ...hl7Options,
  },
  examples: [
    { line: "dure site intake hl7 messages --home seoul", shows: text("take in a folder of HL7 v2 files", "HL7 v2 파일이 든 폴더 반입") },
    {
      line: "dure site intake hl7 2019.hl7 --home seoul --charset cp949 --diagnosis-type X=provisional",
      shows: text("an old feed in CP949, whose type X is a suspicion", "문자 집합이 CP949이고 진단 구분 X가 의증인 예전 파일"),
    },
  ],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { takeInHl7IntoHome } = await import("@dure/site/intake");
    const at = (path: string): string => resolve(workingFolder, path);
    const reports = await progress.during(text("taking in", "반입 중"), (tell) =>
      takeInHl7IntoHome({
        home: at(input.home),
        paths: [input.path, ...input.also].map(at),
        source: input.source ?? HL7_SOURCE_DEFAULT,
        typed: typedTerms(input),
        ...(input.messageBytesMax === undefined ? {} : { messageBytesMax: input.messageBytesMax }),
        clock: systemClock,
        onProgress: ({ done, of }) => tell(done, of),
        signal,
      }),
    );
    output.result({ json: reports as unknown as JsonValue, text: formatReports(reports, language) }); // a report is counts, codes and names of files
    return EXIT.done;
  },
});

function formatReports(reports: readonly Hl7FileReport[], language: Language): string {
  const say = (en: string, ko: string): string => text(en, ko)[language];
  const right = { align: "right" as const };
  const messages = formatTable(
    [
      { heading: say("file", "파일") },
      { heading: say("messages", "메시지"), ...right },
      { heading: say("taken in", "반입"), ...right },
      { heading: say("with faults", "일부 오류"), ...right },
      { heading: say("refused", "거부"), ...right },
      { heading: say("left out by reason", "사유별 제외") },
    ],
    reports.map(({ name, messages: { read, converted, withFaults, refused, excluded } }) => [
      name,
      String(read),
      String(converted),
      String(withFaults),
      String(refused),
      Object.entries(excluded)
        .map(([reason, count]) => `${reason} ${count}`)
        .join("; "),
    ]),
  );
  return [
    messages,
    formatDeliveries(
      reports.map(({ delivery }) => delivery),
      language,
    ),
  ].join("\n\n");
}
