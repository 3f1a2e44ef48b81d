export {
  type BackupFile,
  backupCoordinator,
  createEnrolmentToken,
  type Operator,
  restoreCoordinator,
  revokeMember,
} from "./admin/administer.ts";
export {
  type Invitation,
  type RevocationOrder,
  type RevocationReason,
  type RevokedMember,
  revocationReasons,
} from "./admin/commands.ts";
export type { Listen } from "./home/coordinator-home.ts";
export { type FoundedAlliance, type InitOptions, initAlliance } from "./home/init-alliance.ts";
export type { CoordinatorLog, LogEntry } from "./log.ts";
export { type CoordinatorOptions, type RunningCoordinator, startCoordinator } from "./start-coordinator.ts";
export {
  type BackupReport,
  backupStore,
  type CoordinatorStore,
  openCoordinatorStore,
  restoreStore,
  type StoreTarget,
} from "./store/index.ts";
