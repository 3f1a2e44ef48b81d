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
export type { CandidateCode, CodeSystem, SiteSystems } from "./to-omop/code-systems.ts";
export { CODE_SYSTEMS } from "./to-omop/code-systems.ts";
export { ALLERGY_CONCEPT_IDS, EXPIRED, TYPE_CONCEPT } from "./to-omop/concept-ids.ts";
export { dateReader, type ReadDate, type When } from "./to-omop/dates.ts";
export {
  EVIDENCE,
  type EventDraft,
  type EventTable,
  EXCLUSION_REASONS,
  type ExclusionReason,
  type MappedResource,
  type MappingContext,
  type PayerDraft,
  type PersonDraft,
  type VisitDraft,
} from "./to-omop/draft.ts";
export { referenceId } from "./to-omop/elements.ts";
export { MAPPED_TYPES, mapResource } from "./to-omop/map-resource.ts";
export {
  type ConceptFacts,
  codesOf,
  type PlacedEvent,
  type PlacedRow,
  placeEvent,
  type Resolve,
  tableOfDomain,
} from "./to-omop/place-event.ts";
export { type FhirPolicy, parseFhirPolicy } from "./to-omop/policy.ts";
export { type DraftOptions, draftPolicy, type StateCount } from "./to-omop/policy-draft.ts";
export { POLICY_PROFILES, type PolicyProfile } from "./to-omop/policy-profiles.ts";
export { GUIDE_VERSION, REQUIREMENTS, type Requirement, TRANSFORMATION_VERSION } from "./to-omop/requirements.ts";
export { isDecidedByPolicy, type ResourceState, stateOf } from "./to-omop/resource-state.ts";
