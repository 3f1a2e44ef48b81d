/** `dure study result`: open the result that was sealed to this folder's key. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { StudyResult } from "@dure/federation/coordinator";
import { text } from "@dure/kernel";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { homeOption } from "../shared-options.ts";

export const studyResult = defineCommand({
  name: "study result",
  summary: text("open the result of a run", "실행 결과를 엽니다"),
  description: text(
    "Fetches the sealed result and opens it with this folder's key. Only the proposer and the hospitals that agreed can; anybody else is refused, " +
      "and the refusal is recorded.",
    "봉인된 결과를 받아 이 폴더의 키로 엽니다. 제안자와 동의한 병원만 열 수 있으며 그 밖의 요청은 거부되고 기록됩니다.",
  ),
  arguments: { run: { kind: "text", placeholder: "RUN", summary: text("the run's id", "실행 번호") } },
  options: {
    home: homeOption,
    out: { kind: "text", placeholder: "DIR", summary: text("also write result.json there", "result.json 도 이 폴더에 저장합니다") },
  },
  examples: [{ line: "dure study result 8c1f… --home researcher", shows: text("read a result", "결과 보기") }],
  async run({ output, language, workingFolder }, input) {
    const { fetchResult } = await import("@dure/site");
    const { withConnection } = await import("../../connection.ts");
    const value = await withConnection(resolve(workingFolder, input.home), ({ connection, paths }) =>
      fetchResult({ connection, paths, run: input.run }),
    );
    const result = value as unknown as StudyResult; // sealed by the coordinator to this key, and opened under this run's context
    if (input.out !== undefined) {
      const folder = resolve(workingFolder, input.out);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "result.json"), `${JSON.stringify(result, undefined, 2)}\n`);
    }
    const { formatResult } = await import("../../result-table.ts");
    output.result({ json: value, text: formatResult(result, language) });
    return EXIT.done;
  },
});
