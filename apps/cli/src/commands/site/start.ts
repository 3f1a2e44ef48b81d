/** `dure site start`: the hospital's agent, until it is told to stop. */

import { resolve } from "node:path";
import { text } from "@dure/kernel";
import { systemClock, systemRandom } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { homeOption } from "../shared-options.ts";

export const siteStart = defineCommand({
  name: "site start",
  summary: text("run this hospital's agent", "이 병원의 에이전트를 실행합니다"),
  description: text(
    "Polls the coordinator (outbound only) and takes part in the studies that the steward approved. Run it under a supervisor such as systemd, " +
      "which starts it again if it dies; a run then goes on by itself.",
    "코디네이터에 나가는 연결만으로 접속하여 자료 관리자가 승인한 연구에 참여합니다. systemd 같은 관리자 아래에서 실행하면 " +
      "중단되더라도 다시 시작되어 실행이 저절로 이어집니다.",
  ),
  arguments: {},
  options: { home: homeOption },
  examples: [{ line: "dure site start --home seoul", shows: text("run the agent", "에이전트 실행") }],
  async run({ output, workingFolder, signal }, { home }) {
    const { runAgent } = await import("@dure/site");
    const log = (entry: Readonly<Record<string, string | number>>): void =>
      output.log({ at: new Date(systemClock.nowMs()).toISOString(), ...entry });
    await runAgent({ home: resolve(workingFolder, home), clock: systemClock, random: systemRandom, signal, log });
    return EXIT.done;
  },
});
