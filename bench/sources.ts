/** How fast each format becomes the loader's text cells: generated laboratory results of 12 columns, all of them read. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseMapping } from "@dure/clinical";
import { countRows, runOnPostgres, writeParquet } from "../apps/site/src/sources/testing-source.ts";
import { cells, workbookOf } from "../apps/site/src/sources/testing-workbook.ts";
import { startTestPostgres } from "../scripts/test-postgres.ts";

const ROWS = 200_000;
const COLUMNS = ["ORDNO", "PATNO", "ORDERED", "TAKEN", "CODE", "RESULT", "UNIT", "LOW", "HIGH", "WARD", "DEPT", "DCYN"];
const SELECT = `SELECT i AS "ORDNO", 'P' || i % 20000 AS "PATNO", DATE '2015-01-01' + (i % 3000)::int AS "ORDERED", TIMESTAMP '2015-01-02 10:30:00' AS "TAKEN",
  'L' || i % 50 AS "CODE", (i % 997) / 7.0 AS "RESULT", 'mg/dL' AS "UNIT", 0.6 AS "LOW", 1.2 AS "HIGH", 'W' || i % 40 AS "WARD", 'D' || i % 30 AS "DEPT", 'N' AS "DCYN"`;

export interface SourceBenchmark {
  readonly format: string;
  readonly rowsPerSecond: number;
  /** Of this process, over all threads: on a machine busy with other work, seconds say little. */
  readonly rowsPerCpuSecond: number;
}

/** PostgreSQL only where a server can be had. */
export async function benchSources(): Promise<readonly SourceBenchmark[]> {
  const directory = await mkdtemp(join(tmpdir(), "dure-bench-"));
  const start = await startTestPostgres();
  try {
    await writeParquet(join(directory, "labs.parquet"), `${SELECT} FROM range(${ROWS}) t(i)`);
    await writeFile(join(directory, "labs.xlsx"), workbook());
    const results = [await measure(directory, "parquet", "format: parquet, path: labs.parquet")];
    results.push(await measure(directory, "xlsx", "format: xlsx, path: labs.xlsx"));
    if (start.kind === "started") {
      const filled = `CREATE TABLE labs AS ${SELECT} FROM generate_series(0, ${ROWS - 1}) t(i); ALTER TABLE labs ADD PRIMARY KEY ("ORDNO")`;
      await runOnPostgres(start.postgres.url, filled);
      process.env["DURE_BENCH_SOURCE"] = start.postgres.url;
      results.push(
        await measure(directory, "postgresql", "format: postgresql, table: labs, connection: { variable: DURE_BENCH_SOURCE }, tls: off"),
      );
    }
    return results;
  } finally {
    if (start.kind === "started") await start.postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(directory: string, format: string, source: string): Promise<SourceBenchmark> {
  const values = COLUMNS.map((name) => `v${name.toLowerCase()}: { text: ${name} }`).join(", ");
  const born = '{ codeConcept: CODE, codes: { F: female } }, born: { date: TAKEN, format: "%Y-%m-%d %H:%M" }';
  const mapping = parseMapping({
    file: "mapping.yaml",
    text: `{ dureMapping: 1, id: bench, version: 1, title: { en: Bench, ko: 시험 }, recordType: ehr, persons: labs,
      files: { labs: { ${source}, person: PATNO, values: { sex: ${born}, ${values} }, rows: [{ to: person, gender: sex, yearOfBirth: { date: born } }] } },
      observationPeriod: { rule: { en: One day., ko: 하루. }, start: [{ value: labs.born }], end: [{ value: labs.born }], withoutEnd: one-day } }`,
  });
  const definition = mapping.files["labs"];
  if (definition === undefined) throw new Error("the mapping has one file");
  const copyPath = join(directory, "copy.csv");
  try {
    const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
    const rowCount = await countRows({ definition, directory, columns: COLUMNS, copyPath, rejects: "rejects_0" });
    const rowsPerSecond = Math.round((1000 * ROWS) / (performance.now() - startMs));
    if (rowCount !== ROWS) throw new Error(`${format}: ${rowCount} of ${ROWS} rows were read`);
    const cpu = process.cpuUsage(startCpu);
    const rowsPerCpuSecond = Math.round((1e6 * ROWS) / (cpu.user + cpu.system));
    console.log(`${format}: ${ROWS} rows of 12 columns, ${rowsPerSecond} rows/s, ${rowsPerCpuSecond} rows a second of processor`);
    return { format, rowsPerSecond, rowsPerCpuSecond };
  } finally {
    await rm(copyPath, { force: true });
  }
}

/** Texts are shared strings, as Excel writes them. */
function workbook(): Buffer {
  const shared = Array.from({ length: 1000 }, (_, i) => `값 ${i}`);
  const rows = Array.from({ length: ROWS }, (_, i) => [
    ...[cells.number(String(i)), cells.shared(i % 1000), cells.date(42_000 + (i % 3000)), cells.date(42_000.4375), cells.shared(i % 50)],
    ...[cells.number(String((i % 997) / 7)), cells.shared(7), cells.number("0.6"), cells.number("1.2"), cells.shared(i % 40)],
    ...[cells.shared(i % 30), cells.shared(9)],
  ]);
  return workbookOf([{ name: "labs", rows: [COLUMNS.map(cells.text), ...rows] }], shared);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await benchSources();
