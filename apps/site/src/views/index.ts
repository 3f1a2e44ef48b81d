export { readNdjson } from "./read-ndjson.ts";
export { runView, type ViewRun, type ViewRunReport } from "./run-view.ts";
export { takenIn } from "./taken-in.ts";
