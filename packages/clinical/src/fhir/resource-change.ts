/** What a source of FHIR says happened, whatever carried it: a bundle, a bulk export, an HL7 v2 message. */

/** A resource as it came. Its fields are checked where they are read: servers differ, and one bad field must not lose the rest. */
export interface FhirResource {
  readonly resourceType: string;
  /** Unique for the resource type within one source. */
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface ResourceName {
  readonly resourceType: string;
  readonly id: string;
}

/**
 * `version` orders the changes of one resource: an ISO instant in UTC (meta.lastUpdated, the message's time), compared as text.
 * An older version that arrives late changes nothing; of two equal ones the later arrival stands. Where the source names none it is
 * empty, and the order of arrival decides.
 */
export type ResourceChange =
  | { readonly kind: "put"; readonly resource: FhirResource; readonly version: string }
  | { readonly kind: "delete"; readonly resource: ResourceName; readonly version: string }
  /** Two records of one person: everything of `merged` is the survivor's from now on (A40, Patient.link replaced-by). */
  | { readonly kind: "merge"; readonly merged: ResourceName; readonly survivor: ResourceName; readonly version: string };
