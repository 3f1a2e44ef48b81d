/**
 * JSON in canonical form: keys sorted by UTF-16 code units, no white space, numbers as ECMAScript prints them.
 * Two parties that hold the same value hold the same bytes, so a hash or a signature covers the value itself.
 *
 * Source: RFC 8785, JSON Canonicalization Scheme.
 */

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

/** Deeper values are refused: a reader with a bounded stack must be able to check them. */
const DEPTH_MAX = 100;

/**
 * @throws RangeError on NaN, infinities, lone surrogates, and more than 100 levels. A key whose value is undefined is left out.
 */
export function canonicalJson(value: JsonValue): string {
  return write(value, 0);
}

function write(value: JsonValue, depth: number): string {
  if (depth > DEPTH_MAX) throw new RangeError(`JSON deeper than ${DEPTH_MAX} levels`);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return writeNumber(value);
  if (typeof value === "string") return writeString(value);
  if (isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(",")}]`;
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members.push(`${writeString(key)}:${write(member, depth + 1)}`);
  }
  return `{${members.join(",")}}`;
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no JSON form`);
  return JSON.stringify(value); // ECMAScript's Number::toString, which RFC 8785 prescribes; -0 prints as 0
}

function writeString(value: string): string {
  if (!value.isWellFormed()) throw new RangeError("a string with a lone surrogate has no canonical form");
  return JSON.stringify(value);
}

/** `Array.isArray` does not narrow readonly arrays. */
const isArray = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);
