export { type CompiledView, compileView, readResource, type ViewCell, type ViewRow } from "./evaluate.ts";
export { parseViewDefinition } from "./parse.ts";
export type { ViewColumn, ViewDefinition } from "./schema.ts";
