/** Faults of the line to the coordinator, with a name, a retry class and, where the coordinator said them, its own problems. */

import { Code, ConnectError } from "@connectrpc/connect";
import { DureError, type Retry, text } from "@dure/kernel";
import { problemsFromHeaders } from "@dure/wire";

/** Certainly not accepted: the call may be made again as it is. */
const transient: ReadonlySet<Code> = new Set([Code.Unavailable, Code.ResourceExhausted, Code.Aborted]);

/** Perhaps accepted: made again only where repeating changes nothing. */
const ambiguous: ReadonlySet<Code> = new Set([Code.DeadlineExceeded, Code.Internal, Code.Unknown, Code.DataLoss, Code.Canceled]);

type Call = (...words: never[]) => Promise<unknown>;

/**
 * The client whose unary calls fail with a DureError. An interceptor cannot do it: what it throws becomes a ConnectError again.
 * A call that the caller's own signal aborted fails with that signal's reason.
 */
export function namingFaults<Client extends object>(client: Client): Client {
  return new Proxy(client, {
    get: (target, name, receiver) => {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      const call = member as Call; // a Connect client has unary calls only: no stream is declared in the protocol
      return async (...words: never[]) => {
        try {
          return await call(...words);
        } catch (cause) {
          signalOf(words)?.throwIfAborted();
          throw namedFault(cause);
        }
      };
    },
  });
}

/** The second word of a Connect call holds its options. */
function signalOf(words: readonly unknown[]): AbortSignal | undefined {
  const [, options] = words;
  const signal = typeof options === "object" && options !== null && "signal" in options ? options.signal : undefined;
  return signal instanceof AbortSignal ? signal : undefined;
}

function namedFault(cause: unknown): DureError {
  const error = ConnectError.from(cause);
  const problems = problemsFromHeaders(error.metadata);
  return new DureError(problems.length > 0 ? problems : lineFault(error), { cause: error, retry: retryOf(error.code) });
}

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
