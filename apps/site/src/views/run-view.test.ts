import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { parseViewDefinition } from "@dure/clinical/view-definition";
import { DureError } from "@dure/kernel";
import { readNdjson } from "./read-ndjson.ts";
import { runView } from "./run-view.ts";

const view = parseViewDefinition({
  file: "view.yaml",
  text: `
    resource: Patient
    select:
      - column:
          - { name: id, path: getResourceKey() }
          - { name: active, path: active, type: boolean }
          - { name: codes, path: extension.value.ofType(code), collection: true }
          - { name: address, path: address.first() }`,
});
const LINES = [
  `{"resourceType":"Patient","id":"a","active":true,"extension":[{"url":"u","valueCode":"x"},{"url":"v","valueCode":"y"}]}`,
  `{"resourceType":"Observation","id":"o"}`,
  "",
  `{"resourceType":"Patient","id":"b","address":[{"city":"Seoul"}]}`,
];

async function inFolder(work: (folder: string, file: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "dure-view-"));
  try {
    const file = join(folder, "resources.ndjson");
    writeFileSync(file, `\uFEFF${LINES.join("\r\n")}`);
    await work(folder, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("a view over NDJSON becomes a Parquet file that only its owner reads, and a CSV file of the same rows", () =>
  inFolder(async (folder, file) => {
    const outPath = join(folder, "patients.parquet");
    assert.deepEqual(await runView({ view, resources: readNdjson([file]), outPath }), { resourcesIn: 3, resourcesOfType: 2, rowsOut: 2 });
    assert.equal(statSync(outPath).mode & 0o777, 0o600);
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const read = await connection.runAndReadAll(`SELECT id, active, len(codes), address FROM read_parquet('${outPath}') ORDER BY id`);
    assert.deepEqual(read.getRowsJS(), [
      ["a", true, 2n, null],
      ["b", null, 0n, '{"city":"Seoul"}'],
    ]);
    await runView({ view, resources: readNdjson([file]), outPath: join(folder, "patients.csv") });
    assert.equal(readFileSync(join(folder, "patients.csv"), "utf8").split("\n")[0], "id,active,codes,address");
    assert.deepEqual(readdirSync(folder).sort(), ["patients.csv", "patients.parquet", "resources.ndjson"]);
  }));

test("a value that is not of its column's declared type is told by column, and not by the value", () =>
  inFolder(async (folder, file) => {
    const typed = (path: string, type: string) =>
      parseViewDefinition({
        file: "view.json",
        text: JSON.stringify({ resource: "Patient", select: [{ column: [{ name: "cell", path, type }] }] }),
      });
    const run = (path: string, type: string) =>
      runView({ view: typed(path, type), resources: readNdjson([file]), outPath: join(folder, "out.csv") });
    for (const [path, type] of [
      ["id", "integer"],
      ["id", "decimal"],
      ["address.city", "boolean"],
      ["id & '.5'", "integer64"],
    ] as const) {
      const error = await run(path, type).then(
        () => undefined,
        (cause: unknown) => cause,
      );
      assert(error instanceof DureError && error.code === "view/wrong-type" && error.cause === undefined, `${path} ${type}: ${error}`);
      assert.deepEqual([error.problems[0]?.place.column, error.problems[0]?.place.path], ["cell", path]);
    }
    for (const [path, type] of [
      ["active", "boolean"],
      ["1 + 1", "integer"],
      ["'12'", "integer64"],
      ["1.5", "decimal"],
    ] as const) {
      assert.equal((await run(path, type)).rowsOut, 2, `${path} ${type}`);
    }
    assert.deepEqual(readdirSync(folder).sort(), ["out.csv", "resources.ndjson"]);
  }));

test("a view that finds nothing gives a table without rows", () =>
  inFolder(async (folder) => {
    const outPath = join(folder, "none.csv");
    const report = await runView({ view, resources: readNdjson([]), outPath });
    assert.equal(report.rowsOut, 0);
    assert.equal(readFileSync(outPath, "utf8").trim(), "id,active,codes,address");
  }));

test("a line that is no resource is told by file and line, and nothing is left behind", () =>
  inFolder(async (folder, file) => {
    writeFileSync(file, `${LINES[0]}\n{"resourceType": canary\n`);
    const failed = runView({ view, resources: readNdjson([file]), outPath: join(folder, "out.parquet") });
    await assert.rejects(failed, (error: Error) => /resources\.ndjson/.test(error.message) && !/canary/.test(error.message));
    assert(!existsSync(join(folder, "out.parquet")));
    assert.deepEqual(readdirSync(folder), ["resources.ndjson"]);
  }));

test("a file name that says no known format is refused before anything is read", () =>
  inFolder(async (folder, file) => {
    await assert.rejects(runView({ view, resources: readNdjson([file]), outPath: join(folder, "out.xls") }), {
      code: "view/unknown-format",
    });
  }));
