import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sourceFolder, writeParquet } from "./testing-source.ts";

const SOURCE = "format: parquet\npath: labs.parquet";
const GOOD = "SELECT 'A' || i AS PATNO, TIMESTAMP '2024-03-05 10:00:00' AS TAKEN, i / 2 AS RESULT, '여' AS NOTE FROM range(2000) t(i)";

async function parquet(folder: string, query: string): Promise<Buffer> {
  const path = join(folder, "labs.parquet");
  await writeParquet(path, query);
  return readFileSync(path);
}

test("typed cells become the text that a mapping reads: dates as declared, whole numbers without a point", async () => {
  using folder = sourceFolder();
  await parquet(
    folder.path,
    `SELECT * FROM (VALUES (10000001.0::DOUBLE, DATE '2024-03-05', 13.50::DECIMAL(9,2), '여'), (NULL, NULL, 0.1, NULL)) t(PATNO, TAKEN, RESULT, NOTE)`,
  );
  const read = await folder.read(SOURCE);
  assert.deepEqual(read.rows, [
    ["10000001", "2024-03-05 00:00", "13.50", "여"],
    [null, null, "0.10", null],
  ]);
});

test("a point in time has a day only where the mapping names the zone", async () => {
  using folder = sourceFolder();
  await parquet(folder.path, "SELECT 'A1' AS PATNO, TIMESTAMPTZ '2024-03-05 16:30:00+00' AS TAKEN, 1 AS RESULT, '여' AS NOTE");
  assert.deepEqual(
    (await folder.problemsOf(SOURCE)).map(({ code, place }) => `${code} ${place.column}`),
    ["ingest/needs-time-zone TAKEN"],
  );
  assert.deepEqual((await folder.read(`${SOURCE}\ntimeZone: Asia/Seoul`)).rows, [["A1", "2024-03-06 01:30", "1", "여"]]);
});

test("each wrong Parquet file is refused by name, and what is read of it is not kept", async () => {
  using folder = sourceFolder();
  const good = await parquet(folder.path, GOOD);
  const damaged = Buffer.from(good);
  damaged.fill(0xff, 40, 400);
  const refusals: readonly (readonly [content: Uint8Array, problem: string, says: RegExp])[] = [
    [good.subarray(0, good.length / 2), "ingest/bad-parquet", /footer/],
    [good.subarray(0, good.length - 4), "ingest/bad-parquet", /footer/],
    [damaged, "ingest/bad-parquet", /damaged/],
    [Buffer.from("PATNO,TAKEN\nA1,2024-03-05\n"), "ingest/bad-parquet", /no Parquet file/],
    [Buffer.alloc(0), "ingest/empty-file", /./],
  ];
  for (const [content, code, says] of refusals) {
    folder.write("labs.parquet", content);
    const [problem, ...others] = await folder.problemsOf(SOURCE);
    assert.deepEqual([problem?.code, problem?.place.file, others.length], [code, "labs.parquet", 0]);
    assert.match(problem?.what.en ?? "", says);
  }
  await parquet(folder.path, "SELECT [1] AS PATNO, 1 AS TAKEN, {a: 1} AS RESULT, 'x'::BLOB AS OTHER");
  assert.deepEqual(
    (await folder.problemsOf(SOURCE)).map(({ code, place }) => `${code} ${place.column}`),
    ["ingest/not-text PATNO", "ingest/not-text RESULT"],
  );
});
