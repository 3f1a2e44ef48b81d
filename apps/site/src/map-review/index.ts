export { type CodeTable, type NamedCode, nameOpenCodes, readNamedCodes } from "./name-codes.ts";
export {
  exportList,
  findConcepts,
  findTargets,
  importList,
  type MapFormat,
  publishList,
  suggestForList,
} from "./review-map.ts";
export { type HistoryEntry, type ListedCode, type ListProgress, ReviewStore } from "./review-store.ts";
export type { Suggestion } from "./suggest.ts";
