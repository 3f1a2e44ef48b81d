/**
 * What one entry of a bundle changes, whatever the bundle's type: a collection and a search set put, a transaction and a history put
 * and delete. References that only mean something inside the bundle become references by id.
 *
 * A resource without an id takes it from where the standard would: the tail of `fullUrl`, or, for a conditional create or update, a
 * digest of the condition, so that the same condition names the same resource tomorrow. Anything else has no lasting name: a digest of
 * the content would make every correction a second resource, counted twice, so it is a fault.
 */

import { sha256 } from "@dure/kernel";
import type { FhirResource, ResourceChange, ResourceName } from "./resource-change.ts";
import { UNKNOWN_VERSION, versionOfInstant } from "./resource-version.ts";

/** Why a thing of FHIR is no change that can be taken in. */
export type ChangeFault =
  | "not-a-resource"
  | "unknown-type"
  | "no-id"
  | "entry-without-resource"
  | "conditional-delete"
  | "patch"
  | "operation-outcome";

export type Fields = Readonly<Record<string, unknown>>;

/** Of all entries of one bundle, made before the first is taken in. */
export interface BundleNames {
  /** By `urn:uuid:…` or `urn:oid:…`. */
  readonly byUrn: ReadonlyMap<string, string>;
  /** `Practitioner?identifier=system|value` → `Practitioner/id`. */
  readonly byCondition: ReadonlyMap<string, string>;
}

export const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** Bundle.timestamp, else Bundle.meta.lastUpdated: the version of what has none of its own. */
export const versionOfBundle = (head: Fields): string | undefined => versionOfInstant(head["timestamp"]) ?? versionOf(head);

/** meta.lastUpdated, where there is one. */
const versionOf = (resource: Fields): string | undefined =>
  isFields(resource["meta"]) ? versionOfInstant(resource["meta"]["lastUpdated"]) : undefined;

/** The changes of an entry, in order; a merge follows the Patient whose link says so. */
export function changesOfEntry(
  entry: unknown,
  names: BundleNames,
  bundleVersion: string | undefined,
): readonly ResourceChange[] | ChangeFault {
  if (!isFields(entry)) return "entry-without-resource";
  const request = isFields(entry["request"]) ? entry["request"] : {};
  const response = isFields(entry["response"]) ? entry["response"] : {};
  const version = versionOfInstant(response["lastModified"]) ?? bundleVersion;
  if (request["method"] === "DELETE") return deletion(request["url"], version);
  if (request["method"] === "PATCH") return "patch";
  const resource = entry["resource"];
  if (!isFields(resource)) return "entry-without-resource";
  const id = idOfEntry(entry);
  if (id === undefined) return typeof resource["resourceType"] === "string" ? "no-id" : "not-a-resource";
  return changesOfResource(withReferences({ ...resource, id }, names), version);
}

/** @param version of what has no meta.lastUpdated. */
export function changesOfResource(resource: Fields, version: string | undefined): readonly ResourceChange[] | ChangeFault {
  const { resourceType, id } = resource;
  if (typeof resourceType !== "string") return "not-a-resource";
  if (resourceType === "OperationOutcome") return "operation-outcome";
  if (typeof id !== "string" || id === "") return "no-id";
  const named = resource as FhirResource; // both of its fields were just checked
  const put: ResourceChange = { kind: "put", resource: named, version: versionOf(resource) ?? version ?? UNKNOWN_VERSION };
  return resourceType === "Patient" && Array.isArray(resource["link"]) ? [put, ...mergesOf(named, put.version)] : [put];
}

/** What others of the bundle may call this entry. */
export function namesOfEntry(entry: unknown): { readonly urn?: string; readonly conditions: readonly string[]; readonly name?: string } {
  if (!isFields(entry) || !isFields(entry["resource"])) return { conditions: [] };
  const { resourceType, identifier } = entry["resource"];
  const id = idOfEntry(entry);
  if (id === undefined || typeof resourceType !== "string") return { conditions: [] };
  const identifiers = Array.isArray(identifier) ? identifier.filter(isFields) : [];
  const conditions = identifiers.map(({ system = "", value }) => `${resourceType}?identifier=${system === "" ? "" : `${system}|`}${value}`);
  const { fullUrl } = entry;
  return {
    conditions,
    name: `${resourceType}/${id}`,
    ...(typeof fullUrl === "string" && fullUrl.startsWith("urn:") ? { urn: fullUrl } : {}),
  };
}

/** Ids of FHIR: R4, "id". */
const URN_OR_URL_TAIL = /(?:^urn:(?:uuid|oid):|\/)([A-Za-z0-9.-]{1,64})$/;

function idOfEntry(entry: Fields): string | undefined {
  const resource = isFields(entry["resource"]) ? entry["resource"] : {};
  const { id } = resource;
  if (typeof id === "string" && id !== "") return id;
  const request = isFields(entry["request"]) ? entry["request"] : {};
  const condition = request["method"] === "PUT" && String(request["url"]).includes("?") ? request["url"] : request["ifNoneExist"];
  if (typeof condition === "string") return sha256(`${resource["resourceType"]}\n${condition}`).slice(0, 32);
  if (request["method"] === "PUT" && typeof request["url"] === "string") return URN_OR_URL_TAIL.exec(`/${request["url"]}`)?.[1];
  return typeof entry["fullUrl"] === "string" ? URN_OR_URL_TAIL.exec(entry["fullUrl"])?.[1] : undefined;
}

function deletion(url: unknown, version: string | undefined): readonly ResourceChange[] | ChangeFault {
  if (typeof url !== "string" || url.includes("?")) return "conditional-delete";
  const resource = resourceName(url);
  return resource === undefined ? "no-id" : [{ kind: "delete", resource, version: version ?? UNKNOWN_VERSION }];
}

/** Of `Patient/12`, of a URL that ends so, and of one version's URL. */
export function resourceName(reference: string): ResourceName | undefined {
  const [, resourceType, id] = /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]*)?$/.exec(reference) ?? [];
  return resourceType === undefined || id === undefined ? undefined : { resourceType, id };
}

/** `replaced-by` on the record that goes, `replaces` on the one that stays. Source: FHIR R4, Patient.link. */
function mergesOf(patient: FhirResource, version: string): readonly ResourceChange[] {
  const links: readonly unknown[] = Array.isArray(patient["link"]) ? patient["link"] : [];
  const own = { resourceType: patient.resourceType, id: patient.id };
  return links.filter(isFields).flatMap(({ type, other }): readonly ResourceChange[] => {
    const reference = isFields(other) ? other["reference"] : undefined;
    const name = typeof reference === "string" ? resourceName(reference) : undefined;
    if (name?.resourceType !== "Patient") return [];
    if (type === "replaced-by") return [{ kind: "merge", merged: own, survivor: name, version }];
    return type === "replaces" ? [{ kind: "merge", merged: name, survivor: own, version }] : [];
  });
}

/** The resource with every reference to an entry of its bundle by id; one that names none of them stays as it is. */
function withReferences(resource: Fields, names: BundleNames): Fields {
  let copy: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(resource)) {
    const kept = key === "reference" ? resolved(value, names) : withReferencesIn(value, names);
    if (kept === value) continue;
    copy ??= { ...resource };
    copy[key] = kept;
  }
  return copy ?? resource;
}

function withReferencesIn(value: unknown, names: BundleNames): unknown {
  if (isFields(value)) return withReferences(value, names);
  if (!Array.isArray(value)) return value;
  const items = value.map((item) => withReferencesIn(item, names));
  return items.some((item, i) => item !== value[i]) ? items : value;
}

function resolved(reference: unknown, { byUrn, byCondition }: BundleNames): unknown {
  if (typeof reference !== "string") return reference;
  if (reference.startsWith("urn:")) return byUrn.get(reference) ?? reference;
  return reference.includes("?") ? (byCondition.get(reference) ?? reference) : reference;
}
