/** Whether a call failed because nobody answered, rather than because the coordinator refused it. */

import { DureError } from "@dure/kernel";

/** A refusal has the coordinator's own code and is permanent. */
export const isLineFault = (error: unknown): boolean =>
  error instanceof DureError && error.retry !== "permanent" && error.code.startsWith("transport/");
