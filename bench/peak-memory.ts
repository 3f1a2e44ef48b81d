/** What two commands took together, and whether each stayed under the bound on memory: told, and the status of a benchmark that runs alone. */

import { type Cost, PEAK_BYTES_MAX } from "./own-process.ts";

/** Intake and load: two commands, each a process. */
export interface TwoSteps extends Cost {
  readonly intake: Cost;
  readonly load: Cost;
}

/** The time is the sum of both, the peak that of the larger. */
export const bothOf = (intake: Cost, load: Cost): TwoSteps => ({
  ...{ intake, load, seconds: intake.seconds + load.seconds, cpuSeconds: intake.cpuSeconds + load.cpuSeconds },
  peakBytes: Math.max(intake.peakBytes, load.peakBytes),
});

/** For a benchmark started by its own name: status 1 where one broke the bound. */
export function endByPeaks(peaks: Readonly<Record<string, Cost>>): void {
  const isMet = ([, { peakBytes }]: readonly [string, Cost]): boolean => peakBytes < PEAK_BYTES_MAX;
  for (const entry of Object.entries(peaks)) {
    const peak = `${Math.round(entry[1].peakBytes / 1e6)} MB, limit ${PEAK_BYTES_MAX / 1e6} MB`;
    console.log(`${entry[0]}: peak ${peak}: ${isMet(entry) ? "met" : "not met"}`);
  }
  if (!Object.entries(peaks).every(isMet)) process.exitCode = 1;
}
