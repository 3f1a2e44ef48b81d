import { z } from "zod";
import { horizonDays, intervals, timeBinDays, timesToHorizon } from "./times.ts";

export const cumulativeIncidence = z.strictObject({
  kind: z.literal("cumulative-incidence"),
  at: timesToHorizon,
  intervals,
  timeBinDays: timeBinDays.default(1),
  horizonDays,
});

/** Aalen-Johansen curves of the event's causes, by group. */
export type CumulativeIncidence = {
  readonly kind: "cumulative-incidence";
  readonly at: readonly number[];
  /** Absent: log. */
  readonly intervals?: "log" | "log-log" | "plain";
  readonly timeBinDays: number;
  readonly horizonDays: number;
};
