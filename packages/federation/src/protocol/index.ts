export { beginRun, type RunMessage, type RunState, type RunStep, recoverRun, stepRun } from "./coordinator-reducer.ts";
export type { RecordEntry, RunEffect, RunTools } from "./coordinator-tools.ts";
export { asReceived } from "./leaving.ts";
export type * from "./messages.ts";
export { externalSites, type RunDurable, type RunPlan, type RunStage, type StopReason, trainingSites } from "./run-plan.ts";
export { runResult } from "./run-result.ts";
export { headlineRequestTranscript, openRoundTranscript } from "./signing.ts";
export { type EarlierRun, earlierRunsOf, type SiteFacts, type SiteRunDurable } from "./site-durable.ts";
export {
  type ClearContribution,
  type LedgerNote,
  policyCell,
  recoverSiteRun,
  type SiteEffect,
  type SiteMessage,
  type SiteRunState,
  type SiteStep,
  type SiteTools,
  stepSite,
} from "./site-reducer.ts";
export { sumFromJson } from "./sum-json.ts";
export { defaultTiming, type Sign, type Timing } from "./tools.ts";
