/** For tests only: what a test of the whole command needs to write sources and to read what became of them. */

export { readEverything, readPostgres, type Written } from "./home/testing-read-home.ts";
export { generateHospital } from "./ingest/testing-hospital.ts";
export { type BulkServer, bulkServer } from "./intake/fhir/bulk/bulk-server.testing.ts";
export { openSender } from "./intake/hl7v2/testing-sender.ts";
export { testHome, writeSources } from "./load/testing-home.ts";
export { runOnPostgres, writeParquet } from "./sources/testing-source.ts";
export { textSheet, workbookOf } from "./sources/testing-workbook.ts";
export { writeAthena } from "./vocabulary/testing-vocabulary.ts";
