/** An amendment laid over what is stored: an order that is ended by its number alone keeps what was ordered. */

import type { FhirResource } from "../fhir/index.ts";

/** Fields that the amendment states take the place of the stored; objects are merged, lists place by place. */
export function amendResource(stored: FhirResource, amendment: FhirResource): FhirResource {
  return { ...stored, ...mergeObjects(stored, amendment), resourceType: stored.resourceType, id: stored.id };
}

function merge(stored: unknown, amendment: unknown): unknown {
  if (Array.isArray(stored) && Array.isArray(amendment))
    return Array.from({ length: Math.max(stored.length, amendment.length) }, (_, index) =>
      index < amendment.length ? (index < stored.length ? merge(stored[index], amendment[index]) : amendment[index]) : stored[index],
    );
  if (isObject(stored) && isObject(amendment)) return mergeObjects(stored, amendment);
  return amendment;
}

function mergeObjects(
  stored: Readonly<Record<string, unknown>>,
  amendment: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const merged: Record<string, unknown> = { ...stored };
  for (const [name, value] of Object.entries(amendment)) merged[name] = name in stored ? merge(stored[name], value) : value;
  return merged;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
