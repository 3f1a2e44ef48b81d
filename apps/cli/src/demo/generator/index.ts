export { DEMO_SEED, type DemoHospital } from "./hospitals.ts";
export { type DemoExport, writeDemoExports } from "./write-exports.ts";
