export { type IngestOptions, ingestExports } from "../ingest/ingest-exports.ts";
export { type HomeLoad, ingestIntoHome, listLoads } from "../ingest/ingest-into-home.ts";
export type { LoadReport } from "../ingest/load-report.ts";
export { mappingSkeleton } from "../sources/mapping-skeleton.ts";
export { type SniffedFile, sniffFile } from "../sources/sniff-file.ts";
export { loadIntoHome, type PlannedLoad } from "./load-into-home.ts";
export { warnOfExcluded } from "./mostly-excluded.ts";
