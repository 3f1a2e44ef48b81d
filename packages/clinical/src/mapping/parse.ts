/** A mapping document from its text, with every problem of the file reported at once. */

import { type DocumentSource, readDocument } from "../document/read-document.ts";
import { checkMapping } from "./check.ts";
import { type Mapping, mappingSchema } from "./schema.ts";

/** @throws DureError `mapping/*` with every problem, each with line and path. */
export function parseMapping(source: DocumentSource): Mapping {
  return readDocument(source, { component: "mapping", schema: mappingSchema, check: checkMapping });
}
