import { z } from "zod";
import { interactions } from "./interactions.ts";
import { horizonDays, timeBinDays, times } from "./times.ts";

export const cox = z.strictObject({
  kind: z.literal("cox"),
  ties: z.enum(["efron", "breslow"]).default("efron"),
  strata: z
    .literal("site")
    .optional()
    .describe("A baseline hazard of each site's own. Without it one for all, on a public time grid: then horizonDays is needed."),
  at: times.optional(),
  cause: z
    .string()
    .min(1)
    .optional()
    .describe("Of an event with several levels, the one whose hazard is modelled; the others end a patient's follow-up."),
  interactions,
  timeBinDays: timeBinDays.optional().describe("Without strata: width of a bin of the public time grid. Without it 1."),
  horizonDays: horizonDays.optional().describe("Without strata: end of the public time grid; later events do not count."),
});

export type Cox = {
  readonly kind: "cox";
  readonly ties: "efron" | "breslow";
  readonly strata?: "site";
  readonly at: readonly number[];
  readonly cause?: string;
  readonly interactions?: readonly (readonly string[])[];
  readonly timeBinDays?: number;
  readonly horizonDays?: number;
};
