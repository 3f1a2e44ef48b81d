/** JSON Schema of the study document, for editors and forms; `study.schema.json` in this package is its committed output. */

import { z } from "zod";
import { studySchema } from "./schema.ts";

/** Draft 2020-12, of the document as people write it: a field with a default may be absent. */
export function studyJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(studySchema, { target: "draft-2020-12", io: "input" });
}

/** As the committed file holds it. */
export const studyJsonSchemaText = (): string => `${JSON.stringify(studyJsonSchema(), null, 2)}\n`;
