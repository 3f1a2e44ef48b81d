export type { AnalysisTable, ExcludedRows, SourceColumn, SourceTable } from "./analysis-table.ts";
