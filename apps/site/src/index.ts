export { type AgentProcessOptions, runAgent } from "./agent-process.ts";
export { type Connection, connectFromHome } from "./alliance/connection.ts";
export { type EnrolmentOptions, enrolSite } from "./alliance/enrol.ts";
export { readKey, readSettings, type SitePaths, type SiteSettings, sitePaths, writeSettings } from "./home/site-home.ts";
export { type IngestOptions, ingestExports } from "./ingest/ingest-exports.ts";
export { type HomeLoad, ingestIntoHome, listLoads } from "./ingest/ingest-into-home.ts";
export type { LoadReport } from "./ingest/load-report.ts";
export {
  fetchResult,
  type Invitation,
  type ProposalOptions,
  proposeStudy,
  type StartOptions,
  startRun,
  type WatchOptions,
  watchRun,
} from "./researcher/studies.ts";
export { LedgerWriter, storedEntry } from "./run/ledger-writer.ts";
export { readOutcomeUnknown } from "./run/outcome-unknown.ts";
export { approveStudy, declineStudy, deliverDecisions } from "./steward/decide.ts";
export { fetchStudy, ownKeysOf } from "./steward/fetch-study.ts";
export { findKnownStudy, type KnownStudy } from "./steward/known-study.ts";
export { type ClinicalStore, openClinicalStore, readFlatTable, readResearchTable, SiteStore } from "./store/index.ts";
