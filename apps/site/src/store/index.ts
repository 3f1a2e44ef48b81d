export { readFlatTable } from "./clinical-flat.ts";
export type { ClinicalStore } from "./clinical-store.ts";
export { readResearchTable } from "./clinical-table.ts";
export {
  type ClinicalEngine,
  clinicalEngine,
  openClinicalStore,
  openClinicalStoreWaiting,
  useDuckdb,
  usePostgres,
} from "./open-clinical-store.ts";
export { SiteStore } from "./site-store.ts";
