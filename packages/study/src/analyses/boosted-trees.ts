import { z } from "zod";

export const boostedTrees = z.strictObject({
  kind: z.literal("boosted-trees"),
  objective: z.literal("logistic").default("logistic"),
  rounds: z.int().min(1).max(5000).default(100),
  maxDepth: z.int().min(1).max(12).default(4),
  learningRate: z.number().positive().max(1).default(0.1),
  lambda: z.number().min(0).default(1).describe("L2 penalty of the leaf values."),
  maxBins: z.int().min(2).max(1024).default(256),
  minChildWeight: z.number().min(0).default(1).describe("Least sum of second derivatives in a child."),
});

export type BoostedTrees = {
  readonly kind: "boosted-trees";
  readonly objective: "logistic";
  readonly rounds: number;
  readonly maxDepth: number;
  readonly learningRate: number;
  readonly lambda: number;
  readonly maxBins: number;
  readonly minChildWeight: number;
};
