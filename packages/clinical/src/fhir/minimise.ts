/** Leaves out of a resource what `minimised-fields.ts` lists, at any depth and in contained resources. */

import {
  IDENTIFYING_EXTENSION_VALUES,
  KEPT_EXTENSIONS,
  MINIMISED_FIELDS,
  type MinimisedField,
  NATIONAL_IDENTIFIER_SYSTEMS,
  NATIONAL_IDENTIFIER_TYPES,
  PERSON_TYPES,
  RESIDENT_REGISTRATION_NUMBER,
} from "./minimised-fields.ts";
import type { FhirResource } from "./resource-change.ts";

export interface MinimisationSettings {
  /** Notes, conclusions, attachments: only for a site that means to work with text. */
  readonly keepsFreeText: boolean;
}

/** Deeper than any resource of R4 that is not built to do harm. */
export const NESTING_MAX = 64;

type Fields = Readonly<Record<string, unknown>>;

interface Place {
  readonly resourceType: string;
  readonly keepsFreeText: boolean;
  readonly depth: number;
}

/**
 * The same resource where nothing had to go; otherwise a copy in which the elements left out are undefined, as JSON leaves them out.
 * O(size) time.
 * @throws RangeError for a resource nested deeper than `NESTING_MAX`.
 */
export function minimiseResource(resource: FhirResource, { keepsFreeText }: MinimisationSettings): FhirResource {
  // Type and id are in no rule, so a resource stays one.
  return minimiseFields(resource, { resourceType: resource.resourceType, keepsFreeText, depth: 0 }, "") as FhirResource;
}

const fieldsByElement = Map.groupBy(MINIMISED_FIELDS, ({ element }) => element);

function minimiseFields(object: Fields, outer: Place, parent: string): Fields {
  if (outer.depth >= NESTING_MAX) throw new RangeError(`a resource nests deeper than ${NESTING_MAX} levels`);
  const ownType = parent === "contained" || parent === "resource" ? object["resourceType"] : undefined;
  const place = { ...outer, depth: outer.depth + 1, ...(typeof ownType === "string" ? { resourceType: ownType } : {}) };
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(object)) {
    const value = object[key];
    const kept = minimiseElement(key, value, object, { place, parent });
    if (kept === value) continue;
    copy ??= { ...object };
    copy[key] = kept;
  }
  return copy ?? object;
}

function minimiseElement(
  key: string,
  value: unknown,
  object: Fields,
  { place, parent }: { readonly place: Place; readonly parent: string },
): unknown {
  const element = key.startsWith("_") ? key.slice(1) : key;
  const fields = fieldsByElement.get(element);
  let kept = value;
  for (const field of fields ?? []) {
    if (applies(field, key, value, place)) kept = take(field, kept, object, { place, parent });
  }
  return typeof kept === "object" && kept !== null ? minimiseValue(kept, element, place) : kept;
}

function minimiseValue(value: object, element: string, place: Place): unknown {
  if (!Array.isArray(value)) return minimiseFields(value as Fields, place, element); // JSON objects are fields
  let copy: unknown[] | undefined;
  for (let i = 0; i < value.length; i++) {
    const item: unknown = value[i];
    if (typeof item !== "object" || item === null) continue;
    const kept = minimiseValue(item, element, Array.isArray(item) ? deeper(place) : place);
    if (kept === item) continue;
    copy ??= [...value];
    copy[i] = kept;
  }
  return copy ?? value;
}

/** Arrays within arrays are no FHIR, and must not escape the bound either. */
function deeper(place: Place): Place {
  if (place.depth >= NESTING_MAX) throw new RangeError(`a resource nests deeper than ${NESTING_MAX} levels`);
  return { ...place, depth: place.depth + 1 };
}

function applies({ types, valueKind, isFreeText }: MinimisedField, key: string, value: unknown, place: Place): boolean {
  if (isFreeText === true && place.keepsFreeText) return false;
  if (types !== undefined && !types.includes(place.resourceType)) return false;
  if (valueKind === undefined || key.startsWith("_")) return true;
  const isComplex =
    typeof value === "object" && value !== null && (!Array.isArray(value) || value.some((item) => typeof item === "object"));
  return isComplex === (valueKind === "complex");
}

function take(
  { part, element }: MinimisedField,
  value: unknown,
  object: Fields,
  { place, parent }: { readonly place: Place; readonly parent: string },
): unknown {
  switch (part) {
    case "all":
      return undefined;
    case "narrative":
      return isFields(value) && ("div" in value || "status" in value) ? undefined : value;
    case "display-of-reference":
      return isCoding(object, parent) ? value : undefined;
    case "address-detail":
      return Array.isArray(value) ? value.map(coarseAddress) : coarseAddress(value);
    case "national-identifiers":
      return filtered(value, (item) => !isNational(item));
    case "identifying-extensions":
      if (element === "modifierExtension") return withoutContent(value, place);
      return filtered(value, (item) => isKeptExtension(item, place));
    case "attachment-content":
      return isAttachment(object, parent) ? undefined : value;
  }
}

/** A modifier changes what its resource means: that it is there has to stay known, or a resource is read as if it were not (f2o-063). */
function withoutContent(value: unknown, place: Place): unknown {
  const nameOnly = (item: unknown): unknown => (isKeptExtension(item, place) ? item : { url: isFields(item) ? item["url"] : undefined });
  return Array.isArray(value) ? value.map(nameOnly) : nameOnly(value);
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** One item stands where a list should in what some servers write. */
function filtered(value: unknown, isKept: (item: unknown) => boolean): unknown {
  if (!Array.isArray(value)) return isKept(value) ? value : undefined;
  const kept = value.filter(isKept);
  if (kept.length === value.length) return value;
  return kept.length === 0 ? undefined : kept;
}

/** Elements of type Coding; what has neither a code nor stands under one of these is a Reference. */
const CODING_ELEMENTS: ReadonlySet<string> = new Set(["coding", "valueCoding", "class", "tag", "security"]);

const isCoding = (object: Fields, parent: string): boolean =>
  !("reference" in object) && !("identifier" in object) && ("code" in object || CODING_ELEMENTS.has(parent));

const ADDRESS_KEPT = ["use", "type", "city", "district", "state", "country", "period"] as const;
/** Three digits name a region, five a street. Source: 45 CFR 164.514(b)(2)(i)(B). */
const POSTAL_DIGITS_KEPT = 3;

function coarseAddress(address: unknown): unknown {
  if (!isFields(address)) return undefined;
  const kept: Record<string, unknown> = {};
  for (const name of ADDRESS_KEPT) if (name in address) kept[name] = address[name];
  const postalCode = address["postalCode"];
  if (typeof postalCode === "string") kept["postalCode"] = postalCode.slice(0, POSTAL_DIGITS_KEPT);
  return kept;
}

function isNational(identifier: unknown): boolean {
  if (!isFields(identifier)) return typeof identifier === "string" && RESIDENT_REGISTRATION_NUMBER.test(identifier);
  const { type, system, value } = identifier;
  if (typeof value === "string" && RESIDENT_REGISTRATION_NUMBER.test(value)) return true;
  if (typeof system === "string" && NATIONAL_IDENTIFIER_SYSTEMS.some((start) => system.startsWith(start))) return true;
  const codings = isFields(type) ? type["coding"] : undefined;
  return Array.isArray(codings) && codings.some((coding) => isFields(coding) && NATIONAL_IDENTIFIER_TYPES.has(String(coding["code"])));
}

function isKeptExtension(extension: unknown, { resourceType }: Place): boolean {
  if (!isFields(extension)) return false;
  if (KEPT_EXTENSIONS.has(String(extension["url"]))) return true;
  return !PERSON_TYPES.has(resourceType) && !carriesIdentity(extension, 0);
}

function carriesIdentity(extension: Fields, depth: number): boolean {
  if (Object.keys(extension).some((key) => IDENTIFYING_EXTENSION_VALUES.has(key))) return true;
  const nested = extension["extension"];
  if (!Array.isArray(nested)) return false;
  return depth >= NESTING_MAX || nested.some((item) => isFields(item) && carriesIdentity(item, depth + 1));
}

const ATTACHMENT_ELEMENTS: ReadonlySet<string> = new Set([
  "attachment",
  "presentedForm",
  "contentAttachment",
  "valueAttachment",
  "image",
  "content",
]);

/** SampledData has `data` as well, and a Binary is nothing else. */
const isAttachment = (object: Fields, parent: string): boolean =>
  !("origin" in object) && (ATTACHMENT_ELEMENTS.has(parent) || "contentType" in object || object["resourceType"] === "Binary");
