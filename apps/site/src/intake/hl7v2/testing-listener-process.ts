/** For tests only: a listener in a process of its own, to be killed. Prints its port. */

import { systemClock } from "@dure/machine";
import { openIntakeStore } from "../intake-duckdb.ts";
import { startListener } from "./listener.ts";
import { emrSource } from "./testing-sender.ts";

const [path = ""] = process.argv.slice(2);
const listener = await startListener({
  ...emrSource,
  open: () => openIntakeStore(path, { clock: systemClock, waitMsMax: 10_000 }),
  host: "127.0.0.1",
  port: 0,
  language: "en",
  clock: systemClock,
  log: () => undefined,
});
console.log(listener.port);
