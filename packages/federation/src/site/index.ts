export type { SitePart } from "../analysis.ts";
