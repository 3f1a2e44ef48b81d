import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { studyJsonSchema, studyJsonSchemaText } from "./json-schema.ts";

test("study.schema.json is what the schema generates now", () => {
  const committed = readFileSync(new URL("../study.schema.json", import.meta.url), "utf8");
  assert.equal(committed, studyJsonSchemaText(), "write studyJsonSchemaText() to packages/study/study.schema.json");
});

test("a field with a default may be absent, one without may not", () => {
  assert.deepEqual([...(studyJsonSchema().required ?? [])].sort(), ["analysis", "data", "dure", "id", "purpose", "title"]);
});
