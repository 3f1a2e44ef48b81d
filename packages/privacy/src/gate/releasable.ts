/**
 * What may leave a hospital.
 *
 * The wire encoder takes nothing else, and only the gate makes one: the constructor asks for a key that this module keeps, and
 * `release` is not exported from the package. A plain object of the same shape has no `#passed`, so it is no Releasable to the compiler
 * nor to `isReleasable`.
 */

const gateKey: unique symbol = Symbol("the gate's key");

let make: <Value>(value: Value, rules: readonly string[]) => Releasable<Value>;

export class Releasable<Value> {
  readonly #passed = true;
  readonly value: Value;
  /** The rules that were applied, for the ledger: `minimum-cell 5`, `bound`, and so on. */
  readonly rules: readonly string[];

  private constructor(key: typeof gateKey, value: Value, rules: readonly string[]) {
    if (key !== gateKey) throw new TypeError("only the gate makes a Releasable");
    this.value = value;
    this.rules = Object.freeze([...rules]);
    Object.freeze(this);
  }

  /** True for what the gate made, and for nothing that only looks like it. */
  static isReleasable(value: unknown): value is Releasable<unknown> {
    return typeof value === "object" && value !== null && #passed in value && value.#passed;
  }

  static {
    make = (value, rules) => new Releasable(gateKey, value, rules);
  }
}

/** For the gate's own files, and for masking: it takes only what the gate released, and hands on only what it masked. */
export function release<Value>(value: Value, rules: readonly string[]): Releasable<Value> {
  return make(value, rules);
}
