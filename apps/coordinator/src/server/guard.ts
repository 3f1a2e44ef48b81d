/** What stands before every service: the caller's certificate and role; behind it, faults become errors of the wire. */

import { Code, type Interceptor } from "@connectrpc/connect";
import type { MemberRole, Peer } from "@dure/identity";
import { alliance } from "@dure/wire";
import type { CoordinatorLog } from "../log.ts";
import { type Caller, callerKey, wrongRole } from "./callers.ts";
import { asConnectError, refused } from "./refusals.ts";

const { EnrolmentService, StudyService, SiteService } = alliance;

const everybody: readonly MemberRole[] = ["site", "researcher"];
const hospitals: readonly MemberRole[] = ["site"];

/** The one call that needs no certificate: the token stands for it. */
const openMethod = `${EnrolmentService.typeName}.${EnrolmentService.method.enrol.name}`;

const rolesByService: Readonly<Record<string, readonly MemberRole[]>> = {
  [EnrolmentService.typeName]: everybody,
  [StudyService.typeName]: everybody,
  [SiteService.typeName]: hospitals,
};

const rolesByMethod: Readonly<Record<string, readonly MemberRole[]>> = {
  [`${StudyService.typeName}.${StudyService.method.decide.name}`]: hospitals,
};

/** Paths that may be called without a certificate: of any other such call not even the body is read. */
export const openPaths: ReadonlySet<string> = new Set([`/${EnrolmentService.typeName}/${EnrolmentService.method.enrol.name}`]);

export function guard(log: CoordinatorLog): Interceptor {
  return (next) => async (request) => {
    const method = `${request.service.typeName}.${request.method.name}`;
    try {
      if (method !== openMethod) admit(request.contextValues.get(callerKey), method, request.service.typeName);
      return await next(request);
    } catch (cause) {
      throw asConnectError(cause, log, method);
    }
  };
}

function admit({ verdict }: Caller, method: string, service: string): void {
  if (verdict.kind === "refused") throw refused(verdict.isForRole ? Code.PermissionDenied : Code.Unauthenticated, verdict.problem);
  const roles = rolesByMethod[method] ?? rolesByService[service] ?? [];
  if (!roles.includes(verdict.peer.role)) throw refused(Code.PermissionDenied, wrongRole());
}

/** The caller of a call that the guard let pass. */
export function peerOf(context: { readonly values: { get(key: typeof callerKey): Caller } }): Peer {
  const { verdict } = context.values.get(callerKey);
  if (verdict.kind === "refused") throw refused(Code.Unauthenticated, verdict.problem);
  return verdict.peer;
}
