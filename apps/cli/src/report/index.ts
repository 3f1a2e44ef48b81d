export { fileLoads, summariseSent } from "./file-loads.ts";
export { renderReport } from "./render-report.ts";
export type {
  HospitalReport,
  LeftTheHospital,
  LoadReport,
  ReportOptions,
  ReproducibilityRecord,
  StudyWords,
} from "./report-options.ts";
export { studyWords } from "./study-words.ts";
