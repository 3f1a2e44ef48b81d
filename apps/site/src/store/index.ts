export { openClinicalStore, openClinicalStoreWaiting } from "./open-clinical-store.ts";
export { readFlatTable } from "./clinical-flat.ts";
export type { ClinicalStore } from "./clinical-store.ts";
export { readResearchTable } from "./clinical-table.ts";
export { SiteStore } from "./site-store.ts";
