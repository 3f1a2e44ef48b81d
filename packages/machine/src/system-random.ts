/** Randomness of the operating system, for keys, masks and noise. */

import { randomBytes } from "node:crypto";
import type { SecureRandom } from "@dure/kernel";

export const systemRandom: SecureRandom = {
  kind: "secure",
  bytes: (length) => new Uint8Array(randomBytes(length)),
};
