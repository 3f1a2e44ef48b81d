export type {
  Analysis,
  BoostedTrees,
  Cox,
  CumulativeIncidence,
  Describe,
  GeneralisedLinearModel,
  IncidenceRates,
  KaplanMeier,
  LogisticRegression,
  MetaAnalysis,
  Network,
  StandardCell,
  TreatmentEffect,
} from "./analyses/index.ts";
export type {
  EvaluationRequest,
  FrozenStudy,
  HashedFile,
  MissingValues,
  Purpose,
  StudyDocument,
  Variable,
  VariableQuality,
  VariableRole,
  VariableType,
} from "./document.ts";
export type { Cell, CellReader, Missing, MissingReason, Value } from "./expressions/closure.ts";
export {
  type CompiledExpression,
  checkExpression,
  compileColumn,
  compileExpression,
  type ExpressionOptions,
} from "./expressions/compile.ts";
export type { ExpressionType } from "./expressions/expression.ts";
export type { SqlExpression } from "./expressions/sql.ts";
export type { ColumnTypes } from "./expressions/types.ts";
export { freezeStudy, frozenFiles, namedFiles, parseFrozen } from "./freeze.ts";
export { studyJsonSchema, studyJsonSchemaText } from "./json-schema.ts";
export { type CheckedStudy, checkStudy, parseStudy, type SourceOptions } from "./parse.ts";
export { type DesignColumn, type DesignMatrix, designMatrix, type Factor, referenceLevel } from "./terms.ts";
