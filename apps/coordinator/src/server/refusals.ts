/** Faults and refusals as the errors that cross the wire: a code for programs, problems for people, never what a driver said. */

import { Code, ConnectError } from "@connectrpc/connect";
import { DureError, faultCode, formatProblem, type Place, type Problem } from "@dure/kernel";
import { problemsToHeaders } from "@dure/wire";
import type { CoordinatorLog } from "../log.ts";
import { type CoordinatorFlaw, coordinatorProblem } from "../problems.ts";

export function refused(code: Code, problems: Problem | readonly Problem[]): ConnectError {
  const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem]; // Array.isArray does not narrow readonly arrays
  const [first] = list;
  const more = list.length > 1 ? ` (and ${list.length - 1} more)` : "";
  return new ConnectError(first === undefined ? "refused" : `${formatProblem(first, "en")}${more}`, code, problemsToHeaders(list));
}

export const refuse = (code: Code, flaw: CoordinatorFlaw, place: Place = {}): ConnectError =>
  refused(code, coordinatorProblem(flaw, place));

/** What a service threw, as the error that its caller sees. A defect is logged by its kind, and told as nothing more than a failure. */
export function asConnectError(cause: unknown, log: CoordinatorLog, method: string): ConnectError {
  if (cause instanceof ConnectError) return cause;
  if (cause instanceof DureError) {
    const code = codeOf(cause);
    if (code === Code.Internal) log.error({ code: cause.code, method });
    return refused(code, cause.problems);
  }
  log.error({ code: faultCode(cause), method });
  return refuse(Code.Internal, "internal");
}

function codeOf(fault: DureError): Code {
  if (fault.code === "store/too-large" || fault.code === "store/too-many-files") return Code.ResourceExhausted;
  if (fault.code.startsWith("store/")) return fault.retry === "permanent" ? Code.Internal : Code.Unavailable;
  return Code.InvalidArgument;
}
