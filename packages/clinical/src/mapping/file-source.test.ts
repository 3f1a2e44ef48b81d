import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { exportFile } from "./file-source.ts";

const schema = exportFile({ person: z.string() });
const parse = (value: Readonly<Record<string, unknown>>) => schema.parse({ person: "PATNO", ...value });
const DELIMITED = { path: "labs.csv", delimiter: "comma", encoding: "cp949" };
const CONNECTION = { variable: "EMR_ADDRESS" };

test("a file without a format is delimited text; a table is called by schema and name", () => {
  assert.deepEqual(parse(DELIMITED), { ...DELIMITED, format: "delimited", mayBeEmpty: false, person: "PATNO" });
  const table = parse({ format: "postgresql", table: "검사 결과", connection: CONNECTION });
  assert(table.format === "postgresql");
  assert.deepEqual([table.path, table.tls, table.connection], ["public.검사 결과", "verified", CONNECTION]);
  const sheet = parse({ format: "xlsx", path: "labs.xlsx", sheet: 2, headerRow: 3 });
  assert(sheet.format === "xlsx");
  assert.deepEqual([sheet.sheet, sheet.headerRow], [2, 3]);
});

test("each mistake is told at its key, and a message of ours in Korean too", () => {
  const refusals: readonly (readonly [value: Readonly<Record<string, unknown>>, path: string])[] = [
    [{ ...DELIMITED, format: "sqlite" }, "format"],
    [{ ...DELIMITED, format: "toString" }, "format"],
    [{ ...DELIMITED, sheet: 1 }, ""],
    [{ ...DELIMITED, path: "../labs.csv" }, "path"],
    [{ format: "xlsx", path: "a.xlsx", sheet: 0 }, "sheet"],
    [{ format: "xlsx", path: "a.xlsx", encoding: "utf-8" }, ""],
    [{ format: "parquet", path: "a.parquet", timeZone: "Korea/Nowhere" }, "timeZone"],
    [{ format: "postgresql", table: "labs" }, "connection"],
    [{ format: "postgresql", table: "labs", connection: "postgresql://user:password@host/emr" }, "connection"],
    [{ format: "postgresql", table: "labs", connection: { variable: "lower case" } }, "connection"],
    [{ format: "postgresql", table: "labs", connection: CONNECTION, query: "SELECT 1" }, ""],
    [{ format: "postgresql", table: "a".repeat(64), connection: CONNECTION }, "table"],
  ];
  for (const [value, path] of refusals) {
    const result = schema.safeParse({ person: "PATNO", ...value });
    assert.equal(result.success, false, JSON.stringify(value));
    const [issue] = result.error?.issues ?? [];
    assert.equal(issue?.path[0] ?? "", path, JSON.stringify(value));
    if (issue?.code === "custom") assert.match(String(issue.params?.["ko"]), /[가-힣]/);
  }
});
