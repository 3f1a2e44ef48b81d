/** `dure site quality trend`: how the quality went from load to load. */

import { resolve } from "node:path";
import { text } from "@dure/kernel";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { formatTable } from "../../../text-table.ts";
import { homeOption } from "../../shared-options.ts";

export const siteQualityTrend = defineCommand({
  name: "site quality trend",
  summary: text("show the quality from load to load", "적재별 품질 추이를 보여 줍니다"),
  description: text(
    "Prints every finished run of checks, oldest first: its snapshot, the failed checks by severity, those that could not be made, those that " +
      "passed. A passed check may have some rows at fault; how many have is said too.",
    "끝난 점검을 오래된 순서로 출력합니다. 적재본, 심각도별 실패 건수, 점검하지 못한 건수, 통과한 건수를 보여 줍니다. 통과한 점검에도 일부 오류 행이 있을 수 있으므로 그 수도 함께 적습니다.",
  ),
  arguments: {},
  options: { home: homeOption },
  examples: [{ line: "dure site quality trend --home seoul", shows: text("has it become better?", "나아졌는지 보기") }],
  async run({ output, language, workingFolder }, input) {
    const { listQualityRuns } = await import("@dure/site/quality");
    const points = listQualityRuns(resolve(workingFolder, input.home));
    const say = (en: string, ko: string): string => text(en, ko)[language];
    const right = { align: "right" as const };
    const table = formatTable(
      [
        { heading: say("run", "점검"), ...right },
        { heading: say("checked on", "점검일") },
        { heading: say("snapshot", "적재본"), ...right },
        { heading: say("fatal", "치명적"), ...right },
        { heading: say("convention", "규칙 위반"), ...right },
        { heading: say("unlikely", "의심 값"), ...right },
        { heading: say("errors", "점검 불가"), ...right },
        { heading: say("passed", "통과"), ...right },
        { heading: say("with faults", "오류 있는 통과"), ...right },
      ],
      points.map(({ run, summary }) => [
        String(run.number),
        run.today,
        ...[run.snapshot, summary.failedBySeverity.fatal, summary.failedBySeverity.convention].map(String),
        ...[summary.failedBySeverity.characterization, summary.error, summary.passed, summary.passedWithFaults].map(String),
      ]),
    );
    const json = points.map(({ run, summary }) => ({
      ...{ run: run.number, snapshot: run.snapshot, checkedOn: run.today },
      ...summary,
      failedBySeverity: { ...summary.failedBySeverity },
    }));
    output.result({ json, text: points.length === 0 ? say("No run came to its end yet.", "아직 끝난 점검이 없습니다.") : table });
    return EXIT.done;
  },
});
