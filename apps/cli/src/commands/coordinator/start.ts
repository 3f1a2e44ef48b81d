/** `dure coordinator start`: the alliance's coordinator, until it is told to stop. */

import { resolve } from "node:path";
import { text } from "@dure/kernel";
import { systemClock, systemRandom } from "@dure/machine";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-status.ts";
import { homeOption } from "../shared-options.ts";

export const coordinatorStart = defineCommand({
  name: "coordinator start",
  summary: text("run the alliance's coordinator", "연합의 코디네이터를 실행합니다"),
  description: text(
    "Serves the alliance over TLS 1.3 until it is stopped. It sees sums only. Run it under a supervisor such as systemd: after a crash it takes up " +
      "every run where it was.",
    "중단될 때까지 TLS 1.3으로 연합에 서비스를 제공합니다. 코디네이터는 합계만 봅니다. systemd 같은 관리자 아래에서 실행하십시오. 중단되더라도 모든 실행을 이어받습니다.",
  ),
  arguments: {},
  options: { home: homeOption },
  examples: [{ line: "dure coordinator start --home alliance", shows: text("run the coordinator", "코디네이터 실행") }],
  async run({ workingFolder, signal }, { home }) {
    const { startCoordinator } = await import("@dure/coordinator");
    const coordinator = await startCoordinator({ home: resolve(workingFolder, home), clock: systemClock, random: systemRandom, signal });
    await coordinator.stopped;
    return EXIT.done;
  },
});
