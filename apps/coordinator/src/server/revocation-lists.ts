/** The revocation list in force: signed anew when it grows old or when somebody was revoked. */

import { type CertificateAuthority, createRevocationList } from "@dure/identity";
import type { Clock } from "@dure/kernel";
import { revocationListAgeMsMax } from "../limits.ts";
import type { CoordinatorStore } from "../store/index.ts";

export interface RevocationListOptions {
  readonly issuing: CertificateAuthority;
  readonly store: CoordinatorStore;
  readonly clock: Clock;
}

/** Numbers of lists count seconds from here: each list is newer than the one before, also after a restart, until 2088. */
const NUMBERS_START_MS = Date.UTC(2020, 0, 1);

export class RevocationLists {
  readonly #options: RevocationListOptions;
  #number = 0;
  #signedAtMs = Number.NEGATIVE_INFINITY;
  #current: Promise<string> | undefined;

  constructor(options: RevocationListOptions) {
    this.#options = options;
  }

  /** The list in PEM. The same text is the same list. */
  current(): Promise<string> {
    const ageMs = this.#options.clock.nowMs() - this.#signedAtMs;
    if (this.#current !== undefined && ageMs >= 0 && ageMs < revocationListAgeMsMax) return this.#current;
    return this.renew();
  }

  /** To be called after every revocation. */
  renew(): Promise<string> {
    this.#signedAtMs = this.#options.clock.nowMs();
    const signed = this.#sign(this.#signedAtMs);
    this.#current = signed;
    signed.catch(() => {
      if (this.#current === signed) this.#current = undefined; // the next caller tries again
    });
    return signed;
  }

  async #sign(nowMs: number): Promise<string> {
    const { issuing, store } = this.#options;
    this.#number = Math.max(this.#number + 1, Math.floor((nowMs - NUMBERS_START_MS) / 1000));
    const number = this.#number;
    const { revoked } = await store.transaction("read revocations", (tx) => store.repositories.members.revocations(tx));
    const entries = revoked.map(({ serial, revokedAtMs }) => ({ serialNumber: serial, revokedAtMs }));
    return createRevocationList(issuing, { revoked: entries, number, nowMs });
  }
}
