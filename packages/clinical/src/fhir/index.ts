export type { FhirResource, ResourceChange, ResourceName } from "./resource-change.ts";
export { isOlderVersion, UNKNOWN_VERSION, versionOfInstant } from "./resource-version.ts";
