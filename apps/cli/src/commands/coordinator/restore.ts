/** `dure coordinator restore`: a backup in the place of the coordinator's store. */

import { resolve } from "node:path";
import { text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { formatFields } from "../../text-table.ts";
import { homeOption } from "../shared-options.ts";

export const coordinatorRestore = defineCommand({
  name: "coordinator restore",
  summary: text("put a backup in the place of the coordinator's store", "백업을 코디네이터 저장소로 복원합니다"),
  description: text(
    "The folder needs the coordinator's own coordinator.json and keys/; on a new machine, copy them there first. Stop the coordinator before. The " +
      "file is checked to its end before anything changes, and a present store is kept beside the new one. A backup is the past: a run that went " +
      "on after it stops, and is started again.",
    "폴더에는 코디네이터의 coordinator.json 과 keys/ 가 있어야 합니다. 새 컴퓨터라면 먼저 복사해 두십시오. 코디네이터를 종료한 뒤에 실행하십시오. " +
      "파일을 끝까지 확인한 다음에만 바꾸며, 기존 저장소는 옆에 보관합니다. 백업은 과거의 상태이므로 그 뒤에 진행된 실행은 중단되며 다시 시작해야 합니다.",
  ),
  arguments: { file: { kind: "text", placeholder: "FILE", summary: text("the backup", "백업 파일") } },
  options: { home: homeOption },
  examples: [{ line: "dure coordinator restore alliance.backup --home alliance", shows: text("restore", "복원") }],
  async run({ output, progress, language, workingFolder }, input) {
    const { restoreCoordinator } = await import("@dure/coordinator");
    const order = { home: resolve(workingFolder, input.home), file: resolve(workingFolder, input.file), clock: systemClock };
    const report = await progress.during(text("restore", "복원"), () => restoreCoordinator(order));
    output.result({
      json: { ...report },
      text: formatFields([
        [text("restored from", "복원한 파일")[language], report.file],
        [text("rows", "행")[language], String(report.rows)],
        ["SHA-256", report.sha256],
      ]),
    });
    return EXIT.done;
  },
});
