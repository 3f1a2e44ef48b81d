export { DEMO_HOSPITALS, DEMO_SEED, type DemoHospital } from "./hospitals.ts";
export { type DemoExport, demoMappingPath, writeDemoExports } from "./write-exports.ts";
