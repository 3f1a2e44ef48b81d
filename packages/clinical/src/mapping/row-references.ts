/** Every value that a row speaks of, with the key it stands under and the kinds that may stand there. */

import type { ValueKind } from "./resolve.ts";
import type { MappingCondition, MappingRow } from "./schema.ts";

export interface RowReference {
  readonly key: string;
  readonly reference: string;
  readonly kinds: readonly ValueKind[];
}

/** Kinds by key; a key may hold a reference, a concept (`{ value }`) or an object of references. */
const KINDS: Readonly<Record<string, readonly ValueKind[]>> = {
  gender: ["concept"],
  concept: ["concept", "code"],
  race: ["concept", "code"],
  ethnicity: ["concept", "code"],
  status: ["concept", "code"],
  route: ["concept", "code"],
  cause: ["concept", "code"],
  payer: ["concept", "code"],
  admittedFrom: ["concept", "code"],
  dischargedTo: ["concept", "code"],
  source: ["concept", "code"],
  word: ["concept", "code"],
  value: ["number", "concept", "code", "result"],
  postalCode: ["text"],
  date: ["date"],
  end: ["date"],
  at: ["date"],
  on: ["date"],
  firstDose: ["date"],
  age: ["number"],
  number: ["number"],
  low: ["number"],
  high: ["number"],
  days: ["number"],
  dose: ["number"],
  timesADay: ["number"],
  quantity: ["number"],
  visit: ["link"],
  key: ["link"],
  order: ["link"],
  provider: ["code"],
  careSite: ["code"],
  doseUnit: ["code"],
};

export function referencesIn(row: MappingRow): readonly RowReference[] {
  return Object.entries(row).flatMap(([key, value]): readonly RowReference[] => {
    const kinds = KINDS[key];
    if (key === "yearOfBirth" || (key === "quantity" && typeof value === "object") || key === "discontinued") return partsOf(key, value);
    if (key === "concept" && typeof value === "string") return []; // a name of concepts.ts
    if (kinds === undefined) return [];
    if (typeof value === "string") return isConceptKey(key) ? [] : [{ key, reference: value, kinds }];
    const reference: unknown = typeof value === "object" && value !== null && "value" in value ? value.value : undefined;
    return typeof reference === "string" ? [{ key, reference, kinds }] : [];
  });
}

/** The conditions of a row itself and of its parts. */
export const conditionsIn = (row: MappingRow): readonly (readonly MappingCondition[])[] => [
  ...("when" in row && row.when !== undefined ? [row.when] : []),
  ...("discontinued" in row && row.discontinued !== undefined ? [row.discontinued.when] : []),
];

/** Where a plain text is the name of a concept, not of a value. */
const isConceptKey = (key: string): boolean =>
  ["concept", "race", "ethnicity", "status", "route", "cause", "payer", "admittedFrom", "dischargedTo"].includes(key);

function partsOf(key: string, value: unknown): readonly RowReference[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([part, reference]: [string, unknown]) => {
    const isDateOfBirth = key === "yearOfBirth" && part === "date";
    const kinds = isDateOfBirth ? (["date"] as const) : KINDS[part];
    return typeof reference === "string" && kinds !== undefined ? [{ key, reference, kinds }] : [];
  });
}
