export { type AgentProcessOptions, runAgent } from "./agent-process.ts";
export { type Connection, connectFromHome } from "./alliance/connection.ts";
export { type EnrolmentOptions, enrolSite } from "./alliance/enrol.ts";
export {
  findStandingApproval,
  removeStandingApproval,
  type StandingApproval,
  setStandingApproval,
} from "./count/standing-approval.ts";
export type { SourceStates } from "./fhir-load/count-states.ts";
export { type CheckedSource, draftPolicyIntoFile, lastRequirementResults, type PolicyDrafting } from "./fhir-load/policy-in-home.ts";
export { readKey, readSettings, type SitePaths, type SiteSettings, sitePaths, writeSettings } from "./home/site-home.ts";
export { type IngestOptions, ingestExports } from "./ingest/ingest-exports.ts";
export { type HomeLoad, ingestIntoHome, listLoads } from "./ingest/ingest-into-home.ts";
export type { LoadReport } from "./ingest/load-report.ts";
export { type BulkAccess, bulkIntoHome, cancelBulkOfHome } from "./intake/bulk-into-home.ts";
export type { BulkReport } from "./intake/fhir/bulk/bulk-export.ts";
export type { FaultPolicy, TakeInReport } from "./intake/fhir/take-in-files.ts";
export { type HomeHl7Files, type HomeListener, listenIntoHome, takeInHl7IntoHome } from "./intake/hl7v2/hl7-into-home.ts";
export type { Hl7FileReport } from "./intake/hl7v2/take-files.ts";
export { type HomeIntake, type IntakeStatus, intakeStatus, takeInIntoHome } from "./intake/intake-into-home.ts";
export type { DeliveryReport } from "./intake/intake-store.ts";
export { fetchCosignedNotes } from "./ledger/checkpoints.ts";
export { exportLedger, ownLedgerCheck, readLedger, verifyExportedLedger } from "./ledger/export-ledger.ts";
export { formatLedger } from "./ledger/format-ledger.ts";
export { loadIntoHome, type PlannedLoad } from "./load/load-into-home.ts";
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
export { mappingSkeleton } from "./sources/mapping-skeleton.ts";
export { type SniffedFile, sniffFile } from "./sources/sniff-file.ts";
export { approveStudy, declineStudy, deliverDecisions } from "./steward/decide.ts";
export { fetchStudy, listStudies, ownKeysOf, type StudyListing } from "./steward/fetch-study.ts";
export { formatReview } from "./steward/format-review.ts";
export { findKnownStudy, type KnownStudy } from "./steward/known-study.ts";
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
export type { VocabularyReport } from "./vocabulary/load-vocabulary.ts";
export type { ChangedConcept, CodeChange, ConceptChange, VocabularyDifference } from "./vocabulary/vocabulary-difference.ts";
export {
  acceptVocabulary,
  loadVocabularyIntoHome,
  type VocabularyAcceptance,
  type VocabularyStatus,
  vocabularyDifference,
  vocabularyStatus,
} from "./vocabulary/vocabulary-in-home.ts";
