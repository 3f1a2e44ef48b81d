export type { FhirResource, ResourceChange, ResourceName } from "./resource-change.ts";
