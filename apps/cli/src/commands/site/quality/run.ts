/** `dure site quality run`: all checks on a snapshot, kept as they come. */

import { resolve } from "node:path";
import { text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { homeOption } from "../../shared-options.ts";

const SNAPSHOTS_MAX = 1_000_000;

export const siteQualityRun = defineCommand({
  name: "site quality run",
  summary: text("check the quality of what is loaded", "적재된 자료의 품질을 점검합니다"),
  description: text(
    "Makes all data quality checks (27 kinds, those of OHDSI's DataQualityDashboard) on a snapshot and prints what failed and what to do first. " +
      "Each result is kept as it comes: after Ctrl-C or a kill the same command goes on where it was. A check that the database cannot answer " +
      "is an error of its own and stops no other. Nothing leaves this hospital.",
    "적재본에 모든 품질 점검(OHDSI DataQualityDashboard의 27가지)을 실행하고, 실패한 점검과 먼저 할 일을 출력합니다. 결과는 나오는 대로 저장되므로 " +
      "Ctrl-C나 강제 종료 후 같은 명령을 실행하면 이어서 진행합니다. 데이터베이스가 답하지 못한 점검은 따로 기록되며 다른 점검을 멈추지 않습니다. " +
      "아무것도 병원 밖으로 나가지 않습니다.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    snapshot: {
      kind: "whole-number",
      placeholder: "N",
      summary: text("check this snapshot, not the newest", "최신이 아닌 이 적재본을 점검합니다"),
      min: 1,
      max: SNAPSHOTS_MAX,
    },
    thresholds: {
      kind: "text",
      placeholder: "FOLDER",
      summary: text("use OHDSI's threshold files from this folder", "이 폴더의 OHDSI 기준값 파일을 사용합니다"),
    },
    anew: { kind: "flag", summary: text("begin anew instead of going on", "이어서 하지 않고 처음부터 다시 점검합니다") },
  },
  examples: [{ line: "dure site quality run --home seoul", shows: text("check the newest snapshot", "최신 적재본 점검") }],
  async run({ output, progress, language, workingFolder, signal }, input) {
    const { exportJson, runQualityInHome } = await import("@dure/site/quality");
    const { formatQuality } = await import("../../../report/quality/format-quality.ts");
    const report = await progress.during(text("checking", "점검 중"), (tell) =>
      runQualityInHome({
        ...{ home: resolve(workingFolder, input.home), isAnew: input.anew, clock: systemClock, signal },
        ...(input.snapshot === undefined ? {} : { snapshot: input.snapshot }),
        ...(input.thresholds === undefined ? {} : { thresholds: resolve(workingFolder, input.thresholds) }),
        onProgress: ({ doneCount, totalCount }) => tell(doneCount, totalCount),
      }),
    );
    output.result({ json: exportJson(report), text: formatQuality(report, language) });
    return EXIT.done;
  },
});
