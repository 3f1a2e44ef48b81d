/**
 * Who calls: the certificate of the connection, judged once and again when the revocation list changes or the verdict grows old.
 *
 * TLS accepts any certificate (`rejectUnauthorized: false`), so that each refusal can be told by name.
 */

import { createContextKey } from "@connectrpc/connect";
import { certificateProblem, type MemberRole, type Peer, verifyPeerCertificate } from "@dure/identity";
import type { Clock, Problem } from "@dure/kernel";
import { verdictAgeMsMax } from "../limits.ts";
import { coordinatorProblem } from "../problems.ts";
import type { RevocationLists } from "./revocation-lists.ts";

export type CallerVerdict =
  | { readonly kind: "known"; readonly peer: Peer }
  | { readonly kind: "refused"; readonly isForRole: boolean; readonly problem: Problem };

/** What a service sees of the connection. */
export interface Caller {
  readonly verdict: CallerVerdict;
  /** Network address, for the limits on enrolment only. */
  readonly address: string;
}

export const callerKey = createContextKey<Caller>(
  { verdict: { kind: "refused", isForRole: false, problem: coordinatorProblem("certificate-absent") }, address: "" },
  { description: "the connection's certificate" },
);

export interface CallerOptions {
  readonly alliance: string;
  readonly root: string;
  readonly issuing: string;
  readonly revocations: RevocationLists;
  readonly clock: Clock;
}

interface Judged {
  readonly verdict: CallerVerdict;
  readonly revocationList: string;
  readonly atMs: number;
}

/** The coordinator itself calls nobody; an operator's console is a socket of the machine. */
const rolesThatCall: readonly MemberRole[] = ["site", "researcher"];

export class Callers {
  readonly #options: CallerOptions;
  readonly #judged = new WeakMap<object, Judged>();

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  /** @param readChain the certificates that the connection shows, PEM; empty where it shows none */
  async judge(connection: object, readChain: () => string): Promise<CallerVerdict> {
    const { clock, revocations } = this.#options;
    const revocationList = await revocations.current();
    const nowMs = clock.nowMs();
    const known = this.#judged.get(connection);
    if (known !== undefined && known.revocationList === revocationList && isFresh(known, nowMs)) return known.verdict;
    const verdict = await this.#verify(readChain(), revocationList, nowMs);
    this.#judged.set(connection, { verdict, revocationList, atMs: nowMs });
    return verdict;
  }

  async #verify(chain: string, crl: string, nowMs: number): Promise<CallerVerdict> {
    if (chain === "") return { kind: "refused", isForRole: false, problem: coordinatorProblem("certificate-absent") };
    const { root, issuing, alliance } = this.#options;
    const verdict = await verifyPeerCertificate(chain, { root, issuing, crl, alliance, roles: rolesThatCall, nowMs });
    if (verdict.kind === "trusted") return { kind: "known", peer: verdict.peer };
    return { kind: "refused", isForRole: verdict.reason === "wrong-role", problem: verdict.problem };
  }
}

const isFresh = ({ verdict, atMs }: Judged, nowMs: number): boolean =>
  nowMs - atMs < verdictAgeMsMax && nowMs >= atMs && (verdict.kind === "refused" || nowMs <= verdict.peer.notAfterMs);

export const wrongRole = (): Problem => certificateProblem("wrong-role");
