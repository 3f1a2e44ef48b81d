/** For tests only: a coordinator in a process of its own, which a test can kill. Argument: its folder. Says `listening` on stdout. */

import { systemClock, systemRandom } from "@dure/machine";
import { startCoordinator } from "./start-coordinator.ts";

const [home = ""] = process.argv.slice(2);
process.stdin.on("end", () => process.exit(0)).resume(); // the test is gone
try {
  const { stopped } = await startCoordinator({ home, clock: systemClock, random: systemRandom });
  process.stdout.write("listening\n");
  await stopped;
} catch (cause) {
  process.stdout.write(`${cause instanceof Error && "code" in cause ? String(cause.code) : "failed"}\n`);
  process.exit(1);
}
