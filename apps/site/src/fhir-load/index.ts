export type { SourceStates } from "./count-states.ts";
export { type CheckedSource, draftPolicyIntoFile, lastRequirementResults, type PolicyDrafting } from "./policy-in-home.ts";
