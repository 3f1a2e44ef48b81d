/** Days at which results are reported, and the public grid on which days are counted. */

import { z } from "zod";

/** Days of 1, 2, 3, 4 and 5 years. */
const DEFAULT_TIMES_DAYS = [365, 730, 1096, 1461, 1826];
const TIMES_MAX = 1000;

export const times = z.array(z.number().positive()).min(1).max(TIMES_MAX).describe("Days, ascending, at which the result is reported.");

export const timesToHorizon = times
  .optional()
  .describe(`Days, ascending, up to the horizon. Without it those of ${DEFAULT_TIMES_DAYS.join(", ")}.`);

export const timeBinDays = z.number().positive().max(3660).describe("Width of a bin of the public time grid.");
export const horizonDays = z.number().positive().max(73_200).describe("End of the public time grid.");

export const intervals = z.enum(["log", "log-log", "plain"]).optional().describe("Scale of the 95 % intervals. Without it log.");

/** The default times as far as the horizon reaches; where it reaches none, the horizon itself. Without a horizon all. */
export function timesUntil(horizon = Infinity): readonly number[] {
  const within = DEFAULT_TIMES_DAYS.filter((time) => time <= horizon);
  return within.length > 0 ? within : [horizon];
}
