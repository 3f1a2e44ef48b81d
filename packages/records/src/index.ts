export type { AnalysisTable, ExcludedRows, SourceColumn, SourceTable } from "./analysis-table.ts";
export { designColumnValues } from "./design-matrix.ts";
export { foldOf } from "./fold.ts";
export { type Persons, personKeys, personsOf, personsOfStudy } from "./persons.ts";
export { prepareAnalysisTable, selectRows } from "./prepare.ts";
export { sourceTable } from "./source-table.ts";
export { hashTable } from "./table-hash.ts";
export { judgeVariables, type QualityAspect, type QualityJudgement, type RecordEvidence } from "./variable-quality.ts";
