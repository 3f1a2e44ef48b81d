/**
 * Two kinds of randomness that cannot take each other's place.
 *
 * `SecureRandom` makes keys, masks and noise: from the operating system, never seeded in production.
 * `SeededRandom` shuffles and simulates: the same seed gives the same numbers on every machine.
 */

export interface SecureRandom {
  readonly kind: "secure";
  /** Uniform and unpredictable bytes. */
  bytes(length: number): Uint8Array;
}

/**
 * xoshiro128** over 32-bit words, seeded through splitmix32.
 * Source: Blackman & Vigna 2021, ACM Trans Math Softw 47:36.
 */
export class SeededRandom {
  readonly kind = "seeded";
  readonly #s: Uint32Array;

  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`seed is ${seed}; it must be a whole number from 0 to 2^53 - 1`);
    let z = (seed ^ Math.floor(seed / 2 ** 32)) >>> 0;
    this.#s = Uint32Array.from({ length: 4 }, () => {
      z = (z + 0x9e3779b9) >>> 0;
      let x = z;
      x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
      x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
      return (x ^ (x >>> 16)) >>> 0;
    });
  }

  uint32(): number {
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = this.#s;
    const m = Math.imul(s1, 5);
    const result = Math.imul((m << 7) | (m >>> 25), 9) >>> 0;
    const t = s1 << 9;
    const n2 = s2 ^ s0;
    const n3 = s3 ^ s1;
    this.#s[1] = s1 ^ n2;
    this.#s[0] = s0 ^ n3;
    this.#s[2] = n2 ^ t;
    this.#s[3] = (n3 << 11) | (n3 >>> 21);
    return result;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 2 ** 26 + (this.uint32() >>> 6)) / 2 ** 53;
  }

  /** Uniform whole number in [0, bound), without bias (rejection). */
  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) throw new RangeError(`bound is ${bound}; it must be 1 to 2^32`);
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const value = this.uint32();
      if (value < limit) return value % bound;
    }
  }

  /** Standard normal by the polar method (Marsaglia & Bray 1964). For simulation only, never for privacy noise. */
  normal(): number {
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const r = u * u + v * v;
      if (r > 0 && r < 1) return u * Math.sqrt((-2 * Math.log(r)) / r);
    }
  }

  /** Fisher-Yates, in place. */
  shuffleInto<Item>(items: Item[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const a = items[i] as Item; // i is within bounds
      items[i] = items[j] as Item; // j <= i
      items[j] = a;
    }
  }
}
