/** Faults of the line to the coordinator, with a name, a retry class and, where the coordinator said them, its own problems. */

import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { DureError, type Retry, text } from "@dure/kernel";
import { problemsFromHeaders } from "@dure/wire";

/** Certainly not accepted: the call may be made again as it is. */
const transient: ReadonlySet<Code> = new Set([Code.Unavailable, Code.ResourceExhausted, Code.Aborted]);

/** Perhaps accepted: made again only where repeating changes nothing, which every call of this product promises. */
const ambiguous: ReadonlySet<Code> = new Set([Code.DeadlineExceeded, Code.Internal, Code.Unknown, Code.DataLoss]);

/** Every call's ConnectError as a DureError; an abort of the caller's own stays what it is. */
export const namedFaults: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (cause) {
    const error = ConnectError.from(cause);
    if (error.code === Code.Canceled && request.signal.aborted) throw cause;
    const problems = problemsFromHeaders(error.metadata);
    throw new DureError(problems.length > 0 ? problems : lineFault(error), { cause: error, retry: retryOf(error.code) });
  }
};

const retryOf = (code: Code): Retry => (transient.has(code) ? "transient" : ambiguous.has(code) ? "ambiguous" : "permanent");

function lineFault(error: ConnectError) {
  return {
    code: `transport/${Code[error.code]?.toLowerCase() ?? "unknown"}`,
    severity: "error" as const,
    place: {},
    what: text(`The coordinator could not be asked: ${error.rawMessage}.`, `코디네이터에 요청하지 못했습니다: ${error.rawMessage}.`),
    remedy: text(
      "Check that the coordinator runs and that this machine may reach it (outbound only).",
      "코디네이터가 실행 중인지, 이 컴퓨터에서 접속할 수 있는지(나가는 연결만 필요) 확인해 주십시오.",
    ),
  };
}
