/** What a reference inside a mapping points at, and what kind of value stands there. */

import type { Unit } from "../units.ts";
import type { Mapping, MappingValue } from "./schema.ts";

/** `code`: of a vocabulary, by a look-up. `result`: a number with its sign and its unit. `link`: a key that joins rows. */
export type ValueKind = "date" | "number" | "concept" | "text" | "code" | "result" | "link";

export interface ResolvedValue {
  /** The file's name in the mapping. */
  readonly file: string;
  readonly name: string;
  readonly value: MappingValue;
}

/** `name` is a value of `file`; `persons.name` one of the persons file, joined by person. */
export function findValue(mapping: Mapping, file: string, reference: string): ResolvedValue | undefined {
  const [first = "", second] = reference.split(".");
  if (second === undefined) return declaredValue(mapping, file, first);
  return first === mapping.persons || first === file ? declaredValue(mapping, first, second) : undefined;
}

/** As `findValue`, for a reference `file.name` to any file. */
export function findFileValue(mapping: Mapping, reference: string): ResolvedValue | undefined {
  const [file = "", name = ""] = reference.split(".");
  return declaredValue(mapping, file, name);
}

/** The kind of a value; undefined where a `firstOf` mixes kinds, points nowhere or at itself. */
export function kindOf(mapping: Mapping, resolved: ResolvedValue, depth = 0): ValueKind | undefined {
  const { value } = resolved;
  if ("date" in value || "anchorDate" in value || "offset" in value || "residentBirth" in value) return "date";
  if ("number" in value || "codeNumber" in value || "yearsBetween" in value) return "number";
  if ("codeConcept" in value || "default" in value || "residentSex" in value) return "concept";
  if ("lookUp" in value || "code" in value) return "code";
  if ("result" in value) return "result";
  if ("link" in value) return "link";
  if ("text" in value) return "text";
  if (depth > REFERENCE_DEPTH_MAX) return undefined;
  const kinds = new Set(partsOf(mapping, resolved).map((part) => part && kindOf(mapping, part, depth + 1)));
  return kinds.size === 1 ? [...kinds][0] : undefined;
}

/** The units in which a number may come: several where a column names the unit. */
export function unitsOf(mapping: Mapping, resolved: ResolvedValue): readonly Unit[] {
  const { value } = resolved;
  if ("number" in value) return typeof value.unit === "string" ? [value.unit] : [...new Set(Object.values(value.unit.units))];
  if ("codeNumber" in value) return [value.unit];
  if ("yearsBetween" in value) return ["a"];
  if ("firstOf" in value) return [...new Set(partsOf(mapping, resolved).flatMap((part) => (part ? unitsOf(mapping, part) : [])))];
  return [];
}

/** References inside a value, with their path in the document. */
export function referencesOf(
  value: MappingValue,
): readonly { readonly path: readonly (string | number)[]; readonly reference: string; readonly kind?: ValueKind }[] {
  if ("offset" in value) return [{ path: ["after"], reference: value.after, kind: "date" }];
  if ("yearsBetween" in value)
    return value.yearsBetween.map((reference, i) => ({ path: ["yearsBetween", i], reference, kind: "date" as const }));
  if ("firstOf" in value) return value.firstOf.map((reference, i) => ({ path: ["firstOf", i], reference }));
  if (("codeConcept" in value || "codeNumber" in value || "lookUp" in value) && value.asOf !== undefined)
    return [{ path: ["asOf"], reference: value.asOf, kind: "date" }];
  return [];
}

/** Deeper chains of `firstOf`, `offset` and so on are refused; a cycle is one. */
const REFERENCE_DEPTH_MAX = 16;

export function isTooDeep(mapping: Mapping, resolved: ResolvedValue, depth = 0): boolean {
  if (depth > REFERENCE_DEPTH_MAX) return true;
  return referencesOf(resolved.value).some(({ reference }) => {
    const target = findValue(mapping, resolved.file, reference);
    return target !== undefined && isTooDeep(mapping, target, depth + 1);
  });
}

const partsOf = (mapping: Mapping, resolved: ResolvedValue): readonly (ResolvedValue | undefined)[] =>
  "firstOf" in resolved.value ? resolved.value.firstOf.map((reference) => findValue(mapping, resolved.file, reference)) : [];

function declaredValue(mapping: Mapping, file: string, name: string): ResolvedValue | undefined {
  const values = Object.hasOwn(mapping.files, file) ? mapping.files[file]?.values : undefined;
  const value = values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
  return value === undefined ? undefined : { file, name, value };
}
