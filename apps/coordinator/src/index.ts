export {
  type BackupReport,
  backupStore,
  type CoordinatorStore,
  openCoordinatorStore,
  restoreStore,
  type StoreTarget,
} from "./store/index.ts";
