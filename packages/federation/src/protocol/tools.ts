/** What both reducers are given beside state and message. */

export interface Timing {
  /** A phase of an attempt that lasts longer is abandoned. */
  readonly phaseMs: number;
  /** Before the first sum: how long the run waits for an agreed hospital before it is left out for good. */
  readonly joinMs: number;
  /** How long a run waits for a hospital that is away before it is stopped. */
  readonly patienceMs: number;
  /** The pause before an attempt that follows an abandoned one; doubled each time, at most 30 s. */
  readonly retryMs: number;
}

export const defaultTiming: Timing = { phaseMs: 30_000, joinMs: 600_000, patienceMs: 86_400_000, retryMs: 200 };

/** Signs as the coordinator or as this site: Ed25519, 64 bytes. */
export type Sign = (message: Uint8Array) => Uint8Array;
