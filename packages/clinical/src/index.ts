export {
  CONCEPTS,
  type Concept,
  type ConceptName,
  conceptNames,
  findConcept,
  isConceptName,
  LOCAL_CONCEPT_ID_MIN,
  unitConceptId,
} from "./concepts.ts";
export { type DocumentSource, FILL_IN } from "./document/read-document.ts";
export { parseLoadPlan } from "./load-plan/parse.ts";
export type { LoadPlan, LoadSource } from "./load-plan/schema.ts";
export { conceptsOf } from "./mapping/check.ts";
export { keepsRows, lookupSteps } from "./mapping/check-lookups.ts";
export type { Lookup, LookupTable } from "./mapping/lookup-schema.ts";
export { parseMapping } from "./mapping/parse.ts";
export { findFileValue, findValue, kindOf, type ResolvedValue, referencesOf, unitsOf, type ValueKind } from "./mapping/resolve.ts";
export { conditionsIn, type RowReference, referencesIn } from "./mapping/row-references.ts";
export type {
  ConceptReference,
  Mapping,
  MappingCondition,
  MappingFile,
  MappingRow,
  MappingValue,
  PeriodDate,
  ValueCondition,
} from "./mapping/schema.ts";
export { usesOf, type ValueUse } from "./mapping/uses.ts";
export {
  isOmopTable,
  isSharedVocabulary,
  OMOP_TABLES,
  OMOP_VERSION,
  type OmopField,
  type OmopRow,
  type OmopTable,
  omopFields,
  omopTables,
} from "./omop/cdm.ts";
export { type BrokenField, checkOmopRow, type RowCheck } from "./omop/check-row.ts";
export { createOmopTables, duckdbType, quoteIdentifier } from "./omop/ddl.ts";
export {
  type OmopSourceVersion,
  renamedField,
  versionOfColumns,
} from "./omop/from-5.3.ts";
export { isIdentifying } from "./omop/identifying-fields.ts";
export { parseResearchTable, sourceReferences } from "./research-table/parse.ts";
export type { ColumnSource, ResearchColumn, ResearchTable } from "./research-table/schema.ts";
export { type ConversionFactor, findConversion, isUnit, type Unit, unitNames } from "./units.ts";
export {
  type CodeTarget,
  EQUIVALENCES,
  type Equivalence,
  type ResolvedCode,
  type SourceCode,
  sourceCodeKey,
  UNMAPPED,
} from "./vocabulary/source-code.ts";
