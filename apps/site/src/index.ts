export { type AgentProcessOptions, runAgent } from "./agent-process.ts";
export { type Connection, connectFromHome } from "./alliance/connection.ts";
export { type EnrolmentOptions, enrolSite } from "./alliance/enrol.ts";
export {
  findStandingApproval,
  removeStandingApproval,
  type StandingApproval,
  setStandingApproval,
} from "./count/standing-approval.ts";
export { initHome } from "./home/init-home.ts";
export {
  readKey,
  readMemberSettings,
  readSettings,
  type SitePaths,
  type SiteSettings,
  sitePaths,
  writeSettings,
} from "./home/site-home.ts";
export { fetchCosignedNotes } from "./ledger/checkpoints.ts";
export { exportLedger, ownLedgerCheck, readLedger, verifyExportedLedger } from "./ledger/export-ledger.ts";
export { formatLedger } from "./ledger/format-ledger.ts";
export { askCount, type CountAnswer, type CountOrder, listHospitals, waitForAnswers } from "./researcher/counts.ts";
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
export { tableSourceOf } from "./run/store-source.ts";
export { approveStudy, declineStudy, deliverDecisions } from "./steward/decide.ts";
export { fetchStudy, listStudies, ownKeysOf, type StudyListing } from "./steward/fetch-study.ts";
export { formatReview } from "./steward/format-review.ts";
export { findKnownStudy, type KnownStudy } from "./steward/known-study.ts";
export { vectorWords } from "./steward/preview-words.ts";
export { reviewStudy, type StudyReview } from "./steward/review.ts";
export {
  type ClinicalStore,
  clinicalEngine,
  openClinicalStore,
  readFlatTable,
  readResearchTable,
  SiteStore,
  useDuckdb,
  usePostgres,
} from "./store/index.ts";
