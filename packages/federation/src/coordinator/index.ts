export type { Absorbed, AnalysisRefusal, CoordinatorPart } from "../analysis.ts";
export type { StudyResult } from "../result.ts";
