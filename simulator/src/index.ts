export type { KillPoint, StoredEffect } from "./faults.ts";
export { type SimulatedSite, type Simulation, type SimulationOutcome, simulate } from "./simulate.ts";
export type { LeftMessage } from "./site-process.ts";
