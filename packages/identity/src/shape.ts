/** The shape of a small signed document: which fields it has, of which type. What arrives with one more, or one less, is refused. */

import type { JsonValue } from "@dure/kernel";

interface FieldTypes {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly strings: readonly string[];
}

export type Shape = { readonly [field: string]: keyof FieldTypes };
export type ShapeOf<S extends Shape> = { readonly [Field in keyof S]: FieldTypes[S[Field]] };

/** The value as a document of this shape; undefined where it is none. */
export function readShape<S extends Shape>(value: JsonValue | undefined, shape: S): ShapeOf<S> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const fields = value as { readonly [key: string]: JsonValue | undefined }; // an object that is neither null nor an array
  if (Object.keys(fields).some((key) => !Object.hasOwn(shape, key))) return undefined;
  const fits = Object.entries(shape).every(([key, type]) => Object.hasOwn(fields, key) && hasType(fields[key], type));
  return fits ? (fields as ShapeOf<S>) : undefined; // every field was checked just above
}

function hasType(value: JsonValue | undefined, type: keyof FieldTypes): boolean {
  if (type === "strings") return Array.isArray(value) && value.every((item) => typeof item === "string");
  return typeof value === type && (type !== "number" || Number.isFinite(value));
}
