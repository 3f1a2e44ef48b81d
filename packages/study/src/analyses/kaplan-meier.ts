import { z } from "zod";
import { horizonDays, intervals, timeBinDays, timesToHorizon } from "./times.ts";

export const kaplanMeier = z.strictObject({
  kind: z.literal("kaplan-meier"),
  at: timesToHorizon,
  test: z.literal("log-rank").optional(),
  strata: z.literal("site").optional().describe("The test compares groups within each site."),
  intervals,
  restrictedMeanDays: z
    .number()
    .positive()
    .optional()
    .describe("Mean time without the event up to this day, within the horizon. Without it none is told."),
  timeBinDays: timeBinDays.default(1),
  horizonDays,
});

export type KaplanMeier = {
  readonly kind: "kaplan-meier";
  readonly at: readonly number[];
  readonly test?: "log-rank";
  /** The test compares groups within each site. */
  readonly strata?: "site";
  /** Absent: log. */
  readonly intervals?: "log" | "log-log" | "plain";
  /** At most the horizon. */
  readonly restrictedMeanDays?: number;
  readonly timeBinDays: number;
  readonly horizonDays: number;
};
