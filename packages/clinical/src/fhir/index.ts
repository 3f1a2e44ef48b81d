export {
  type BundleNames,
  type ChangeFault,
  changesOfEntry,
  changesOfResource,
  isFields,
  namesOfEntry,
  resourceName,
  versionOfBundle,
} from "./bundle-entry.ts";
export { type MinimisationSettings, minimiseResource } from "./minimise.ts";
export { MINIMISED_FIELDS, type MinimisedField } from "./minimised-fields.ts";
export type { FhirResource, ResourceChange, ResourceName } from "./resource-change.ts";
export { isResourceType } from "./resource-types.ts";
export { isOlderVersion, UNKNOWN_VERSION, versionOfInstant } from "./resource-version.ts";
