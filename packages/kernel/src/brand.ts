/** Nominal types: a checked value keeps the name of the check that made it. */

declare const brand: unique symbol;

/** `Base` that has passed the check called `Name`. Made in one place only, where the check stands. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Ends every `switch` over a union: a new case that nobody handles does not compile. */
export function unreachable(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}

/** A broken invariant: the job stops, its supervisor starts it again. Never used for bad input. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${invariant}`);
}
