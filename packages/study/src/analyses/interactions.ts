/** Products of features, as terms of a model. */

import { z } from "zod";

const INTERACTIONS_MAX = 100;
const FACTORS_MAX = 3;

export const interactions = z
  .array(z.array(z.string().min(1)).min(2).max(FACTORS_MAX))
  .min(1)
  .max(INTERACTIONS_MAX)
  .optional()
  .describe("Each a list of two or three features whose product is a term of the model, beside the features themselves.");
