/** How often something may be tried, from one address and from all together, in windows of fixed length. */

export interface RateLimitOptions {
  readonly windowMs: number;
  readonly perAddressMax: number;
  readonly totalMax: number;
}

export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #triedBy = new Map<string, number>();
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #total = 0;

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** Counts a try; false where it is one too many. The memory is bounded by `totalMax` addresses. */
  allows(address: string, nowMs: number): boolean {
    const { windowMs, perAddressMax, totalMax } = this.#options;
    if (nowMs - this.#windowStartMs >= windowMs) {
      this.#windowStartMs = nowMs;
      this.#triedBy.clear();
      this.#total = 0;
    }
    if (this.#total >= totalMax) return false;
    const tried = this.#triedBy.get(address) ?? 0;
    if (tried >= perAddressMax) return false;
    this.#triedBy.set(address, tried + 1);
    this.#total++;
    return true;
  }
}
