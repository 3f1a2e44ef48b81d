/** From what a hospital lets go to what the coordinator reads: the last look at the gate's mark before the wire. */

import { fromBase64 } from "@dure/kernel";
import { Releasable } from "@dure/privacy";
import type { Leaving, ToCoordinator } from "./messages.ts";

/**
 * The message as it is read outside.
 *
 * Fails: a TypeError where a vector, headline or local model did not pass the gate. The compiler says so first; this holds against a cast.
 */
export function asReceived(message: Leaving): ToCoordinator {
  switch (message.kind) {
    case "vector":
      return { ...message, masked: released(message.masked) };
    case "headline":
      return { ...message, figures: released(message.figures) };
    case "local-model":
      return { ...message, models: released(message.models).map((model) => ({ ...model, box: fromBase64(model.box) })) };
    default:
      return message;
  }
}

function released<Value>(value: Releasable<Value>): Value {
  if (!Releasable.isReleasable(value)) throw new TypeError("only what the gate released leaves a hospital");
  return value.value;
}
