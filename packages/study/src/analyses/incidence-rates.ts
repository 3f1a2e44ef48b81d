import { z } from "zod";

const weight = z.strictObject({
  levels: z.record(z.string().min(1), z.union([z.string(), z.number(), z.boolean()])).describe("A level of each stratum variable."),
  weight: z.number().min(0).describe("Persons, or person-time, of the standard population."),
  rate: z.number().min(0).optional().describe("For the indirect way: the standard population's own rate, in the study's unit."),
});

const STANDARD_CELLS_MAX = 1000;

export const incidenceRates = z.strictObject({
  kind: z.literal("incidence-rates"),
  per: z.number().positive().default(1000).describe("Rates are told per so many units of time."),
  timeUnitDays: z.number().positive().default(365.25).describe("Days of one unit of time; the time variable is in days."),
  standardisation: z
    .strictObject({
      method: z.enum(["direct", "indirect"]),
      population: z.array(weight).min(1).max(STANDARD_CELLS_MAX),
    })
    .optional()
    .describe("To a standard population, over the variables with the role stratum."),
});

export type StandardCell = {
  readonly levels: Readonly<Record<string, string | number | boolean>>;
  readonly weight: number;
  readonly rate?: number;
};

/** Events per person-time, by group. */
export type IncidenceRates = {
  readonly kind: "incidence-rates";
  readonly per: number;
  readonly timeUnitDays: number;
  readonly standardisation?: { readonly method: "direct" | "indirect"; readonly population: readonly StandardCell[] };
};
