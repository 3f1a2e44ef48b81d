/** The machine's own clock. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@dure/kernel";

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (durationMs, signal) => {
    await sleep(durationMs, undefined, signal === undefined ? {} : { signal });
  },
};
