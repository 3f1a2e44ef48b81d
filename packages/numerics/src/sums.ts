/** Sums whose rounding error does not grow with the number of terms. */

/**
 * Compensated sum: the rounding error of every addition is caught and added at the end.
 *
 * Numerics: the error is about one unit in the last place of the sum plus n ε² Σ|x|, against n ε Σ|x| for a plain loop.
 * Source: Neumaier 1974, Z Angew Math Mech 54:39.
 */
export class CompensatedSum {
  #sum = 0;
  #lost = 0;

  add(value: number): void {
    const sum = this.#sum + value;
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
  }

  get value(): number {
    return this.#sum + this.#lost;
  }
}

/** A vector of compensated sums of one length. */
export class CompensatedVector {
  readonly #sums: Float64Array;
  readonly #lost: Float64Array;

  constructor(length: number) {
    this.#sums = new Float64Array(length);
    this.#lost = new Float64Array(length);
  }

  /** Adds entry by entry. Throws when the lengths differ. */
  add(values: ArrayLike<number>): void {
    const sums = this.#sums;
    const lost = this.#lost;
    if (values.length !== sums.length) throw new RangeError(`${values.length} terms for ${sums.length} sums`);
    for (let i = 0; i < sums.length; i++) {
      const value = values[i] ?? 0;
      const before = sums[i] ?? 0;
      const after = before + value;
      lost[i] = (lost[i] ?? 0) + (Math.abs(before) >= Math.abs(value) ? before - after + value : value - after + before);
      sums[i] = after;
    }
  }

  get values(): Float64Array {
    return this.#sums.map((sum, i) => sum + (this.#lost[i] ?? 0));
  }
}

/**
 * Σ x, compensated. O(n).
 *
 * @param values finite numbers, any length; the sum of none is 0
 */
export function sum(values: Iterable<number>): number {
  const total = new CompensatedSum();
  for (const value of values) total.add(value);
  return total.value;
}
