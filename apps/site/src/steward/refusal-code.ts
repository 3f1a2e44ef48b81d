/** What the coordinator understood and refused: sending it again changes nothing, and must not hold back what comes behind it. */

import { Code, ConnectError } from "@connectrpc/connect";

const refusals: ReadonlySet<Code> = new Set([
  Code.InvalidArgument,
  Code.NotFound,
  Code.AlreadyExists,
  Code.FailedPrecondition,
  Code.PermissionDenied,
]);

/** Undefined for every other error: those of the line, and of this program. */
export const refusalCode = (error: unknown): string | undefined =>
  error instanceof ConnectError && refusals.has(error.code) ? Code[error.code] : undefined;
