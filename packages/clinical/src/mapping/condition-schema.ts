/** When something holds in a row. */

import { z } from "zod";
import { nameSchema, sourceCode, valueReference } from "./names.ts";

const conditionOf = z.strictObject({
  value: valueReference,
  is: sourceCode.optional(),
  in: z.array(sourceCode).min(1).optional(),
  notIn: z.array(sourceCode).min(1).optional(),
  startsWith: z.string().min(1).optional(),
  parameter: nameSchema.optional(),
  present: z.boolean().optional(),
  atLeast: z.number().optional(),
  above: z.number().optional(),
  atMost: z.number().optional(),
  below: z.number().optional(),
});

export const conditions = z.array(z.union([conditionOf, z.strictObject({ anyOf: z.array(conditionOf).min(1) })])).min(1);
