import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { DureError } from "@dure/kernel";
import { sharedData } from "@dure/kernel/testing";
import { researchTable } from "../ingest/testing.ts";
import { readFlatTable } from "./clinical-flat.ts";

const folder = mkdtempSync(join(tmpdir(), "dure-flat-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const HEADER = "inst,time,status,age,sex,ph.ecog,ph.karno,pat.karno,meal.cal,wt.loss";

test("a flat file keeps its rows in order under keys that sort as they lie, and an empty cell is missing", async () => {
  const rows = Array.from({ length: 3000 }, (_, i) => `${i % 18},${i},1,60.5,2,,90,100,,${i === 7 ? "" : -i}`);
  const table = await readFlatTable(file("lung.csv", `${HEADER}\n${rows.join("\n")}\n`), researchTable("lung"));
  assert.equal(table.rowKeys.length, 3000);
  assert.deepEqual(table.rowKeys, [...table.rowKeys].sort());
  assert.deepEqual([table.rowKeys[0], table.rowKeys[2999]], ["000000000", "000002999"]);
  const time = table.columns.get("time");
  const loss = table.columns.get("wt.loss");
  assert(time?.kind === "number" && loss?.kind === "number");
  assert.deepEqual(
    [...time.values],
    Array.from({ length: 3000 }, (_, i) => i),
  );
  assert.deepEqual([loss.missing[7], loss.values[7], loss.missing[8], loss.values[8]], [1, 0, 0, -8]);
});

test("a column without a declared type is a number if all of it is, else text; delimiters are found", async () => {
  const table = await readFlatTable(file("plain.tsv", "a\tb\tc d\n1\tx\t\n2e3\t\t0\n"));
  assert.deepEqual(
    [...table.columns].map(([name, { kind }]) => `${name} ${kind}`),
    ["a number", "b text", "c d number"],
  );
  const b = table.columns.get("b");
  assert(b?.kind === "text");
  assert.deepEqual(
    [b.values, [...b.missing]],
    [
      ["x", ""],
      [0, 1],
    ],
  );
});

test("Parquet gives the same table as CSV", async () => {
  const path = join(folder, "same.parquet");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT i AS a, i % 2 = 0 AS b, CASE WHEN i = 3 THEN NULL ELSE 'x' || i END AS c FROM range(5) t(i)) TO '${path}'`,
  );
  connection.closeSync();
  instance.closeSync();
  const parquet = await readFlatTable(path);
  const csv = await readFlatTable(file("same.csv", "a,b,c\n0,true,x0\n1,false,x1\n2,true,x2\n3,false,\n4,true,x4\n"));
  assert.deepEqual(parquet, csv);
});

test("bad cells, missing columns and broken rows are refused by row and column", async () => {
  const table = researchTable("diabetes130");
  const names = Object.keys(table.columns);
  const good: readonly string[] = names.map((name) => (name === "centre" ? "P1" : "1"));
  const line = (cells: readonly string[]): string => cells.join(",");
  const refusals: readonly (readonly [readonly string[], string])[] = [
    [[line(names), line(good), line(good.with(names.indexOf("age"), "old"))], "table/bad-cell 2 age"],
    [[line(names), line(good.with(names.indexOf("female"), "2"))], "table/bad-cell 1 female"],
    [[line(names.slice(1)), line(good.slice(1))], "ingest/missing-column  encounter_id"],
    [[line(names), line(good.slice(1))], "ingest/missing-columns 1 "],
  ];
  for (const [i, [lines, expected]] of refusals.entries()) {
    const error = await readFlatTable(file(`bad${i}.csv`, `${lines.join("\n")}\n`), table).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    assert(error instanceof DureError);
    assert.deepEqual(
      error.problems.map(({ code, place }) => `${code} ${place.row ?? ""} ${place.column ?? ""}`),
      [expected],
    );
  }
  await assert.rejects(readFlatTable(join(folder, "absent.csv")), { code: "ingest/missing-file" });
});

for (const [id, path, rowCount] of [
  ["lung", "studies/lung/lung.csv", 228],
  ["diabetes130", "studies/diabetes130/diabetes_tidy.csv", 99343],
  ["breast-registry", "studies/breast/core_METABRIC-1.csv", 466],
] as const) {
  const shared = sharedData(path);
  test(`${path} reads as the table ${id}`, { skip: shared === undefined ? "no shared data" : false }, async () => {
    assert(shared !== undefined);
    const table = await readFlatTable(shared, researchTable(id));
    assert.equal(table.rowKeys.length, rowCount);
    for (const name of Object.keys(researchTable(id).columns)) assert(table.columns.has(name), name);
  });
}
