/** Time as a port: production reads the machine, the simulator advances its own. */

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number;
  /** Resolves after the time has passed, rejects with the signal's reason when aborted; then nothing was done. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}
