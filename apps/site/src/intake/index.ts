export { type BulkAccess, bulkIntoHome, cancelBulkOfHome } from "./bulk-into-home.ts";
export type { BulkReport } from "./fhir/bulk/bulk-export.ts";
export type { FaultPolicy, TakeInReport } from "./fhir/take-in-files.ts";
export { type HomeHl7Files, type HomeListener, listenIntoHome, takeInHl7IntoHome } from "./hl7v2/hl7-into-home.ts";
export type { Hl7FileReport } from "./hl7v2/take-files.ts";
export { type HomeIntake, type IntakeStatus, intakeStatus, takeInIntoHome } from "./intake-into-home.ts";
export type { DeliveryReport } from "./intake-store.ts";
