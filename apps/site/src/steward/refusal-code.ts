/** What the coordinator understood and refused: sending it again changes nothing, and must not hold back what comes behind it. */

import { Code, ConnectError } from "@connectrpc/connect";
import { DureError } from "@dure/kernel";

const refusals: ReadonlySet<Code> = new Set([
  Code.InvalidArgument,
  Code.NotFound,
  Code.AlreadyExists,
  Code.FailedPrecondition,
  Code.PermissionDenied,
]);

/** Undefined for every other error: those of the line, and of this program. */
export function refusalCode(error: unknown): string | undefined {
  const cause = error instanceof DureError ? error.cause : error;
  return cause instanceof ConnectError && refusals.has(cause.code) ? Code[cause.code] : undefined;
}
