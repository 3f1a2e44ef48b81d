export { exportCsv, exportJson } from "./export-results.ts";
export {
  addOverride,
  type HomeQualityRun,
  listQualityRuns,
  type QualityPoint,
  type QualityReport,
  readFailingRows,
  readOverrides,
  readQualityReport,
  runQualityInHome,
} from "./quality-in-home.ts";
export type { FailingRow, LoadRequirement, QualityRun } from "./quality-store.ts";
export { type QualityProgress, type QualityRunOptions, runQuality } from "./run-quality.ts";
