/** What every service of the coordinator works with: made once at the start, handed to each. */

import type { Timing } from "@dure/federation/protocol";
import type { CertificateAuthority, SigningKeyPair } from "@dure/identity";
import type { Clock, SecureRandom } from "@dure/kernel";
import type { CoordinatorLog } from "./log.ts";
import type { Mailboxes } from "./mailbox/mailboxes.ts";
import type { RunRegistry } from "./run/run-registry.ts";
import type { RevocationLists } from "./server/revocation-lists.ts";
import type { CoordinatorStore } from "./store/index.ts";

export interface Coordination {
  readonly alliance: string;
  /** Root certificate, PEM. */
  readonly root: string;
  readonly issuing: CertificateAuthority;
  readonly identity: SigningKeyPair;
  readonly store: CoordinatorStore;
  readonly clock: Clock;
  readonly random: SecureRandom;
  readonly log: CoordinatorLog;
  readonly revocations: RevocationLists;
  readonly mailboxes: Mailboxes;
  readonly runs: RunRegistry;
  /** Deadlines and patience of the runs that begin from now on. */
  readonly timing: Timing;
}
