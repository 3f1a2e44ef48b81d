/** `dure site intake status`: what has come in as FHIR or HL7 v2, in counts. */

import { resolve } from "node:path";
import { type JsonValue, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { formatTable } from "../../../text-table.ts";
import { homeOption } from "../../shared-options.ts";
import { formatDeliveries } from "./shared-options.ts";

export const siteIntakeStatus = defineCommand({
  name: "site intake status",
  summary: text("show what was taken in", "반입 현황을 보여 줍니다"),
  description: text(
    "Lists every delivery with what became of its items, the first faults of each, and the current resources by type: what a load will read.",
    "반입한 파일마다 항목이 어떻게 처리되었는지와 처음의 오류들을, 그리고 적재 때 읽을 현재 리소스 수를 종류별로 보여 줍니다.",
  ),
  arguments: {},
  options: { home: homeOption },
  examples: [{ line: "dure site intake status --home seoul", shows: text("what has come in so far", "지금까지 반입된 내용") }],
  async run({ output, language, workingFolder }, input) {
    const { intakeStatus } = await import("@dure/site/intake");
    const status = await intakeStatus(resolve(workingFolder, input.home), systemClock);
    const say = (en: string, ko: string): string => text(en, ko)[language];
    const right = { align: "right" as const };
    const counts = formatTable(
      [
        { heading: say("source", "출처") },
        { heading: say("resource type", "리소스 종류") },
        { heading: say("current", "현재 건수"), ...right },
      ],
      status.sources.flatMap(({ source, counts: ofSource, mergedPatientCount }) => [
        ...ofSource.map(({ resourceType, count }) => [source, resourceType, String(count)]),
        ...(mergedPatientCount === 0
          ? []
          : [[source, say("(patients merged away)", "(병합되어 없어진 환자)"), String(mergedPatientCount)]]),
      ]),
    );
    const shown = status.deliveries.length === 0 ? say("nothing was taken in yet.", "아직 반입한 내용이 없습니다.") : undefined;
    output.result({ json: status as unknown as JsonValue, text: shown ?? `${formatDeliveries(status.deliveries, language)}\n\n${counts}` }); // counts, codes and names of files
    return EXIT.done;
  },
});
