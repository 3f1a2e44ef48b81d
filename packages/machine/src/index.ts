export { diskFull, namingFullDisk } from "./disk-full.ts";
export { findPrivateFile, writePrivateFile } from "./private-file.ts";
export { type ProcessLock, takeProcessLock } from "./process-lock.ts";
export { systemClock } from "./system-clock.ts";
export { systemRandom } from "./system-random.ts";
