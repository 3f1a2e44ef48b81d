/** `dure coordinator backup`: the coordinator's store as it stands, in one file. */

import { resolve } from "node:path";
import { text } from "@dure/kernel";
import { systemClock, systemRandom } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { formatFields } from "../../text-table.ts";
import { homeOption } from "../shared-options.ts";

export const coordinatorBackup = defineCommand({
  name: "coordinator backup",
  summary: text("write the coordinator's store to a file, while it runs too", "코디네이터 저장소를 파일로 백업합니다(실행 중에도 가능)"),
  description: text(
    "Writes members, studies, decisions, runs and sealed results as they stand at one moment. Keys are not in the file: keep a copy of " +
      "coordinator.json and keys/ apart from it. The file opens on PostgreSQL and on the embedded database alike.",
    "회원, 연구, 결정, 실행, 봉인된 결과를 한 시점의 상태로 저장합니다. 키는 파일에 들어 있지 않으므로 coordinator.json 과 keys/ 폴더의 사본을 따로 보관하십시오. " +
      "이 파일은 PostgreSQL 과 내장 데이터베이스 어느 쪽으로도 복원할 수 있습니다.",
  ),
  arguments: { file: { kind: "text", placeholder: "FILE", summary: text("the file to write", "저장할 파일") } },
  options: { home: homeOption },
  examples: [{ line: "dure coordinator backup alliance.backup --home alliance", shows: text("back up", "백업") }],
  async run({ output, progress, language, workingFolder }, input) {
    const { backupCoordinator } = await import("@dure/coordinator");
    const order = {
      home: resolve(workingFolder, input.home),
      file: resolve(workingFolder, input.file),
      clock: systemClock,
      random: systemRandom,
    };
    const report = await progress.during(text("backup", "백업"), () => backupCoordinator(order));
    output.note(
      text(
        "Keep coordinator.json and keys/ too, in another place: the backup holds no keys.",
        "백업에는 키가 없습니다. coordinator.json 과 keys/ 폴더도 다른 곳에 보관하십시오.",
      ),
    );
    output.result({
      json: { ...report },
      text: formatFields([
        [text("file", "파일")[language], report.file],
        [text("rows", "행")[language], String(report.rows)],
        [text("bytes", "바이트")[language], String(report.bytes)],
        ["SHA-256", report.sha256],
      ]),
    });
    return EXIT.done;
  },
});
