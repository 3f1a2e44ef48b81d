import { z } from "zod";
import { FORMS, NAME_LENGTH_MAX } from "../forms.ts";

export const network = z.strictObject({
  kind: z.literal("network"),
  model: z.string().max(NAME_LENGTH_MAX).regex(FORMS.onnxFile).describe("An ONNX file beside the study, exported without training nodes."),
  loss: z.literal("binary-cross-entropy").default("binary-cross-entropy"),
  optimiser: z.strictObject({
    kind: z.enum(["momentum", "sgd"]),
    learningRate: z.number().positive().max(100),
    momentum: z.number().min(0).lt(1).optional().describe("0.9 for momentum; sgd has none."),
  }),
  federated: z.strictObject({
    strategy: z.literal("fedavg").default("fedavg"),
    rounds: z.int().min(1).max(10_000),
    localEpochs: z.int().min(1).max(100).default(1),
    batchSize: z.int().min(1).max(65_536),
  }),
  seed: z.int().min(0).describe("Of the order of the rows and of the first parameters."),
});

export type Network = {
  readonly kind: "network";
  readonly model: string;
  readonly loss: "binary-cross-entropy";
  readonly optimiser: { readonly kind: "momentum" | "sgd"; readonly learningRate: number; readonly momentum: number };
  readonly federated: {
    readonly strategy: "fedavg";
    readonly rounds: number;
    readonly localEpochs: number;
    readonly batchSize: number;
  };
  readonly seed: number;
};
