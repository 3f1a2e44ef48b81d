export { type CodeCandidate, codeCandidates } from "./code-candidates.ts";
export { conceptsInText, type DocumentConcept } from "./document-concepts.ts";
export { icdO3Code } from "./korean/icd-o-3.ts";
export { type KcdEdition, kcdEditionOn } from "./korean/kcd.ts";
export { findKoreanVocabulary, INSURANCE_TYPES } from "./korean/kr-core.ts";
export { type CopaymentReason, findCopaymentReason, V_CODE_DOMAIN } from "./korean/v-code.ts";
export { readCodeList } from "./review/code-list.ts";
export {
  MAPPING_STATUSES,
  MAPPING_TYPES,
  type MappingStatus,
  type MappingType,
  type ReviewedCode,
  type ReviewedTarget,
} from "./review/reviewed-code.ts";
export { type ConceptMapRow, readConceptMap, writeConceptMap } from "./review/source-to-concept-map.ts";
export { readUsagiCsv, writeUsagiCsv } from "./review/usagi-csv.ts";
